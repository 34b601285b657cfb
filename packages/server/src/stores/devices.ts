import { toTime } from './columns.ts'
import type { Database } from './database.ts'
import type { DeviceStore } from './devices-interface.ts'

const slowDownSeconds = 5

export function openDeviceStore({ sql, tables }: Database): DeviceStore {
  return {
    async insert({ ttlMs, ...device }) {
      const { numInsertedOrUpdatedRows } = await tables
        .insertInto('deviceSignIns')
        .values((eb) => ({
          ...device,
          userId: null,
          decision: 'none',
          lastPolledAt: null,
          createdAt: sql.now,
          expiresAt: eb(sql.now, '+', ttlMs),
        }))
        .onConflict((conflict) => conflict.column('userHash').doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    async findUndecided(userHash) {
      const row = await tables
        .selectFrom('deviceSignIns')
        .select(['deviceName', 'address', 'createdAt', 'expiresAt'])
        .where('userHash', '=', userHash)
        .where('decision', '=', 'none')
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      if (row === undefined) return null
      return { ...row, createdAt: toTime(row.createdAt), expiresAt: toTime(row.expiresAt) }
    },

    async decide(userHash, userId) {
      const { numUpdatedRows } = await tables
        .updateTable('deviceSignIns')
        .set({ userId, decision: userId === null ? 'denied' : 'allowed' })
        .where('userHash', '=', userHash)
        .where('decision', '=', 'none')
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async poll(deviceHash) {
      const decided = await tables
        .deleteFrom('deviceSignIns')
        .where('deviceHash', '=', deviceHash)
        .where('decision', '!=', 'none')
        .returning(['userId', 'deviceName'])
        .returning((eb) => eb('expiresAt', '>', sql.now).as('valid'))
        .executeTakeFirst()
      if (decided !== undefined) {
        const { valid, userId, deviceName } = decided
        if (!valid) return { kind: 'unknown' }
        return userId === null ? { kind: 'denied' } : { kind: 'allowed', userId, deviceName }
      }
      const undecided = tables
        .updateTable('deviceSignIns')
        .set({ lastPolledAt: sql.now })
        .where('deviceHash', '=', deviceHash)
        .where('expiresAt', '>', sql.now)
      const { numUpdatedRows: inTime } = await undecided
        .where((eb) =>
          eb.or([
            eb('lastPolledAt', 'is', null),
            eb(eb('lastPolledAt', '+', eb('intervalSeconds', '*', 1000)), '<=', sql.now),
          ]),
        )
        .executeTakeFirst()
      if (inTime === 1n) return { kind: 'pending' }
      const { numUpdatedRows: tooSoon } = await undecided
        .set((eb) => ({ intervalSeconds: eb('intervalSeconds', '+', slowDownSeconds) }))
        .executeTakeFirst()
      return { kind: tooSoon === 1n ? 'too_soon' : 'unknown' }
    },

    async eraseExpired() {
      await tables.deleteFrom('deviceSignIns').where('expiresAt', '<=', sql.now).execute()
    },
  }
}
