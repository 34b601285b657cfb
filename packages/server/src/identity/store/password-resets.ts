import type { Database } from '../../database/database.ts'
import type { AuthTables } from '../../database/tables.ts'

export interface ResetRow {
  readonly userId: string
  /** Null: somebody on the server's machine. */
  readonly madeBy: string | null
}

export function openPasswordResetStore({ sql, tables }: Database) {
  // The same statement reads better-auth's table, so that the maker's right is checked at the moment of use.
  const people = tables.$extendTables<Pick<AuthTables, 'user'>>()
  const administrators = people.selectFrom('user').select('id').where('role', '=', 'admin')
  return {
    /** Ends an earlier link of the user. Returns when this one expires. */
    async make(row: ResetRow & { readonly tokenHash: string }, ttlMs: number): Promise<number> {
      const { tokenHash, madeBy } = row
      const made = await tables
        .insertInto('passwordResets')
        .values((eb) => ({ ...row, expiresAt: eb(sql.now, '+', ttlMs) }))
        .onConflict((conflict) =>
          conflict
            .column('userId')
            .doUpdateSet((eb) => ({ tokenHash, madeBy, expiresAt: eb(sql.now, '+', ttlMs) })),
        )
        .returning('expiresAt')
        .executeTakeFirstOrThrow()
      return made.expiresAt
    },

    async look(tokenHash: string): Promise<ResetRow | null> {
      const row = await people
        .selectFrom('passwordResets')
        .select(['userId', 'madeBy'])
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', sql.now)
        .where((eb) => eb.or([eb('madeBy', 'is', null), eb('madeBy', 'in', administrators)]))
        .executeTakeFirst()
      return row ?? null
    },

    async eraseOf(userId: string): Promise<void> {
      await tables.deleteFrom('passwordResets').where('userId', '=', userId).execute()
    },

    /** Returns the row and erases it in one step. */
    async take(tokenHash: string): Promise<ResetRow | null> {
      const row = await people
        .deleteFrom('passwordResets')
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', sql.now)
        .where((eb) => eb.or([eb('madeBy', 'is', null), eb('madeBy', 'in', administrators)]))
        .returning(['userId', 'madeBy'])
        .executeTakeFirst()
      return row ?? null
    },
  }
}

/** Links to choose a new password, stored as hashes. A link is void once its maker is no longer an administrator. */
export type PasswordResetStore = ReturnType<typeof openPasswordResetStore>
