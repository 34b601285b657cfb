import { type Client, DatabaseError } from 'pg'
import type { WriteNotice } from '../interface.ts'
import { type ColumnType, columnType } from './column-types.ts'
import type { Table, TableColumn } from './table.ts'

/** A column whose type is too narrow for a page, and a value that shows it. */
export interface Widening {
  readonly column: TableColumn
  readonly from: ColumnType
  /** As SQL names it. */
  readonly to: string
  readonly example: string
}

export interface WidenedColumns {
  /** The new types, by the dataset's names of columns. */
  readonly types: ReadonlyMap<string, ColumnType>
  readonly notices: readonly WriteNotice[]
  /** Columns that stay as they are, with the server's reason. */
  readonly refused: ReadonlyMap<string, string>
}

/**
 * Gives columns wider types. What stands in them stays, in the new type. A column that a view, a rule or a foreign key
 * needs as it is, or that belongs to somebody else, is left.
 */
export async function widenColumns(
  client: Client,
  table: Table,
  widenings: readonly Widening[],
): Promise<WidenedColumns> {
  const types = new Map<string, ColumnType>()
  const notices: WriteNotice[] = []
  const refused = new Map<string, string>()
  for (const { column, from, to, example } of widenings) {
    try {
      await client.query(
        `BEGIN; SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
         ALTER TABLE ${table.quoted} ALTER COLUMN ${column.quoted} TYPE ${to} USING ${column.quoted}::${to};
         COMMIT`,
      )
      types.set(column.name, columnType(to === 'timestamptz' ? 'timestamp with time zone' : to))
      notices.push({
        code: 'column_widened',
        column: column.name,
        count: 1,
        message: `The column ${column.label} became ${to}: it was ${from.sql}, which can't hold “${example}”.`,
      })
    } catch (error) {
      await client.query('ROLLBACK')
      if (!isAboutColumn(error)) throw error
      refused.set(column.name, error.message)
    }
  }
  return { types, notices, refused }
}

/** Rights, dependent views, rules, indexes, defaults, foreign keys, generated columns. */
function isAboutColumn(error: unknown): error is DatabaseError {
  const states = ['42501', '0A000', '2BP01', '42804', '42704', '42P16', '42883', '22023', '23514', '42846']
  return error instanceof DatabaseError && states.includes(error.code ?? '')
}
