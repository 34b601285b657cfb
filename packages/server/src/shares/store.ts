import type { Database } from '../database/database.ts'
import { holdShare } from './holding.ts'

const minuteMs = 60_000

export function openShareStore(database: Database) {
  const { sql, tables } = database
  return {
    /**
     * Takes a place. Several that ask at once never get more places than there are.
     * @param limits most at once, and most begun within a minute
     * @param ttlMs a place that was not given back, because its process died, is free again after this
     * @returns the limit that is reached, or null if the place is taken
     */
    async take(
      { id, memberId, kind }: { readonly id: string; readonly memberId: string; readonly kind: string },
      { atOnce, perMinute }: { readonly atOnce: number; readonly perMinute: number },
      ttlMs: number,
    ): Promise<'atOnce' | 'perMinute' | null> {
      return tables.transaction().execute(async (transaction) => {
        await holdShare(database, transaction, memberId)
        const { recent, underWay } = await transaction
          .selectFrom('memberUses')
          .select((eb) => [
            eb.fn
              .countAll<number>()
              .filterWhere('begunAt', '>', eb(sql.now, '-', minuteMs))
              .as('recent'),
            eb.fn.countAll<number>().filterWhere('endsAt', '>', sql.now).as('underWay'),
          ])
          .where('memberId', '=', memberId)
          .where('kind', '=', kind)
          .executeTakeFirstOrThrow()
        if (Number(underWay) >= atOnce) return 'atOnce'
        if (Number(recent) >= perMinute) return 'perMinute'
        await transaction
          .insertInto('memberUses')
          .values((eb) => ({ id, memberId, kind, begunAt: sql.now, endsAt: eb(sql.now, '+', ttlMs) }))
          .execute()
        return null
      })
    },

    async giveBack(id: string): Promise<void> {
      await tables.updateTable('memberUses').set({ endsAt: sql.now }).where('id', '=', id).execute()
    },

    /** Deletes what has ended and was begun more than a minute ago. */
    async sweep(): Promise<void> {
      await tables
        .deleteFrom('memberUses')
        .where('begunAt', '<=', (eb) => eb(sql.now, '-', minuteMs))
        .where('endsAt', '<=', sql.now)
        .execute()
    },
  }
}

/** The places that members have taken of each shared kind, over all processes. */
export type ShareStore = ReturnType<typeof openShareStore>
