import { LatchworkError, type RunStatus } from '@latchwork/contract'
import { sql as sqlText } from 'kysely'
import type { Database } from '../../database/database.ts'
import { run, runState } from '../../database/flow-tables.ts'
import { matches } from '../../database/folding.ts'
import { equals, listPage, type Order, type PageOf, type PageQuery } from '../../database/paging.ts'
import { violation } from '../../database/violations.ts'
import { type Viewer, visibleTo } from '../../identity/store/viewing.ts'
import { holdShare } from '../../shares/holding.ts'
import { openLedger } from './ledger.ts'
import type { SealedRefused } from './plain-records.ts'
import { saveLast, saveRefused } from './run-records.ts'
import {
  type RunProgress,
  type RunRow,
  type RunView,
  runViews,
  toRunRow,
  toRunView,
  unfinished,
} from './run-row.ts'
import { openRunUses } from './run-uses.ts'

const newestFirst = {
  name: 'created',
  table: 'runs',
  column: 'createdAt',
  id: 'id',
  holds: 'number',
  direction: 'desc',
} as const satisfies Order

export function openRunStore(database: Database) {
  const { sql, tables } = database
  const find = async (id: string): Promise<RunRow | null> => {
    const row = await runViews(tables).where('runs.id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRunRow(row)
  }
  return {
    ...openLedger(database),
    ...openRunUses(database),
    find,

    /** @throws LatchworkError `run_active` if the flow has a run that is queued or running, `flow_not_found` */
    async insert(row: Pick<RunRow, 'id' | 'flowId' | 'startedBy'>): Promise<RunRow> {
      try {
        await tables
          .insertInto('runs')
          .values({ ...run.toColumns({ ...row, status: 'queued' }), createdAt: sql.now })
          .execute()
      } catch (error) {
        const broken = violation(error)
        if (broken === 'unique') throw new LatchworkError('run_active')
        if (broken === 'foreign_key') throw new LatchworkError('flow_not_found')
        throw error
      }
      const inserted = await find(row.id)
      if (inserted === null) throw new LatchworkError('conflict') // its flow was erased by another at once
      return inserted
    },

    list: (
      query: PageQuery & { flowId?: string | undefined; status?: RunStatus | undefined },
      viewer: Viewer = null,
    ): Promise<PageOf<RunView>> =>
      listPage(runViews(tables), {
        query,
        order: newestFirst,
        where: [
          equals('runs.flowId', query.flowId),
          equals('runs.status', query.status),
          visibleTo(viewer, 'flow', { id: 'flows.id', owner: 'flows.ownerId' }),
          matches(query.query, ['flows.searchName']),
        ],
        view: (runs) => runs,
        toItems: (rows) => rows.map(toRunView),
      }),

    /**
     * queued or running → running; counts a resume if it was running. Null if it has finished.
     * @param most runs of one member's flows that may be under way at once, the oldest first. A run that is running
     * already continues in any case.
     * @throws LatchworkError `share_exceeded` if this one has to wait
     */
    async start(id: string, most: number = Number.POSITIVE_INFINITY): Promise<RunRow | null> {
      const started = await tables.transaction().execute(async (transaction) => {
        await waitForPlace(database, transaction, id, most)
        const { numUpdatedRows } = await transaction
          .updateTable('runs')
          .set((eb) => ({
            resumes: eb('resumes', '+', eb.case().when('status', '=', 'running').then(1).else(0).end()),
            status: 'running',
            startedAt: eb.fn.coalesce('startedAt', sql.now),
          }))
          .where('id', '=', id)
          .where('status', 'in', unfinished)
          .executeTakeFirst()
        return numUpdatedRows > 0n
      })
      return started ? find(id) : null
    },

    /** Unfinished runs, and how many of the same owner come before each. @param ownerId null: of everybody */
    async line(
      ownerId: string | null,
    ): Promise<{ id: string; status: 'queued' | 'running'; before: number }[]> {
      let query = tables
        .selectFrom('runs')
        .innerJoin('flows', 'flows.id', 'runs.flowId')
        .select(['runs.id', 'runs.status'])
        .select(
          sqlText<number>`row_number() over (partition by flows.owner_id order by runs.created_at, runs.id)`.as(
            'place',
          ),
        )
        .where('runs.status', 'in', unfinished)
        .orderBy('runs.createdAt')
        .orderBy('runs.id')
      if (ownerId !== null) query = query.where('flows.ownerId', '=', ownerId)
      const rows = await query.execute()
      return rows.map(({ id, status, place }) => ({
        id,
        status: status === 'running' ? 'running' : 'queued',
        before: Number(place) - 1,
      }))
    },

    /**
     * Progress, refused records and the last records, in one transaction. Answers whether a cancellation was asked for.
     * @param lastRecords sealed; null: as they are
     */
    async saveProgress(
      id: string,
      progress: RunProgress,
      refused: readonly SealedRefused[],
      lastRecords: string | null,
    ): Promise<{ cancelling: boolean }> {
      return tables.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('runs')
          .set(run.toChangedColumns(progress))
          .set(runState.toChangedColumns({ checkpoint: progress.checkpoint ?? null }))
          .where('id', '=', id)
          .where('status', '=', 'running')
          .returning('cancelling')
          .executeTakeFirst()
        if (row === undefined) return { cancelling: true } // another process has ended it
        await saveRefused(database, transaction, id, refused)
        if (lastRecords !== null) await saveLast(transaction, id, { records: lastRecords })
        return { cancelling: row.cancelling === 1 }
      })
    },

    async setActivity(id: string, activity: string | null, expected?: number): Promise<void> {
      await tables
        .updateTable('runs')
        .set(run.toChangedColumns({ activity, recordsExpected: expected }))
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .execute()
    },

    async requestCancel(id: string): Promise<RunRow | null> {
      await tables
        .updateTable('runs')
        .set((eb) => ({
          // No process works on a queued run, so it is cancelled at once.
          status: sqlText<string>`case when status = 'queued' then 'cancelled' else status end`,
          finishedAt: eb.case().when('status', '=', 'queued').then(sql.now).else(null).end(),
          cancelling: eb.case().when('status', '=', 'running').then(1).else(0).end(),
        }))
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .execute()
      return find(id)
    },

    /** Finishes a run, only if it has not finished. */
    async finish(
      id: string,
      status: 'succeeded' | 'partial' | 'failed' | 'cancelled',
      error: RunRow['error'],
      output: RunRow['output'],
    ): Promise<boolean> {
      const { numUpdatedRows } = await tables
        .updateTable('runs')
        .set(run.toChangedColumns({ status, cancelling: false, activity: null, error, output }))
        .set(runState.toChangedColumns({ accounts: { source: null, destination: null } }))
        .set({ finishedAt: sql.now })
        .where('id', '=', id)
        .where('status', 'in', unfinished)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
  }
}

export type RunStore = ReturnType<typeof openRunStore>

/** @throws LatchworkError `share_exceeded` if the owner of the run's flow has `most` runs under way */
async function waitForPlace(
  database: Database,
  transaction: Database['tables'],
  id: string,
  most: number,
): Promise<void> {
  if (most === Number.POSITIVE_INFINITY) return
  const flow = await transaction
    .selectFrom('runs')
    .innerJoin('flows', 'flows.id', 'runs.flowId')
    .select('flows.ownerId')
    .where('runs.id', '=', id)
    .executeTakeFirst()
  if (flow === undefined) return
  await holdShare(database, transaction, flow.ownerId)
  const runs = await transaction
    .selectFrom('runs')
    .innerJoin('flows', 'flows.id', 'runs.flowId')
    .select(['runs.id', 'runs.status'])
    .where('flows.ownerId', '=', flow.ownerId)
    .where('runs.status', 'in', unfinished)
    .orderBy('runs.createdAt')
    .orderBy('runs.id')
    .execute()
  const place = runs.findIndex((other) => other.id === id)
  const underWay = runs.filter(({ status }) => status === 'running')
  if (place === -1 || underWay.some((other) => other.id === id)) return
  if (underWay.length < most && place < most) return
  throw new LatchworkError('share_exceeded', {
    message: `Waits for a free place: ${underWay.length} ${underWay.length === 1 ? 'run' : 'runs'} of this flow's owner ${underWay.length === 1 ? 'is' : 'are'} under way.`,
  })
}
