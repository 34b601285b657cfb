import type { Selectable } from 'kysely'
import { toTime, toTimeOrNull } from './columns.ts'
import type { Database } from './database.ts'
import type { PasskeyRow, PasskeyStore } from './sign-in-interface.ts'
import type { PasskeyTable } from './tables.ts'

export function openPasskeyStore({ sql, tables }: Database): PasskeyStore {
  return {
    async ofUser(userId) {
      const rows = await tables
        .selectFrom('passkeys')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt', 'desc')
        .orderBy('id')
        .execute()
      return rows.map(toRow)
    },

    async find(credentialId) {
      const row = await tables
        .selectFrom('passkeys')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async insert(row) {
      const made = await tables
        .insertInto('passkeys')
        .values({ ...row, synced: Number(row.synced), createdAt: sql.now, lastUsedAt: null })
        .onConflict((conflict) => conflict.column('credentialId').doNothing())
        .returningAll()
        .executeTakeFirst()
      return made === undefined ? null : toRow(made)
    },

    async rename(userId, id, name) {
      const row = await tables
        .updateTable('passkeys')
        .set({ name })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async erase(userId, id) {
      const row = await tables
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returning('name')
        .executeTakeFirst()
      return row?.name ?? null
    },

    async use({ id, counter, synced }, seenCounter) {
      const { numUpdatedRows } = await tables
        .updateTable('passkeys')
        .set({ counter, synced: Number(synced), lastUsedAt: sql.now })
        .where('id', '=', id)
        .where('counter', '=', seenCounter)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async addChallenge(challengeHash, boundTo, ttlMs) {
      await tables.deleteFrom('passkeyChallenges').where('expiresAt', '<=', sql.now).execute()
      await tables
        .insertInto('passkeyChallenges')
        .values((eb) => ({ challengeHash, boundTo, expiresAt: eb(sql.now, '+', ttlMs) }))
        .execute()
    },

    async takeChallenge(challengeHash, boundTo) {
      const { numDeletedRows } = await tables
        .deleteFrom('passkeyChallenges')
        .where('challengeHash', '=', challengeHash)
        .where('boundTo', '=', boundTo)
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}

function toRow(row: Selectable<PasskeyTable>): PasskeyRow {
  return {
    ...row,
    counter: Number(row.counter),
    synced: row.synced !== 0,
    createdAt: toTime(row.createdAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
  }
}
