import { LatchworkError } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { Database } from '../database/database.ts'
import { mostHeld } from './limits.ts'

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

/**
 * In the transaction that is to keep one more of a member's.
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
    message: `There are ${most} ${word} of yours, which is the most for one member. ${cure}`,
  })
}
