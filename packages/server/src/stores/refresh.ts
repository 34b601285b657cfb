import { errorCatalogue } from '@latchwork/contract'
import { type ExpressionBuilder, type SqlBool, sql as sqlText } from 'kysely'
import { toMs, toTime } from './columns.ts'
import { noRefreshUnderWay, toRow } from './credential-row.ts'
import type { Database } from './database.ts'
import type { CredentialStore, ExpiringToken } from './interfaces.ts'
import { writeSealed } from './sealed.ts'
import type { Tables } from './tables.ts'

type RefreshStore = Pick<
  CredentialStore,
  'acquireLease' | 'recordIntent' | 'saveTokens' | 'releaseLease' | 'failGrant' | 'expiring'
>

/** With one refresh token whose answers are not known: the first, and one retry. */
const mostRequests = 2

/** To the letter the condition of the index: a grant that ended is not looked at again. */
const refreshable = sqlText<SqlBool>`status in ('verified', 'unverified') and deleted_at is null`

type Expressions = ExpressionBuilder<Tables, 'credentials'>
const endsOfGrant = ['grant_rejected', 'access_revoked', 'lost_rotation']

/** No end of its grant is known, with a reason that stays. */
export function grantNotEnded(eb: Expressions) {
  return eb.or([
    eb('status', '<>', 'failed'),
    eb('reasonCode', 'is', null),
    eb('reasonCode', 'not in', endsOfGrant),
  ])
}

/** A failure that a newer pair disproves. */
function givenUp(eb: Expressions) {
  return eb.and([eb('status', '=', 'failed'), eb('reasonCode', 'in', endsOfGrant)])
}

/** The intent as it was before the last request; none if that was the first. */
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

/** The part of the credential store that refreshing needs. Every change is one guarded statement. */
export function openRefreshStore({ sql, tables }: Database): RefreshStore {
  return {
    async acquireLease(id, owner, ttlMs) {
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

    async recordIntent(id, owner, generation) {
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

    async saveTokens(id, generation, pair) {
      const { numUpdatedRows } = await tables
        .updateTable('credentials')
        .set((eb) => ({
          sealed: writeSealed(pair.sealed),
          secretVersion: pair.secretVersion,
          grantedScope: pair.grantedScope,
          accessTokenExpiresAt: toMs(pair.accessTokenExpiresAt),
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

    async releaseLease(id, owner, notSpent) {
      await tables
        .updateTable('credentials')
        .set((eb) => ({ leaseOwner: null, leaseExpiresAt: null, ...(notSpent ? withoutLastIntent(eb) : {}) }))
        .where('id', '=', id)
        .where('leaseOwner', '=', owner)
        .execute()
    },

    async failGrant(id, generation, reasonCode, reasonMessage, owner) {
      const statement = tables
        .updateTable('credentials')
        .set((eb) => ({
          // A draft stays one: it has no name yet and is not among the saved.
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

    async expiring(before, limit, behind) {
      const rows = await expiringRows(tables, before, behind).limit(limit).execute()
      return rows.map(({ id, accessTokenExpiresAt }) => ({
        id,
        expiresAt: toTime(accessTokenExpiresAt ?? 0),
      }))
    },
  }
}

export function expiringRows(tables: Database['tables'], before: string, behind?: ExpiringToken) {
  const rows = tables
    .selectFrom('credentials')
    .select(['id', 'accessTokenExpiresAt'])
    .where(refreshable)
    .where('accessTokenExpiresAt', '<', toMs(before))
    .orderBy('accessTokenExpiresAt')
    .orderBy('id')
  if (behind === undefined) return rows
  return rows.where(
    sqlText<SqlBool>`(access_token_expires_at, id) > (${toMs(behind.expiresAt)}, ${behind.id})`,
  )
}
