import { toTime } from './columns.ts'
import type { Database } from './database.ts'
import type { PasswordResetStore } from './sign-in-interface.ts'
import type { AuthTables } from './tables.ts'

export function openPasswordResetStore({ sql, tables }: Database): PasswordResetStore {
  // better-auth's table is read in the same statement: the maker's right is asked for at the very use.
  const people = tables.$extendTables<Pick<AuthTables, 'user'>>()
  const administrators = people.selectFrom('user').select('id').where('role', '=', 'admin')
  return {
    async make(row, ttlMs) {
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
      return toTime(made.expiresAt)
    },

    async look(tokenHash) {
      const row = await people
        .selectFrom('passwordResets')
        .select(['userId', 'madeBy'])
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', sql.now)
        .where((eb) => eb.or([eb('madeBy', 'is', null), eb('madeBy', 'in', administrators)]))
        .executeTakeFirst()
      return row ?? null
    },

    async take(tokenHash) {
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
