import type { Database } from './database.ts'
import { holdShare } from './holding.ts'
import type { ShareStore } from './shares-interface.ts'

const minuteMs = 60_000

export function openShareStore(database: Database): ShareStore {
  const { sql, tables } = database
  return {
    async take({ id, memberId, kind }, { atOnce, perMinute }, ttlMs) {
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

    async giveBack(id) {
      await tables.updateTable('memberUses').set({ endsAt: sql.now }).where('id', '=', id).execute()
    },

    async sweep() {
      await tables
        .deleteFrom('memberUses')
        .where('begunAt', '<=', (eb) => eb(sql.now, '-', minuteMs))
        .where('endsAt', '<=', sql.now)
        .execute()
    },
  }
}
