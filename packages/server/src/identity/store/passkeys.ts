import type { NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { passkey } from '../../database/identity-tables.ts'

export type PasskeyRow = RowOf<typeof passkey>

export function openPasskeyStore({ sql, tables }: Database) {
  return {
    async ofUser(userId: string): Promise<PasskeyRow[]> {
      const rows = await tables
        .selectFrom('passkeys')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt', 'desc')
        .orderBy('id')
        .execute()
      return rows.map(passkey.toRow)
    },

    async find(credentialId: string): Promise<PasskeyRow | null> {
      const row = await tables
        .selectFrom('passkeys')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst()
      return row === undefined ? null : passkey.toRow(row)
    },

    /** Null if this passkey of the authenticator is stored already. */
    async insert(row: NewOf<typeof passkey>): Promise<PasskeyRow | null> {
      const made = await tables
        .insertInto('passkeys')
        .values({ ...passkey.toColumns(row), createdAt: sql.now })
        .onConflict((conflict) => conflict.column('credentialId').doNothing())
        .returningAll()
        .executeTakeFirst()
      return made === undefined ? null : passkey.toRow(made)
    },

    async rename(userId: string, id: string, name: string): Promise<PasskeyRow | null> {
      const row = await tables
        .updateTable('passkeys')
        .set({ name })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : passkey.toRow(row)
    },

    /** Returns its name; null if there is none. */
    async erase(userId: string, id: string): Promise<string | null> {
      const row = await tables
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returning('name')
        .executeTakeFirst()
      return row?.name ?? null
    },

    /** Stores a use. False if another use was counted meanwhile, or the passkey is gone. */
    async use(
      { id, ...use }: Pick<PasskeyRow, 'id' | 'counter' | 'synced'>,
      seenCounter: number,
    ): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('passkeys')
        .set({ ...passkey.toChangedColumns(use), lastUsedAt: sql.now })
        .where('id', '=', id)
        .where('counter', '=', seenCounter)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** Adds a challenge for the holder of the value whose hash is `boundTo`. */
    async addChallenge(challengeHash: string, boundTo: string, ttlMs: number): Promise<void> {
      await tables.deleteFrom('passkeyChallenges').where('expiresAt', '<=', sql.now).execute()
      await tables
        .insertInto('passkeyChallenges')
        .values((eb) => ({ challengeHash, boundTo, expiresAt: eb(sql.now, '+', ttlMs) }))
        .execute()
    },

    /** True once, in time, and for what the challenge was bound to. */
    async takeChallenge(challengeHash: string, boundTo: string): Promise<boolean> {
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

export type PasskeyStore = ReturnType<typeof openPasskeyStore>
