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

/** To the letter the condition of the index: a grant that ended is not looked at again. */
const refreshable = sqlText<SqlBool>`status in ('verified', 'unverified') and deleted_at is null`

/** A failure that a newer pair disproves. */
function givenUp(eb: ExpressionBuilder<Tables, 'credentials'>) {
  return eb.and([
    eb('status', '=', 'failed'),
    eb('reasonCode', 'in', ['grant_rejected', 'access_revoked', 'lost_rotation']),
  ])
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
        .set({ intentGeneration: generation, intentAt: sql.now })
        .where('id', '=', id)
        .where('leaseOwner', '=', owner)
        .where('leaseExpiresAt', '>', sql.now)
        .where('generation', '=', generation)
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

    async releaseLease(id, owner, clearIntent) {
      await tables
        .updateTable('credentials')
        .set(clearIntent ? noRefreshUnderWay : { leaseOwner: null, leaseExpiresAt: null })
        .where('id', '=', id)
        .where('leaseOwner', '=', owner)
        .execute()
    },

    async failGrant(id, generation, reasonCode, reasonMessage, owner) {
      const statement = tables
        .updateTable('credentials')
        .set({
          // A draft stays one: it has no name yet and is not among the saved.
          status: (eb) => eb.case().when('status', '=', 'draft').then('draft').else('failed').end(),
          reasonCode,
          reasonMessage,
          statusAt: sql.now,
          ...noRefreshUnderWay,
        })
        .where('id', '=', id)
        .where('generation', '=', generation)
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
