import type { Client } from 'pg'
import type { Deletions } from '../interface.ts'
import type { Existing } from './existing-table.ts'
import { lacking } from './failures.ts'
import type { Table } from './table-names.ts'

export interface Rights {
  /** To make a table in the schema. */
  readonly create: boolean
  /** To make temporary tables. */
  readonly temp: boolean
  readonly write: boolean
  readonly erase: boolean
  /** To add columns. */
  readonly own: boolean
}

/** What the user may do to the table, or to where it is to be made. */
export async function rightsOn(client: Client, table: Table): Promise<Rights> {
  const { rows } = await client.query<Rights>(
    `SELECT has_schema_privilege(n.oid, 'CREATE') AS create,
            has_database_privilege(current_database(), 'TEMPORARY') AS temp,
            c.oid IS NULL OR (SELECT bool_and(has_any_column_privilege(c.oid, wanted))
                              FROM unnest('{SELECT,INSERT,UPDATE}'::text[]) AS wanted) AS write,
            c.oid IS NULL OR has_table_privilege(c.oid, 'DELETE') AS erase,
            c.oid IS NULL OR pg_has_role(c.relowner, 'USAGE') AS own
     FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2 WHERE n.nspname = $1`,
    [table.schema, table.name],
  )
  return rows[0] ?? { create: true, temp: true, write: true, erase: true, own: true }
}

/**
 * @param isShort the table lacks columns
 * @throws LatchworkError `account_refused` where the first write would be refused
 */
export function requireRights(
  table: Table,
  existing: Existing,
  { create, temp, write, erase, own }: Rights,
  isShort: boolean,
  deletions: Deletions,
): void {
  if (!temp) throw lacking('permission denied to create temporary tables')
  if (existing === null && !create) throw lacking(`permission denied for schema ${table.schema}`)
  if (!write || (deletions === 'remove' && !erase)) throw lacking(`permission denied for table ${table.name}`)
  if (existing !== null && isShort && !own) throw lacking(`must be owner of table ${table.name}`)
}
