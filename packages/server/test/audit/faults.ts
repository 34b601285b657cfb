import { sql } from 'kysely'
import type { OpenStores } from '../../src/app/stores.ts'

/** Makes a statement on a table fail, as a full disk would, until it is lifted; or only for rows of a condition. */
export async function failing(
  { database }: Pick<OpenStores, 'database'>,
  event: 'insert' | 'update' | 'delete',
  table: string,
  condition = '1 = 1',
): Promise<() => Promise<void>> {
  const run = (statement: string) => sql.raw(statement).execute(database.auth)
  if (database.sql.kind === 'sqlite') {
    await run(
      `create trigger fails before ${event} on ${table} when ${condition} begin select raise(abort, 'no room for it'); end`,
    )
    return async () => void (await run('drop trigger fails'))
  }
  await run(`create or replace function fails() returns trigger language plpgsql as
    $$ begin raise exception 'no room for it'; end $$`)
  await run(
    `create trigger fails before ${event} on ${table} for each row when (${condition}) execute function fails()`,
  )
  return async () => void (await run(`drop trigger fails on ${table}`))
}

/** What goes on by itself: the log, the queue, what is noted of checks and uses, and what counts refused tries or requests too. */
const byItself =
  /^(audit|latchwork|alert_conditions|jobs|check_days|sign_in_attempts|member_uses|shared_budgets|budget_uses|passkey_challenges|credential_(checks|viewers))/
const notedByItself = { last_used_at: null, next_check_at: null, observed_at: null }

/** Everything else that is stored. */
export async function everything({ database }: Pick<OpenStores, 'database'>): Promise<string> {
  const tables = await database.auth.introspection.getTables()
  const reported: Record<string, unknown> = {}
  for (const { name, schema } of tables.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (byItself.test(name) || (schema ?? 'public') !== 'public') continue
    const { rows } = await sql<object>`select * from ${sql.table(name)}`.execute(database.auth)
    const kept = rows.filter((row) => Reflect.get(row, 'name') !== 'audit_counter')
    reported[name] = kept.map((row) => JSON.stringify({ ...row, ...notedByItself })).sort()
  }
  return JSON.stringify(reported, null, 1)
}
