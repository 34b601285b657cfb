import type { NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { token } from '../../database/identity-tables.ts'
import { refuseBeyondShare } from '../../shares/holding.ts'

export type TokenRow = RowOf<typeof token>

/** A use is stored at most this often: a token may be used many times a second. */
const touchEveryMs = 60_000

export function openTokenStore(database: Database) {
  const { sql, tables } = database
  return {
    /** @throws LatchworkError `share_full` */
    async insert(row: NewOf<typeof token>): Promise<TokenRow> {
      const inserted = await tables.transaction().execute(async (transaction) => {
        const held = transaction
          .selectFrom('apiTokens')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('userId', '=', row.userId)
          .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
        await refuseBeyondShare(database, transaction, row.userId, 'tokens', () =>
          held.executeTakeFirstOrThrow(),
        )
        return transaction
          .insertInto('apiTokens')
          .values({ ...token.toColumns(row), createdAt: sql.now })
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      return token.toRow(inserted)
    },

    /** Not expired by the database's clock. */
    async findByHash(hash: string): Promise<TokenRow | null> {
      const row = await tables
        .selectFrom('apiTokens')
        .selectAll()
        .where('hash', '=', hash)
        .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
        .executeTakeFirst()
      return row === undefined ? null : token.toRow(row)
    },

    async list(userId: string): Promise<TokenRow[]> {
      const rows = await tables
        .selectFrom('apiTokens')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map(token.toRow)
    },

    async erase(id: string, userId: string): Promise<boolean> {
      const { numDeletedRows } = await tables
        .deleteFrom('apiTokens')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    /** Ends the tokens of a user's terminals but one, or all for null. Returns how many. */
    async eraseTerminals(userId: string, exceptId: string | null): Promise<number> {
      const { numDeletedRows } = await tables
        .deleteFrom('apiTokens')
        .where('userId', '=', userId)
        .where('terminal', 'is not', null)
        .where('id', '<>', exceptId ?? '')
        .executeTakeFirst()
      return Number(numDeletedRows)
    },

    async touch(id: string, address: string): Promise<void> {
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

export type TokenStore = ReturnType<typeof openTokenStore>
