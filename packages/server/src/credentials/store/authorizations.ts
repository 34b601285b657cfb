import type { RowOf } from '../../database/codec.ts'
import { authorization } from '../../database/credential-tables.ts'
import type { Database } from '../../database/database.ts'

export type AuthorizationRow = RowOf<typeof authorization>

export function openAuthorizationStore({ sql, tables }: Database) {
  return {
    async insert(row: AuthorizationRow): Promise<void> {
      await tables.insertInto('authorizations').values(authorization.toColumns(row)).execute()
    },

    /** Erases and returns the row in one step: of two callers with the same state one gets null. Null if expired. */
    async take(stateHash: string): Promise<AuthorizationRow | null> {
      const row = await tables
        .deleteFrom('authorizations')
        .where('stateHash', '=', stateHash)
        .returningAll()
        .returning((eb) => eb('expiresAt', '>', sql.now).as('valid'))
        .executeTakeFirst()
      return row?.valid ? authorization.toRow(row) : null
    },

    async eraseExpired(): Promise<void> {
      await tables.deleteFrom('authorizations').where('expiresAt', '<=', sql.now).execute()
    },
  }
}

export type AuthorizationStore = ReturnType<typeof openAuthorizationStore>
