import type { Client } from 'pg'
import { unfitTable } from './failures.ts'
import type { Table } from './table-names.ts'

export interface ExistingColumn {
  readonly name: string
  /** As SQL names it: `numeric(10,2)`. */
  readonly type: string
  /** Of its type, as the catalogue has it: `A` for arrays. */
  readonly category: string
  readonly unique: boolean
  readonly notNull: boolean
  /** A row that says nothing of it is refused. */
  readonly required: boolean
  /** The database alone says what stands in it. */
  readonly generated: boolean
  readonly comment: string | null
}

/** The columns of a table by name; null: there is none. */
export type Existing = ReadonlyMap<string, ExistingColumn> | null

/**
 * @throws LatchworkError `invalid_input` when what stands there is no table
 */
export async function findTable(client: Client, table: Table): Promise<Existing> {
  const found = await client.query<{ oid: string; kind: string; filled: boolean }>(
    `SELECT c.oid::text AS oid, c.relkind AS kind,
            EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgtype & 7 = 7) AS filled
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
    [table.schema, table.name],
  )
  const row = found.rows[0]
  if (row === undefined) return null
  const name = `${table.schema}.${table.name}`
  if (row.kind !== 'r' && row.kind !== 'p') throw unfitTable(`${name} is not a table. Choose another name.`)
  const columns = await client.query<ExistingColumn>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory AS category,
            col_description(a.attrelid, a.attnum) AS comment,
            a.attgenerated <> '' OR a.attidentity = 'a' AS generated,
            a.attnotnull AS "notNull", a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND NOT $2::boolean AS required,
            EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
                    AND i.indimmediate AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS unique
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped`,
    // What a trigger puts in before a row is written can't be known.
    [row.oid, row.filled],
  )
  return new Map(columns.rows.map((column) => [column.name, column]))
}
