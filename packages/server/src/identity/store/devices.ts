import type { NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { device } from '../../database/identity-tables.ts'

export type DeviceRow = Pick<RowOf<typeof device>, 'deviceName' | 'address' | 'createdAt' | 'expiresAt'>

/** The outcome of a poll. Every outcome but `pending` and `too_soon` erases the row. */
export type DevicePoll =
  | { readonly kind: 'pending' | 'too_soon' | 'denied' | 'unknown' }
  | { readonly kind: 'allowed'; readonly userId: string; readonly deviceName: string }

const slowDownSeconds = 5

export function openDeviceStore({ sql, tables }: Database) {
  return {
    /** False if another sign-in under way has this user code. */
    async insert({ ttlMs, ...row }: NewOf<typeof device> & { readonly ttlMs: number }): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await tables
        .insertInto('deviceSignIns')
        .values((eb) => ({
          ...device.toColumns(row),
          decision: 'none',
          createdAt: sql.now,
          expiresAt: eb(sql.now, '+', ttlMs),
        }))
        .onConflict((conflict) => conflict.column('userHash').doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    /** A sign-in that is undecided and not expired. */
    async findUndecided(userHash: string): Promise<DeviceRow | null> {
      const row = await tables
        .selectFrom('deviceSignIns')
        .select(['deviceName', 'address', 'createdAt', 'expiresAt'])
        .where('userHash', '=', userHash)
        .where('decision', '=', 'none')
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      return row ?? null
    },

    /** Decides an undecided sign-in, once. False if there is none. `userId` null: refused. */
    async decide(userHash: string, userId: string | null): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('deviceSignIns')
        .set({ userId, decision: userId === null ? 'denied' : 'allowed' })
        .where('userHash', '=', userHash)
        .where('decision', '=', 'none')
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /**
     * Of several polls that find it allowed, only one gets it. A poll sooner than the interval after the last one makes
     * the interval five seconds longer.
     */
    async poll(deviceHash: string): Promise<DevicePoll> {
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

    /** Withdraws the sign-ins that the user has allowed and no terminal has fetched yet. */
    async eraseAllowed(userId: string): Promise<void> {
      await tables.deleteFrom('deviceSignIns').where('userId', '=', userId).execute()
    },

    async eraseExpired(): Promise<void> {
      await tables.deleteFrom('deviceSignIns').where('expiresAt', '<=', sql.now).execute()
    },
  }
}

/** All times are the database's. */
export type DeviceStore = ReturnType<typeof openDeviceStore>
