import type { Selectable } from 'kysely'
import { toMsOrNull, toTime, toTimeOrNull } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import type { TokenTable } from '../../database/identity-tables.ts'
import { refuseBeyondShare } from '../../shares/holding.ts'

export interface TokenRow {
  readonly id: string
  readonly userId: string
  readonly name: string
  /** SHA-256 of the token, hex. */
  readonly hash: string
  readonly suffix: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  /** The machine of the terminal that was signed in with it; null: made for a program. */
  readonly terminal: string | null
  /** From where it was used last; null: not noted. */
  readonly address: string | null
}

/** Use is noted at most this often: a token may be used many times a second. */
const touchEveryMs = 60_000

export function openTokenStore(database: Database) {
  const { sql, tables } = database
  return {
    /** @throws LatchworkError `share_full` */
    async insert(
      token: Omit<TokenRow, 'createdAt' | 'lastUsedAt' | 'address' | 'terminal'> &
        Partial<Pick<TokenRow, 'terminal'>>,
    ): Promise<TokenRow> {
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

    /** Not expired by the database's clock. */
    async findByHash(hash: string): Promise<TokenRow | null> {
      const row = await tables
        .selectFrom('apiTokens')
        .selectAll()
        .where('hash', '=', hash)
        .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql.now)]))
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    async list(userId: string): Promise<TokenRow[]> {
      const rows = await tables
        .selectFrom('apiTokens')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map(toRow)
    },

    async erase(id: string, userId: string): Promise<boolean> {
      const { numDeletedRows } = await tables
        .deleteFrom('apiTokens')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    /** Ends those of a user's terminals but one, or with null all; answers how many. */
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

function toRow(row: Selectable<TokenTable>): TokenRow {
  return {
    ...row,
    createdAt: toTime(row.createdAt),
    expiresAt: toTimeOrNull(row.expiresAt),
    lastUsedAt: toTimeOrNull(row.lastUsedAt),
  }
}
