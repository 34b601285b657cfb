import type { Selectable } from 'kysely'
import { toMsOrNull, toTime, toTimeOrNull } from './columns.ts'
import type { Database } from './database.ts'
import { refuseBeyondShare } from './holding.ts'
import type { TokenRow, TokenStore } from './interfaces.ts'
import type { TokenTable } from './tables.ts'

/** Use is noted at most this often: a token may be used many times a second. */
const touchEveryMs = 60_000

export function openTokenStore(database: Database): TokenStore {
  const { sql, tables } = database
  return {
    async insert(token) {
      const row = await tables.transaction().execute(async (transaction) => {
        const kept = transaction
          .selectFrom('apiTokens')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('userId', '=', token.userId)
          .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
        await refuseBeyondShare(database, transaction, token.userId, 'tokens', () =>
          kept.executeTakeFirstOrThrow(),
        )
        return transaction
          .insertInto('apiTokens')
          .values({
            terminal: null,
            address: null,
            ...token,
            expiresAt: toMsOrNull(token.expiresAt),
            createdAt: sql.now,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      return toRow(row)
    },

    async findByHash(hash) {
      const row = await tables
        .selectFrom('apiTokens')
        .selectAll()
        .where('hash', '=', hash)
        .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async list(userId) {
      const rows = await tables
        .selectFrom('apiTokens')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map(toRow)
    },

    async erase(id, userId) {
      const { numDeletedRows } = await tables
        .deleteFrom('apiTokens')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    async eraseTerminals(userId, exceptId) {
      const { numDeletedRows } = await tables
        .deleteFrom('apiTokens')
        .where('userId', '=', userId)
        .where('terminal', 'is not', null)
        .where('id', '<>', exceptId ?? '')
        .executeTakeFirst()
      return Number(numDeletedRows)
    },

    async touch(id, address) {
      await tables
        .updateTable('apiTokens')
        .set({ lastUsedAt: sql.now, address })
        .where('id', '=', id)
        .where((eb) =>
          eb.or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<', eb(sql.now, '-', touchEveryMs))]),
        )
        .execute()
    },
  }
}

function toRow(row: Selectable<TokenTable>): TokenRow {
  return {
    ...row,
    createdAt: toTime(row.createdAt),
    expiresAt: toTimeOrNull(row.expiresAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
  }
}
