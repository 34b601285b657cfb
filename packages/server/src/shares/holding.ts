import { LatchworkError } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { Database } from '../database/database.ts'
import { mostHeld } from './limits.ts'

/**
 * Locks a member's share in a transaction. Of several that take from it at once, each waits for those before it, so
 * that its count is right. SQLite has one writer at a time anyway.
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

/**
 * Checks a member's share in the transaction that stores one more.
 * @param count how many there are
 * @throws LatchworkError `share_full`
 */
export async function refuseBeyondShare(
  database: Pick<Database, 'sql'>,
  transaction: Database['tables'],
  memberId: string,
  kind: keyof typeof mostHeld,
  count: () => Promise<{ count: number | string }>,
): Promise<void> {
  await holdShare(database, transaction, memberId)
  const { most, word, cure } = mostHeld[kind]
  if (Number((await count()).count) < most) return
  throw new LatchworkError('share_full', {
    message: `You have ${most} ${word}, which is the most for one member. ${cure}`,
  })
}
