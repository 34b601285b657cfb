import { LatchworkError, type RunScope } from '@latchwork/contract'
import { RunTaken } from '@latchwork/sync'
import { sql as sqlText } from 'kysely'
import type { Database } from '../../database/database.ts'
import { run, runState } from '../../database/flow-tables.ts'
import { matches } from '../../database/folding.ts'
import { listPage, type Order, type PageOf, type PageQuery } from '../../database/paging.ts'
import type { HeldStream } from '../../database/stream-tables.ts'
import { violation } from '../../database/violations.ts'
import type { Viewer } from '../../identity/store/viewing.ts'
import { openDecisions } from './decisions.ts'
import { openFlowStates } from './flow-states.ts'
import { type HeldRun, isHeld, requireHeld } from './held.ts'
import { openLedger } from './ledger.ts'
import { openRetries } from './retries.ts'
import { ofFlowsSeen, type RunFilters, runFilters } from './run-filters.ts'
import { openRunLine, waitForPlace } from './run-line.ts'
import { addEvent, noteTaking, openRunLog } from './run-log.ts'
import { type RunRow, type RunView, runViews, toRunRow, toRunView, unfinished } from './run-row.ts'
import { openRunStreams } from './run-streams.ts'
import { openRunUses } from './run-uses.ts'
import { openVolumes } from './volumes.ts'

const newestFirst = {
  name: 'created',
  table: 'runs',
  column: 'createdAt',
  id: 'id',
  holds: 'number',
  direction: 'desc',
} as const satisfies Order

/** A longer list is not counted to its end. */
const countedTo = 1000

export function openRunStore(database: Database) {
  const { sql, tables } = database
  const streams = openRunStreams(database)
  const find = async (id: string, within: Database['tables'] = tables): Promise<RunRow | null> => {
    const row = await runViews(within).where('runs.id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRunRow(row)
  }
  return {
    ...openLedger(database),
    ...openDecisions(database),
    ...streams,
    ...openFlowStates(database),
    ...openRunUses(database),
    ...openRunLine(database),
    ...openRetries(database),
    ...openRunLog(database),
    ...openVolumes(database),
    find,
    /** @throws RunTaken */
    requireHeld: (held: HeldRun): Promise<void> => requireHeld(database, tables, held),

    /**
     * A run that was to be tried again by itself is not any more, but by a replay, which does not do its work.
     * @param row `again`: what the flow has created is created once more
     * @throws LatchworkError `run_active` if the flow has a run that is queued or running, `flow_not_found`
     */
    async insert(
      row: Pick<RunRow, 'id' | 'flowId' | 'startedBy'> & {
        readonly replayOf?: string | null | undefined
        readonly scope?: RunScope | null
        readonly again?: boolean
      },
    ): Promise<RunRow> {
      try {
        await tables.transaction().execute(async (transaction) => {
          const flow = await transaction
            .updateTable('flows')
            .set((eb) => ({ round: eb('round', '+', row.again === true ? 1 : 0) }))
            .where('id', '=', row.flowId)
            .returning('round')
            .executeTakeFirst()
          if (flow === undefined) throw new LatchworkError('flow_not_found')
          if ((row.replayOf ?? null) === null)
            await transaction
              .updateTable('runs')
              .set({ retryAt: null })
              .where('flowId', '=', row.flowId)
              .where('retryAt', 'is not', null)
              .execute()
          await transaction
            .insertInto('runs')
            .values({ ...run.toColumns({ ...row, status: 'queued' }), round: flow.round, createdAt: sql.now })
            .execute()
        })
      } catch (error) {
        if (violation(error) === 'unique') throw new LatchworkError('run_active')
        throw error
      }
      const inserted = await find(row.id)
      if (inserted === null) throw new LatchworkError('conflict') // its flow was erased by another at once
      return inserted
    },

    list: async (query: PageQuery & RunFilters, viewer: Viewer = null): Promise<PageOf<RunView>> =>
      listPage(runViews(tables), {
        query,
        order: newestFirst,
        countedTo,
        where: [
          ...runFilters(query),
          await ofFlowsSeen(tables, query, viewer),
          matches(query.query, ['flows.searchName']),
        ],
        view: (runs) => runs,
        toItems: (rows) => rows.map(toRunView),
      }),

    /**
     * queued or running → running, with its attempt raised: whoever had it before writes nothing more of it. Counts a resume
     * if it was running. Null if it has finished.
     * @param most runs of one member's flows that may be under way at once, the oldest first. One that is running already
     * goes on in any case.
     * @throws LatchworkError `share_exceeded` if this one has to wait
     */
    start: (id: string, most: number = Number.POSITIVE_INFINITY): Promise<RunRow | null> =>
      tables.transaction().execute(async (transaction) => {
        await waitForPlace(database, transaction, id, most)
        await noteTaking(database, transaction, id)
        const { numUpdatedRows } = await transaction
          .updateTable('runs')
          .set((eb) => ({
            resumes: eb('resumes', '+', eb.case().when('status', '=', 'running').then(1).else(0).end()),
            attempt: eb('attempt', '+', 1),
            status: 'running',
            startedAt: eb.fn.coalesce('startedAt', sql.now),
          }))
          .where('id', '=', id)
          .where('status', 'in', unfinished)
          .executeTakeFirst()
        return numUpdatedRows > 0n ? find(id, transaction) : null
      }),

    /** What a run does now, or waits for. Nothing is told of one that another process has taken up. */
    async setActivity(
      { id, attempt }: HeldRun,
      activity: string | null,
      recordsExpected?: number,
    ): Promise<void> {
      await tables
        .updateTable('runs')
        .set(run.toChangedColumns({ activity, recordsExpected }))
        .where('id', '=', id)
        .where('attempt', '=', attempt)
        .where('status', 'in', unfinished)
        .execute()
    },

    /** The newest run of a flow that is no replay. */
    async lastFull(flowId: string): Promise<RunRow | null> {
      const row = await runViews(tables)
        .where('runs.flowId', '=', flowId)
        .where('runs.replayOf', 'is', null)
        .orderBy('runs.createdAt', 'desc')
        .orderBy('runs.id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : toRunRow(row)
    },

    /** What the newest run of a flow moved that was asked for nothing in particular; empty if there is none. */
    async lastChosen(flowId: string): Promise<HeldStream[]> {
      const row = await tables
        .selectFrom('runs')
        .innerJoin('runStreams', 'runStreams.runId', 'runs.id')
        .select('runs.id')
        .where('runs.flowId', '=', flowId)
        .where('runs.replayOf', 'is', null)
        .where('runs.scope', 'is', null)
        .where('runStreams.chosen', 'is not', null)
        .orderBy('runs.createdAt', 'desc')
        .orderBy('runs.id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? [] : ((await streams.heldStreams(row.id)) ?? [])
    },

    /** With all that is kept of it. One that has not finished stays. */
    async erase(id: string): Promise<void> {
      await tables.deleteFrom('runs').where('id', '=', id).where('status', 'not in', unfinished).execute()
    },

    /** A run that works ends as soon as it sees this; one that waits, for its turn or to be tried again, at once. */
    async requestCancel(id: string): Promise<RunRow | null> {
      await tables
        .updateTable('runs')
        .set((eb) => {
          const works = eb('status', '=', 'running')
          return {
            status: eb.case().when(works).then('running').else('cancelled').end(),
            finishedAt: eb.case().when(works).then(null).else(sql.now).end(),
            cancelling: eb.case().when(works).then(1).else(0).end(),
            retryAt: null,
          }
        })
        .where('id', '=', id)
        .where((eb) => eb.or([eb('status', 'in', unfinished), eb('retryAt', 'is not', null)]))
        .execute()
      return find(id)
    },

    /**
     * The end of a run. One that completed what was to be done ends the flow's round with it.
     * @param retryInMs it is tried again by itself then, from its checkpoint; null: it is not
     * @throws RunTaken
     */
    finish: (
      held: HeldRun,
      status: 'succeeded' | 'partial' | 'failed' | 'cancelled',
      error: RunRow['error'],
      output: RunRow['output'],
      retryInMs: number | null = null,
    ): Promise<void> =>
      tables.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('runs')
          .set(run.toChangedColumns({ status, cancelling: false, activity: null, error, output }))
          // One that is tried again acts for whom it acted for.
          .$if(retryInMs === null, (update) => update.set(noAccounts))
          .set({
            finishedAt: sql.now,
            retryAt: retryInMs === null ? null : sqlText`${sql.now} + ${retryInMs}`,
          })
          .where(isHeld(held))
          .returning(['flowId', 'round', 'replayOf', 'scope', 'startedAt', 'createdAt'])
          .executeTakeFirst()
        if (row === undefined) throw new RunTaken()
        if (retryInMs !== null)
          await addEvent(transaction, sql, held.id, 'failed_for_now', error?.message ?? '')
        const isComplete = retryInMs === null && (status === 'succeeded' || status === 'partial')
        // One that moved a part has not completed what was to be done.
        if (row.replayOf !== null || row.scope !== null || !isComplete) return
        // Records that were refused are told of; a stream that failed leaves the whole of it old.
        if (error === null)
          await transaction
            .updateTable('flows')
            .set({ freshAt: row.startedAt ?? row.createdAt })
            .where('id', '=', row.flowId)
            .execute()
        await transaction
          .updateTable('flows')
          .set({ round: row.round + 1 })
          .where('id', '=', row.flowId)
          .where('round', '=', row.round)
          .execute()
      }),
  }
}

const noAccounts = runState.toChangedColumns({ accounts: { source: null, destination: null } })

export type RunStore = ReturnType<typeof openRunStore>
