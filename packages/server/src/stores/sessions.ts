import { newId, signInMethods } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import { z } from 'zod'
import { toMsOrNull, toTime, toTimeOrNull } from './columns.ts'
import type { Database } from './database.ts'
import type { SessionStore, SignInRow } from './sign-in-interface.ts'
import type { SessionTable } from './tables.ts'

/** Use is noted at most this often: a page asks many times a minute. */
const touchEveryMs = 60_000
const methodSchema = z.enum(signInMethods).nullable()

export function openSessionStore({ sql, tables }: Database): SessionStore {
  const ended = { value: '', endedAt: sql.now }
  const live = () =>
    tables
      .selectFrom('sessions')
      .selectAll()
      .where('endedAt', 'is', null)
      .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
  return {
    async get(keyHash) {
      return (await live().where('keyHash', '=', keyHash).executeTakeFirst())?.value ?? null
    },

    async set(keyHash, value, expiresAt, userId = null) {
      const row = { value, expiresAt: toMsOrNull(expiresAt) }
      const signIn =
        userId === null ? {} : { id: newId('session'), userId, createdAt: sql.now, lastUsedAt: sql.now }
      await tables
        .insertInto('sessions')
        .values({ keyHash, ...row, ...signIn })
        .onConflict((conflict) =>
          conflict.column('keyHash').doUpdateSet(row).where('sessions.endedAt', 'is', null),
        )
        .execute()
    },

    async erase(keyHash) {
      const one = tables.updateTable('sessions').set(ended).where('keyHash', '=', keyHash)
      await one.where('userId', 'is not', null).execute()
      await tables.deleteFrom('sessions').where('keyHash', '=', keyHash).where('userId', 'is', null).execute()
    },

    async eraseExpired() {
      await tables.deleteFrom('sessions').where('expiresAt', '<=', sql.now).execute()
    },

    async find(keyHash) {
      const row = await live().where('keyHash', '=', keyHash).executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async adopt(keyHash, { userId, createdAt }) {
      await tables
        .updateTable('sessions')
        .set({ id: newId('session'), userId, createdAt: Date.parse(createdAt), lastUsedAt: sql.now })
        .where('keyHash', '=', keyHash)
        .where('userId', 'is', null)
        .execute()
    },

    async open(keyHash, use) {
      await tables.updateTable('sessions').set(use).where('keyHash', '=', keyHash).execute()
    },

    async touch(keyHash, use) {
      await tables
        .updateTable('sessions')
        .set({ ...use, lastUsedAt: sql.now })
        .where('keyHash', '=', keyHash)
        .where('lastUsedAt', '<=', (eb) => eb(sql.now, '-', touchEveryMs))
        .execute()
    },

    async ofUser(userId) {
      const rows = await live()
        .where('userId', '=', userId)
        .orderBy('lastUsedAt', 'desc')
        .orderBy('id')
        .execute()
      return rows.flatMap((row) => toRow(row) ?? [])
    },

    async end(userId, id) {
      const { numUpdatedRows } = await tables
        .updateTable('sessions')
        .set(ended)
        .where('id', '=', id)
        .where('userId', '=', userId)
        .where('endedAt', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async endAll(userId, exceptId) {
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

function toRow(row: Selectable<SessionTable>): SignInRow | null {
  const { id, userId, createdAt, lastUsedAt, client, address, method, expiresAt } = row
  if (id === null || userId === null || createdAt === null || lastUsedAt === null) return null
  return {
    id,
    userId,
    client,
    address,
    method: methodSchema.parse(method),
    createdAt: toTime(createdAt),
    lastUsedAt: toTime(lastUsedAt),
    expiresAt: toTimeOrNull(expiresAt),
  }
}
