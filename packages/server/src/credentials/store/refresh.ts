import { errorCatalogue } from '@latchwork/contract'
import { type ExpressionBuilder, type SqlBool, sql as sqlText } from 'kysely'
import type { Database } from '../../database/database.ts'
import { writeSealed } from '../../database/sealed.ts'
import type { Tables } from '../../database/tables.ts'
import { type CredentialRow, type ExpiringToken, noRefreshUnderWay, type TokenPair, toRow } from './row.ts'

/** With one refresh token and no known answer: the first request and one retry. */
const mostRequests = 2

/** Must be the condition of the index, to the letter. A grant that ended is not looked at again. */
const refreshable = sqlText<SqlBool>`status in ('verified', 'unverified') and deleted_at is null`

type Expressions = ExpressionBuilder<Tables, 'credentials'>
const reasonsOfLostGrant = ['grant_rejected', 'access_revoked', 'lost_rotation']

/** The grant is not known to have ended for good. */
export function grantNotEnded(eb: Expressions) {
  return eb.or([
    eb('status', '<>', 'failed'),
    eb('reasonCode', 'is', null),
    eb('reasonCode', 'not in', reasonsOfLostGrant),
  ])
}

/** A failure that a newer pair disproves. */
function givenUp(eb: Expressions) {
  return eb.and([eb('status', '=', 'failed'), eb('reasonCode', 'in', reasonsOfLostGrant)])
}

/** The intent before the last request; none if that was the first. */
function withoutLastIntent(eb: Expressions) {
  const before = <T extends 'intentGeneration' | 'intentAt'>(column: T) =>
    eb.case().when('intentRequests', '>', 1).then(eb.ref(column)).else(null).end()
  return {
    intentGeneration: before('intentGeneration'),
    intentAt: before('intentAt'),
    intentRequests: eb
      .case()
      .when('intentRequests', '>', 1)
      .then(eb('intentRequests', '-', 1))
      .else(0)
      .end(),
  }
}

/** The part of the credential store for refreshing. Every change is one guarded statement. */
export function openRefreshStore({ sql, tables }: Database) {
  return {
    /**
     * Takes or renews the lease by the database's clock. Returns the new row; null if another owner holds the lease.
     */
    async acquireLease(id: string, owner: string, ttlMs: number): Promise<CredentialRow | null> {
      const row = await tables
        .updateTable('credentials')
        .set((eb) => ({ leaseOwner: owner, leaseExpiresAt: eb(sql.now, '+', ttlMs) }))
        .where('id', '=', id)
        .where('deletedAt', 'is', null)
        .where((eb) =>
          eb.or([
            eb('leaseOwner', 'is', null),
            eb('leaseOwner', '=', owner),
            eb('leaseExpiresAt', '<=', sql.now),
          ]),
        )
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : toRow(row)
    },

    /**
     * Commits the intent to spend `generation`, once more than before. False unless the owner holds the lease and the
     * generation is still that one. False too if it was spent twice without a known answer: there is only one retry.
     */
    async recordIntent(id: string, owner: string, generation: number): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('credentials')
        .set((eb) => ({
          intentGeneration: generation,
          intentAt: sql.now,
          intentRequests: eb
            .case()
            .when('intentGeneration', '=', generation)
            .then(eb('intentRequests', '+', 1))
            .else(1)
            .end(),
        }))
        .where('id', '=', id)
        .where('leaseOwner', '=', owner)
        .where('leaseExpiresAt', '>', sql.now)
        .where('generation', '=', generation)
        .where((eb) =>
          eb.or([
            eb('intentGeneration', 'is', null),
            eb('intentGeneration', '<>', generation),
            eb('intentRequests', '<', mostRequests),
          ]),
        )
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    /**
     * Saves both tokens and the expiry, adds 1 to the generation, and clears intent and lease. One statement, guarded
     * by the generation and by a secret version newer than the stored one. A grant that was given up for this
     * generation is unverified again.
     *
     * False: nothing was written. If the row still has this generation, another secret was changed meanwhile: seal the
     * pair into the row as it is now, for its version + 1, and save again. Otherwise there is a newer pair.
     */
    async saveTokens(id: string, generation: number, pair: TokenPair): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('credentials')
        .set((eb) => ({
          sealed: writeSealed(pair.sealed),
          secretVersion: pair.secretVersion,
          grantedScope: pair.grantedScope,
          accessTokenExpiresAt: pair.accessTokenExpiresAt,
          generation: eb('generation', '+', 1),
          // Another process may have given the token up for lost while this answer was on its way.
          status: eb.case().when(givenUp(eb)).then('unverified').else(eb.ref('status')).end(),
          reasonCode: eb.case().when(givenUp(eb)).then('never_checked').else(eb.ref('reasonCode')).end(),
          reasonMessage: eb
            .case()
            .when(givenUp(eb))
            .then(errorCatalogue.never_checked.title)
            .else(eb.ref('reasonMessage'))
            .end(),
          statusAt: eb.case().when(givenUp(eb)).then(sql.now).else(eb.ref('statusAt')).end(),
          ...noRefreshUnderWay,
        }))
        .where('id', '=', id)
        .where('generation', '=', generation)
        .where('secretVersion', '<', pair.secretVersion)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    /**
     * Clears the lease. `notSpent` (nothing was sent, or the answer says that nothing was done) undoes the last intent.
     */
    async releaseLease(id: string, owner: string, notSpent: boolean): Promise<void> {
      await tables
        .updateTable('credentials')
        .set((eb) => ({ leaseOwner: null, leaseExpiresAt: null, ...(notSpent ? withoutLastIntent(eb) : {}) }))
        .where('id', '=', id)
        .where('leaseOwner', '=', owner)
        .execute()
    },

    /**
     * Marks the credential failed and clears lease and intent, guarded by the generation: a newer pair wins. With an
     * owner, only while it holds the lease: after that the new holder decides. A grant that is known to have ended
     * keeps its reason. For a refused app only the last intent is undone: an earlier doubt remains.
     */
    async failGrant(
      id: string,
      generation: number,
      reasonCode: string,
      reasonMessage: string,
      owner?: string,
    ): Promise<boolean> {
      const statement = tables
        .updateTable('credentials')
        .set((eb) => ({
          // A draft stays a draft: it has no name yet and is not among the saved.
          status: eb.case().when('status', '=', 'draft').then('draft').else('failed').end(),
          reasonCode,
          reasonMessage,
          statusAt: sql.now,
          ...noRefreshUnderWay,
          ...(reasonCode === 'oauth_client_rejected' ? withoutLastIntent(eb) : {}),
        }))
        .where('id', '=', id)
        .where('generation', '=', generation)
        .where(grantNotEnded)
      const guarded =
        owner === undefined
          ? statement
          : statement.where('leaseOwner', '=', owner).where('leaseExpiresAt', '>', sql.now)
      const { numUpdatedRows } = await guarded.executeTakeFirst()
      return numUpdatedRows > 0n
    },

    /** Credentials whose access token expires before `beforeMs`, soonest first, after the given one. */
    async expiring(beforeMs: number, limit: number, after?: ExpiringToken): Promise<ExpiringToken[]> {
      const rows = await expiringRows(tables, beforeMs, after).limit(limit).execute()
      return rows.map(({ id, accessTokenExpiresAt }) => ({ id, expiresAt: accessTokenExpiresAt ?? 0 }))
    },
  }
}

export function expiringRows(tables: Database['tables'], beforeMs: number, after?: ExpiringToken) {
  const rows = tables
    .selectFrom('credentials')
    .select(['id', 'accessTokenExpiresAt'])
    .where(refreshable)
    .where('accessTokenExpiresAt', '<', beforeMs)
    .orderBy('accessTokenExpiresAt')
    .orderBy('id')
  if (after === undefined) return rows
  return rows.where(sqlText<SqlBool>`(access_token_expires_at, id) > (${after.expiresAt}, ${after.id})`)
}
