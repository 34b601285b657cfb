import { sql as sqlText } from 'kysely'
import type { Database } from './database.ts'

/**
 * In a transaction: of several that take from one member's share at once, each waits for those before it, so that what
 * it counts is what there is. SQLite has one writer at a time anyway.
 */
export async function holdShare(
  { sql }: Pick<Database, 'sql'>,
  transaction: Database['tables'],
  memberId: string,
): Promise<void> {
  if (sql.kind === 'sqlite') return
  await sqlText`select pg_advisory_xact_lock(hashtextextended(${`share of ${memberId}`}, 0))`.execute(
    transaction,
  )
}
