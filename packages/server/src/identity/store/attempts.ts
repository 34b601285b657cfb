import { randomUUID } from 'node:crypto'
import type { Database } from '../../database/database.ts'
import { holdShare } from '../../shares/holding.ts'

export type AttemptStore = ReturnType<typeof openAttemptStore>

/** A try that was counted, or the time until the next one is possible, in ms. */
export type Attempt = { readonly id: string } | { readonly againInMs: number }

/** The tries, and when each stops to count. Times are the database's. */
export function openAttemptStore(database: Database) {
  const { sql, tables } = database
  return {
    /**
     * Counts one more try, unless there were `most` of them within the last `windowMs`. So no window holds more,
     * whenever it begins. Of several at once, over all processes, each waits for those before it. A refused try is not
     * counted.
     */
    async take(keyHash: string, most: number, windowMs: number): Promise<Attempt> {
      await tables.deleteFrom('signInAttempts').where('endsAt', '<=', sql.now).execute()
      return tables.transaction().execute(async (transaction) => {
        await holdShare(database, transaction, keyHash)
        const { tries, againInMs } = await transaction
          .selectFrom('signInAttempts')
          .select((eb) => [
            eb.fn.countAll<number>().as('tries'),
            eb(eb.fn.min('endsAt'), '-', sql.now).as('againInMs'),
          ])
          .where('keyHash', '=', keyHash)
          .where('endsAt', '>', sql.now)
          .executeTakeFirstOrThrow()
        if (Number(tries) >= most) return { againInMs: Math.max(0, Number(againInMs)) }
        const id = randomUUID()
        await transaction
          .insertInto('signInAttempts')
          .values((eb) => ({ id, keyHash, endsAt: eb(sql.now, '+', windowMs) }))
          .execute()
        return { id }
      })
    },

    /** Removes tries from the count again. */
    async giveBack(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await tables.deleteFrom('signInAttempts').where('id', 'in', ids).execute()
    },
  }
}
