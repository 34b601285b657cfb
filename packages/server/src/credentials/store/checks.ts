import { type CredentialStatus, credentialStatusSchema } from '@latchwork/contract'
import { type Kysely, type SelectQueryBuilder, type SqlBool, sql as sqlText } from 'kysely'
import { clear, type NewAlert, raise, tell } from '../../alerts/store.ts'
import type { Database } from '../../database/database.ts'
import type { Tables } from '../../database/tables.ts'
import { type CredentialRow, toRow } from './row.ts'

/** The latest observation of a credential. Its alerts are decided by it. */
export interface CheckState {
  /** The `statusAt` that was observed. */
  readonly observedAt: number
  readonly secretVersion: number
  readonly status: CredentialStatus
  readonly reasonCode: string | null
  /** How often in a row this status was observed. */
  readonly streak: number
}

/** One observation of a credential, and what follows. */
export interface Observation {
  readonly credentialId: string
  /** The `observedAt` of the one before, null for the first. Nothing is written if another came between. */
  readonly expectedAt: number | null
  readonly state: CheckState
  /** `2026-11-23`, UTC. */
  readonly day: string
  readonly reasonMessage: string | null
  /** Conditions that now hold. Each stores its alert when it begins. */
  readonly raise: readonly { readonly condition: string; readonly alert: NewAlert }[]
  /** Conditions that no longer hold. The alert is stored if one of them held. */
  readonly clear: readonly { readonly conditions: readonly string[]; readonly alert: NewAlert }[]
  /** Alerts that are stored in any case. */
  readonly tell: readonly NewAlert[]
}

export interface CheckDayRow {
  readonly credentialId: string
  readonly day: string
  readonly worst: CredentialStatus
  readonly reasonCode: string | null
  readonly reasonMessage: string | null
}

/** Thrown inside a transaction to roll it back. */
class Outdated extends Error {}

/** Must be the condition of the indexes, to the letter. */
const isSaved = sqlText<SqlBool>`status <> 'draft' and deleted_at is null`
/** Rows of one statement: both databases limit its values. */
const pausedAtOnce = 1000
const paused = { status: 'failed', nextCheckAt: 0 } as const

export function openCheckStore(database: Database) {
  const { sql, tables } = database
  const saved = tables.selectFrom('credentials').where(isSaved)
  return {
    /** Saved credentials whose status was established since `sinceMs` and not yet observed. */
    async unobserved(sinceMs: number, limit: number): Promise<CredentialRow[]> {
      return (await unobservedRows(tables, sinceMs).limit(limit).execute()).map(toRow)
    },

    async state(credentialId: string): Promise<CheckState | null> {
      const row = await tables
        .selectFrom('credentialChecks')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst()
      if (row === undefined) return null
      const { observedAt, secretVersion, reasonCode, streak } = row
      return {
        observedAt,
        secretVersion,
        status: credentialStatusSchema.parse(row.status),
        reasonCode,
        streak,
      }
    },

    /** Writes all in one transaction. False: another observation came first. */
    async observe(observation: Observation): Promise<boolean> {
      try {
        await tables.transaction().execute(async (transaction) => {
          await transaction
            .updateTable('credentials')
            .set({ observedAt: observation.state.observedAt })
            .where('id', '=', observation.credentialId)
            .execute()
          await moveOn(transaction, observation)
          await noteDay(transaction, observation)
          for (const { condition, alert } of observation.raise)
            await raise(transaction, sql, condition, alert)
          for (const { conditions, alert } of observation.clear)
            await clear(transaction, sql, conditions, alert)
          for (const alert of observation.tell) await tell(transaction, sql, alert)
        })
        return true
      } catch (error) {
        if (error instanceof Outdated) return false
        throw error
      }
    },

    async days(credentialIds: readonly string[], fromDay: string): Promise<CheckDayRow[]> {
      if (credentialIds.length === 0) return []
      const rows = await tables
        .selectFrom('checkDays')
        .selectAll()
        .where('credentialId', 'in', credentialIds)
        .where('day', '>=', fromDay)
        .orderBy('day')
        .execute()
      return rows.map(({ last: _, ...row }) => ({ ...row, worst: credentialStatusSchema.parse(row.worst) }))
    },

    /** Saved credentials without a time for their next check. */
    async unplanned(limit: number): Promise<string[]> {
      const rows = await saved.select('id').where('nextCheckAt', '=', 0).limit(limit).execute()
      return rows.map((row) => row.id)
    },

    /** Sets the time of the next check: `inMs` from now, by the database's clock. */
    async planCheck(credentialId: string, inMs: number): Promise<void> {
      await tables
        .updateTable('credentials')
        .set((eb) => ({ nextCheckAt: eb(sql.now, '+', inMs) }))
        .where('id', '=', credentialId)
        .execute()
    },

    /** Takes due credentials and moves their next check by `everyMs`, so that only one of several callers gets each. */
    async takeDue(limit: number, everyMs: number): Promise<CredentialRow[]> {
      const rows = await tables
        .updateTable('credentials')
        .set((eb) => ({ nextCheckAt: eb(sql.now, '+', everyMs) }))
        .where(
          'id',
          'in',
          saved
            .select('id')
            .where('nextCheckAt', '>', 0)
            .where('nextCheckAt', '<=', sql.now)
            .orderBy('nextCheckAt')
            .limit(limit)
            .modifyEnd(sql.skipLocked),
        )
        .returningAll()
        .execute()
      return rows.map(toRow)
    },

    /** Saved credentials of an OAuth app that are verified or unverified. */
    async working(clientId: string): Promise<CredentialRow[]> {
      return (await workingRows(saved, clientId).selectAll().execute()).map(toRow)
    },

    async hasWorking(clientId: string): Promise<boolean> {
      return (await workingRows(saved, clientId).select('id').limit(1).executeTakeFirst()) !== undefined
    },

    /** Marks working credentials of the app failed, all at once, if their secrets are the same. Returns how many. */
    pause: (
      clientId: string,
      rows: readonly Pick<CredentialRow, 'id' | 'secretVersion'>[],
      reasonCode: string,
      reasonMessage: string,
    ): Promise<number> =>
      tables.transaction().execute(async (transaction) => {
        let count = 0
        for (let at = 0; at < rows.length; at += pausedAtOnce) {
          const known = rows
            .slice(at, at + pausedAtOnce)
            .map(({ id, secretVersion }) => sqlText`(${id}, cast(${secretVersion} as bigint))`)
          const { numUpdatedRows } = await transaction
            .updateTable('credentials')
            .set({ ...paused, reasonCode, reasonMessage, statusAt: sql.now })
            .where(sqlText<SqlBool>`(id, secret_version) in (values ${sqlText.join(known)})`)
            .where('clientId', '=', clientId)
            .where('status', 'in', ['verified', 'unverified'])
            .where('deletedAt', 'is', null)
            .executeTakeFirst()
          count += Number(numUpdatedRows)
        }
        return count
      }),

    /** Credentials of the app that are paused for this reason. */
    async pausedByApp(clientId: string, reasonCode: string): Promise<CredentialRow[]> {
      const rows = await saved
        .selectAll()
        .where('clientId', '=', clientId)
        .where('status', '=', 'failed')
        .where('reasonCode', '=', reasonCode)
        .execute()
      return rows.map(toRow)
    },

    /** Deletes the days before `day`. */
    async forget(day: string): Promise<void> {
      await tables.deleteFrom('checkDays').where('day', '<', day).execute()
    },
  }
}

export type CheckStore = ReturnType<typeof openCheckStore>

function workingRows(saved: SelectQueryBuilder<Tables, 'credentials', unknown>, clientId: string) {
  return saved.where('clientId', '=', clientId).where('status', 'in', ['verified', 'unverified'])
}

export function unobservedRows(tables: Database['tables'], sinceMs: number) {
  return tables
    .selectFrom('credentials')
    .selectAll()
    .where(sqlText<SqlBool>`status_at <> observed_at and status <> 'draft' and deleted_at is null`)
    .where('statusAt', '>=', sinceMs)
    .orderBy('statusAt')
}

/** @throws {Outdated} if another observation came first */
async function moveOn(transaction: Kysely<Tables>, { credentialId, expectedAt, state }: Observation) {
  const moved =
    expectedAt === null
      ? await transaction
          .insertInto('credentialChecks')
          .values({ credentialId, ...state })
          .onConflict((conflict) => conflict.column('credentialId').doNothing())
          .returning('streak')
          .executeTakeFirst()
      : await transaction
          .updateTable('credentialChecks')
          .set(state)
          .where('credentialId', '=', credentialId)
          .where('observedAt', '=', expectedAt)
          .returning('streak')
          .executeTakeFirst()
  if (moved === undefined) throw new Outdated()
}

/** 0 for verified without a reason. The row of a day has the worst. */
function severity(status: string, reasonCode: string | null): number {
  if (status === 'failed') return 3
  if (status === 'unverified') return 2
  return reasonCode === null ? 0 : 1
}

async function noteDay(
  transaction: Kysely<Tables>,
  { credentialId, state, day, reasonMessage }: Observation,
) {
  const before = await transaction
    .selectFrom('checkDays')
    .select(['worst', 'reasonCode'])
    .where('credentialId', '=', credentialId)
    .where('day', '=', day)
    .executeTakeFirst()
  const worst = { worst: state.status, reasonCode: state.reasonCode, reasonMessage, last: state.status }
  if (before === undefined) {
    await transaction
      .insertInto('checkDays')
      .values({ credentialId, day, ...worst })
      .execute()
    return
  }
  const worse = severity(state.status, state.reasonCode) >= severity(before.worst, before.reasonCode)
  await transaction
    .updateTable('checkDays')
    .set(worse ? worst : { last: state.status })
    .where('credentialId', '=', credentialId)
    .where('day', '=', day)
    .execute()
}
