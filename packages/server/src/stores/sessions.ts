import { toMsOrNull } from './columns.ts'
import type { Database } from './database.ts'
import type { SessionStore } from './interfaces.ts'

export function openSessionStore({ sql, tables }: Database): SessionStore {
  return {
    async get(keyHash) {
      const row = await tables
        .selectFrom('sessions')
        .select('value')
        .where('keyHash', '=', keyHash)
        .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
        .executeTakeFirst()
      return row?.value ?? null
    },

    async set(keyHash, value, expiresAt) {
      const row = { value, expiresAt: toMsOrNull(expiresAt) }
      await tables
        .insertInto('sessions')
        .values({ keyHash, ...row })
        .onConflict((conflict) => conflict.column('keyHash').doUpdateSet(row))
        .execute()
    },

    async erase(keyHash) {
      await tables.deleteFrom('sessions').where('keyHash', '=', keyHash).execute()
    },

    async eraseExpired() {
      await tables.deleteFrom('sessions').where('expiresAt', '<=', sql.now).execute()
    },
  }
}
