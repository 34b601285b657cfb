import { toMs, toTime } from './columns.ts'
import type { Database } from './database.ts'
import type { AuthorizationStore } from './interfaces.ts'
import { readSealed, writeSealed } from './sealed.ts'

export function openAuthorizationStore({ sql, tables }: Database): AuthorizationStore {
  return {
    async insert(row) {
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

    async take(stateHash) {
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

    async eraseExpired() {
      await tables.deleteFrom('authorizations').where('expiresAt', '<=', sql.now).execute()
    },
  }
}
