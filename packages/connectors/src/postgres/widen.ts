import { type Client, DatabaseError, escapeIdentifier } from 'pg'
import type { WriteNotice } from '../interface.ts'
import { type ColumnType, columnType } from './column-types.ts'
import type { Table, TableColumn } from './table-names.ts'

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
  /** Columns that stay as they are, with the server's reason, by the dataset's names. */
  readonly refused: ReadonlyMap<string, string>
}

/**
 * Gives columns wider types. What stands in them stays, in the new type. A column that a view, a rule or a foreign key
 * needs as it is, or that belongs to somebody else, is left.
 *
 * @param copy an empty copy of the table in a transaction that is open: it is changed in the table's place
 */
export async function widenColumns(
  client: Client,
  table: Table,
  widenings: readonly Widening[],
  copy: Table | null = null,
): Promise<WidenedColumns> {
  const types = new Map<string, ColumnType>()
  const notices: WriteNotice[] = []
  const refused = widenings.length === 0 ? new Map<string, string>() : await fixedColumns(client, table)
  const savepoint = 'SAVEPOINT latchwork_widening'
  const { open, keep, undo } =
    copy === null
      ? { open: 'BEGIN', keep: 'COMMIT', undo: 'ROLLBACK' }
      : { open: savepoint, keep: `RELEASE ${savepoint}`, undo: `ROLLBACK TO ${savepoint}` }
  const changed = (copy ?? table).quoted
  for (const { column, from, to, example } of widenings) {
    if (refused.has(column.name)) continue
    try {
      await client.query(
        `${open}; SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
         ALTER TABLE ${changed} ALTER COLUMN ${column.quoted} TYPE ${to} USING ${column.quoted}::${to};
         ${keep}`,
      )
      types.set(column.name, columnType(to === 'timestamptz' ? 'timestamp with time zone' : to))
      notices.push({
        code: 'column_widened',
        column: column.name,
        count: 1,
        message: `The column ${column.label} became ${to}: it was ${from.sql}, which can't hold “${example}”.`,
      })
    } catch (error) {
      await client.query(undo)
      if (!isAboutColumn(error)) throw error
      refused.set(column.name, error.message)
    }
  }
  return { types, notices, refused }
}

/** Columns that the catalogue shows to be needed as they are, with what the server would say. */
async function fixedColumns(client: Client, table: Table): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; own: boolean; viewed: boolean }>(
    `SELECT a.attname AS name, pg_has_role(c.relowner, 'USAGE') AS own,
            EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum) AS viewed
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.oid = to_regclass($1)`,
    [table.quoted],
  )
  const reasons = new Map(
    rows.map(({ name, own, viewed }) => [
      escapeIdentifier(name),
      own
        ? viewed
          ? 'cannot alter type of a column used by a view or rule'
          : null
        : `must be owner of table ${table.name}`,
    ]),
  )
  return new Map(
    table.columns.flatMap(({ name, quoted }) => {
      const reason = reasons.get(quoted)
      return reason == null ? [] : [[name, reason]]
    }),
  )
}

/** Rights, dependent views, rules, indexes, defaults, foreign keys, generated columns. */
function isAboutColumn(error: unknown): error is DatabaseError {
  const states = ['42501', '0A000', '2BP01', '42804', '42704', '42P16', '42883', '22023', '23514', '42846']
  return error instanceof DatabaseError && states.includes(error.code ?? '')
}
