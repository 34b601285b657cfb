import type { Selectable } from 'kysely'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import type { PasskeyTable } from '../../database/identity-tables.ts'

export interface PasskeyRow {
  readonly id: string
  readonly userId: string
  readonly name: string
  /** What the authenticator knows it by, base64url. */
  readonly credentialId: string
  /** COSE, base64url. */
  readonly publicKey: string
  /** How often it signed, for an authenticator that counts; 0 for one that does not. */
  readonly counter: number
  readonly synced: boolean
  readonly createdAt: string
  readonly lastUsedAt: string | null
}

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
      return rows.map(toRow)
    },

    async find(credentialId: string): Promise<PasskeyRow | null> {
      const row = await tables
        .selectFrom('passkeys')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /** Null if the authenticator's passkey is here already. */
    async insert(row: Omit<PasskeyRow, 'createdAt' | 'lastUsedAt'>): Promise<PasskeyRow | null> {
      const made = await tables
        .insertInto('passkeys')
        .values({ ...row, synced: Number(row.synced), createdAt: sql.now, lastUsedAt: null })
        .onConflict((conflict) => conflict.column('credentialId').doNothing())
        .returningAll()
        .executeTakeFirst()
      return made === undefined ? null : toRow(made)
    },

    async rename(userId: string, id: string, name: string): Promise<PasskeyRow | null> {
      const row = await tables
        .updateTable('passkeys')
        .set({ name })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /** Its name; null if there is none. */
    async erase(userId: string, id: string): Promise<string | null> {
      const row = await tables
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returning('name')
        .executeTakeFirst()
      return row?.name ?? null
    },

    /** Notes a use; false if another use was counted meanwhile, or the passkey is gone. */
    async use(
      { id, counter, synced }: Pick<PasskeyRow, 'id' | 'counter' | 'synced'>,
      seenCounter: number,
    ): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('passkeys')
        .set({ counter, synced: Number(synced), lastUsedAt: sql.now })
        .where('id', '=', id)
        .where('counter', '=', seenCounter)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** A challenge for whoever holds what `boundTo` is the hash of. */
    async addChallenge(challengeHash: string, boundTo: string, ttlMs: number): Promise<void> {
      await tables.deleteFrom('passkeyChallenges').where('expiresAt', '<=', sql.now).execute()
      await tables
        .insertInto('passkeyChallenges')
        .values((eb) => ({ challengeHash, boundTo, expiresAt: eb(sql.now, '+', ttlMs) }))
        .execute()
    },

    /** True once, in time, for what it was bound to. */
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

function toRow(row: Selectable<PasskeyTable>): PasskeyRow {
  return {
    ...row,
    counter: Number(row.counter),
    synced: row.synced !== 0,
    createdAt: toTime(row.createdAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
  }
}
