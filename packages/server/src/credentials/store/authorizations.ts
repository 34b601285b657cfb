import type { SealedRow } from '@latchwork/vault'
import { toMs, toTime } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { readSealed, writeSealed } from '../../database/sealed.ts'

/** One three-legged authorization under way. */
export interface AuthorizationRow {
  /** SHA-256 of `state`, hex. */
  readonly stateHash: string
  readonly credentialId: string
  readonly userId: string
  /** The session or API token that began it: see `Caller`. */
  readonly begunBy: string
  /** Whose credential it was, and whoever began it knew it to be. */
  readonly ownerId: string
  /** SHA-256 of the browser's binding cookie, hex. */
  readonly browserHash: string
  readonly sealedVerifier: SealedRow
  readonly returnTo: string
  readonly display: 'popup' | 'page'
  readonly confirmIdentityChange: boolean
  readonly expiresAt: string
}

export function openAuthorizationStore({ sql, tables }: Database) {
  return {
    async insert(row: AuthorizationRow): Promise<void> {
      await tables
        .insertInto('authorizations')
        .values({
          ...row,
          sealedVerifier: writeSealed(row.sealedVerifier),
          confirmIdentityChange: row.confirmIdentityChange ? 1 : 0,
          expiresAt: toMs(row.expiresAt),
        })
        .execute()
    },

    /** Answers the row and erases it in one step: of two callers with the same state one gets null. Null for an expired one. */
    async take(stateHash: string): Promise<AuthorizationRow | null> {
      const row = await tables
        .deleteFrom('authorizations')
        .where('stateHash', '=', stateHash)
        .returningAll()
        .returning((eb) => eb('expiresAt', '>', sql.now).as('valid'))
        .executeTakeFirst()
      if (row === undefined || !row.valid) return null
      const { valid: _, ...rest } = row
      return {
        ...rest,
        sealedVerifier: readSealed(row.sealedVerifier),
        display: row.display === 'popup' ? 'popup' : 'page',
        begunBy: row.begunBy ?? '',
        ownerId: row.ownerId ?? '',
        confirmIdentityChange: row.confirmIdentityChange === 1,
        expiresAt: toTime(row.expiresAt),
      }
    },

    async eraseExpired(): Promise<void> {
      await tables.deleteFrom('authorizations').where('expiresAt', '<=', sql.now).execute()
    },
  }
}

export type AuthorizationStore = ReturnType<typeof openAuthorizationStore>
