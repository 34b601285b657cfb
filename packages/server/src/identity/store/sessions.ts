import { newId, type SignInMethod } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import type { RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { type SessionTable, signIn } from '../../database/identity-tables.ts'

export type SignInRow = RowOf<typeof signIn>

/** The client and the address that a session is used from. */
export type SignInUse = Pick<SignInRow, 'client' | 'address'>

/** A use is stored at most this often: a page sends many requests a minute. */
const touchEveryMs = 60_000

export function openSessionStore({ sql, tables }: Database) {
  const ended = { value: '', endedAt: sql.now }
  const live = () =>
    tables
      .selectFrom('sessions')
      .selectAll()
      .where('endedAt', 'is', null)
      .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
  return {
    async get(keyHash: string): Promise<string | null> {
      return (await live().where('keyHash', '=', keyHash).executeTakeFirst())?.value ?? null
    },

    /** `userId` for a session, null for everything else that better-auth stores. */
    async set(
      keyHash: string,
      value: string,
      expiresAt: number | null,
      userId: string | null = null,
    ): Promise<void> {
      const row = { value, expiresAt }
      const session =
        userId === null ? {} : { id: newId('session'), userId, createdAt: sql.now, lastUsedAt: sql.now }
      await tables
        .insertInto('sessions')
        .values({ keyHash, ...row, ...session })
        .onConflict((conflict) =>
          conflict.column('keyHash').doUpdateSet(row).where('sessions.endedAt', 'is', null),
        )
        .execute()
    },

    async erase(keyHash: string): Promise<void> {
      const one = tables.updateTable('sessions').set(ended).where('keyHash', '=', keyHash)
      await one.where('userId', 'is not', null).execute()
      await tables.deleteFrom('sessions').where('keyHash', '=', keyHash).where('userId', 'is', null).execute()
    },

    async eraseExpired(): Promise<void> {
      await tables.deleteFrom('sessions').where('expiresAt', '<=', sql.now).execute()
    },

    /** Null for an ended session, and for one from before this list that was not adopted yet. */
    async find(keyHash: string): Promise<SignInRow | null> {
      const row = await live().where('keyHash', '=', keyHash).executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /** Adds to the list a session that is older than the list. */
    async adopt(
      keyHash: string,
      { userId, createdAt }: { readonly userId: string; readonly createdAt: number },
    ): Promise<void> {
      await tables
        .updateTable('sessions')
        .set({ id: newId('session'), userId, createdAt, lastUsedAt: sql.now })
        .where('keyHash', '=', keyHash)
        .where('userId', 'is', null)
        .execute()
    },

    /** Stores how the session was opened. */
    async open(keyHash: string, use: SignInUse & { readonly method: SignInMethod }): Promise<void> {
      await tables.updateTable('sessions').set(use).where('keyHash', '=', keyHash).execute()
    },

    /** At most once a minute. */
    async touch(keyHash: string, use: SignInUse): Promise<void> {
      await tables
        .updateTable('sessions')
        .set({ ...use, lastUsedAt: sql.now })
        .where('keyHash', '=', keyHash)
        .where('lastUsedAt', '<=', (eb) => eb(sql.now, '-', touchEveryMs))
        .execute()
    },

    /** The last used first. */
    async ofUser(userId: string): Promise<SignInRow[]> {
      const rows = await live()
        .where('userId', '=', userId)
        .orderBy('lastUsedAt', 'desc')
        .orderBy('id')
        .execute()
      return rows.flatMap((row) => toRow(row) ?? [])
    },

    async end(userId: string, id: string): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('sessions')
        .set(ended)
        .where('id', '=', id)
        .where('userId', '=', userId)
        .where('endedAt', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    /** Ends all sessions of a user but one, or all for null. Returns how many. */
    async endAll(userId: string, exceptId: string | null): Promise<number> {
      const { numUpdatedRows } = await tables
        .updateTable('sessions')
        .set(ended)
        .where('userId', '=', userId)
        .where('id', '<>', exceptId ?? '')
        .where('endedAt', 'is', null)
        .where('expiresAt', '>', sql.now)
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },
  }
}

/**
 * Sessions by the hash of their token, with sealed data: a dump opens none. An ended session stays as an empty row
 * until it would have expired, so that a request under way in another process can't write it again.
 */
export type SessionStore = ReturnType<typeof openSessionStore>

function toRow(row: Selectable<SessionTable>): SignInRow | null {
  const { id, userId, createdAt, lastUsedAt } = row
  if (id === null || userId === null || createdAt === null || lastUsedAt === null) return null
  return signIn.toRow({ ...row, id, userId, createdAt, lastUsedAt })
}
