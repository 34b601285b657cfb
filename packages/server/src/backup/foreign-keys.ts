import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/**
 * Runs the action without checking foreign keys, so that rows may come in any order, and checks all of them afterwards.
 * Needs a transaction.
 */
export async function withoutForeignKeys<T>(
  transaction: Database['auth'],
  kind: 'sqlite' | 'postgres',
  action: () => Promise<T>,
): Promise<T> {
  if (kind === 'sqlite') {
    await sql`pragma defer_foreign_keys = on`.execute(transaction) // they are checked at commit
    return action()
  }
  const { rows } = await sql<{ table: string; name: string; definition: string }>`
    select relname as table, conname as name, pg_get_constraintdef(pg_constraint.oid) as definition
    from pg_constraint join pg_class on pg_class.oid = conrelid
    where contype = 'f' and connamespace = current_schema()::regnamespace`.execute(transaction)
  for (const { table, name } of rows) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.ref(name)}`.execute(transaction)
  }
  const result = await action()
  for (const { table, name, definition } of rows) {
    await sql`alter table ${sql.table(table)} add constraint ${sql.ref(name)} ${sql.raw(definition)}`.execute(
      transaction,
    )
  }
  return result
}
