import type { Database } from '../../database/database.ts'
import type { AuthTables } from '../../database/tables.ts'

export interface ResetRow {
  readonly userId: string
  /** Null: somebody on the server's machine. */
  readonly madeBy: string | null
}

export function openPasswordResetStore({ sql, tables }: Database) {
  // better-auth's table is read in the same statement: the maker's right is asked for at the very use.
  const people = tables.$extendTables<Pick<AuthTables, 'user'>>()
  const administrators = people.selectFrom('user').select('id').where('role', '=', 'admin')
  return {
    /** Ends an earlier link of the user; answers when this one expires. */
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

    /** Answers the row and erases it in one step. */
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

/** Links by which a password is chosen anew, as hashes. Those of somebody who is no administrator any more are void. */
export type PasswordResetStore = ReturnType<typeof openPasswordResetStore>
