import { type RawBuilder, sql as sqlText } from 'kysely'
import type { Database } from '../../database/database.ts'

export type AttemptStore = ReturnType<typeof openAttemptStore>

/** How often something was tried in the time that began with the first try. Times are the database's. */
export function openAttemptStore({ sql, tables }: Database) {
  return {
    /**
     * Counts one more try.
     * @returns which try it is, and how long the count goes on, in ms
     */
    async count(keyHash: string, windowMs: number): Promise<{ tries: number; endsInMs: number }> {
      await tables.deleteFrom('signInAttempts').where('endsAt', '<=', sql.now).execute()
      const endsAt: RawBuilder<number> = sqlText`${sql.now} + ${sqlText.lit(windowMs)}`
      const row = await tables
        .insertInto('signInAttempts')
        .values({ keyHash, count: 1, endsAt })
        .onConflict((conflict) =>
          conflict.column('keyHash').doUpdateSet((eb) => ({ count: eb('signInAttempts.count', '+', 1) })),
        )
        .returning('count')
        .returning((eb) => eb('endsAt', '-', sql.now).as('endsInMs'))
        .executeTakeFirstOrThrow()
      return { tries: row.count, endsInMs: Math.max(0, Number(row.endsInMs)) }
    },

    /** Takes one try out of a count again. */
    async giveBack(keyHash: string): Promise<void> {
      await tables
        .updateTable('signInAttempts')
        .set((eb) => ({ count: eb('count', '-', 1) }))
        .where('keyHash', '=', keyHash)
        .where('count', '>', 0)
        .execute()
    },
  }
}
