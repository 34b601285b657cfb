import type { Json } from '@latchwork/connectors'
import { type RunStream, streamLabel } from '@latchwork/contract'
import type { StreamEnd, StreamStop } from '@latchwork/sync'
import { RunTaken } from '@latchwork/sync'
import type { NewOf, RowOf } from '../../database/codec.ts'
import { toTimeOrNull } from '../../database/columns.ts'
import type { Database } from '../../database/database.ts'
import { run } from '../../database/flow-tables.ts'
import {
  flowStream,
  type HeldStream,
  heldStream,
  type MadeWith,
  runStream,
  streamStatus,
} from '../../database/stream-tables.ts'
import { type HeldRun, isHeld, whileHeld } from './held.ts'
import type { SealedRefused } from './plain-records.ts'
import { type ReplayedPage, saveReplayed } from './quarantine.ts'
import { saveLast, saveRefused } from './run-records.ts'
import type { RunRow } from './run-row.ts'

export type StreamRow = RowOf<typeof runStream>
export type StreamProgress = Omit<NewOf<typeof runStream>, 'runId'>
/** The numbers of all streams together. */
export type RunTotals = Pick<
  StreamRow,
  | 'recordsRead'
  | 'recordsWritten'
  | 'recordsRefused'
  | 'recordsCreated'
  | 'recordsDeleted'
  | 'pages'
  | 'notices'
>

/** What was saved with a batch, besides the numbers. */
export interface SavedRecords {
  readonly refused: readonly SealedRefused[]
  /** The last records, sealed; null: as they are. */
  readonly last: string | null
  /** The page of a replay, whose refused records stay where they are. */
  readonly replayed: ReplayedPage | null
}

export const noRecords: SavedRecords = { refused: [], last: null, replayed: null }

/** A stream of which nothing was moved. */
export function unbegun(runId: string, stream: string): StreamRow {
  return {
    ...{ runId, stream, recordsRead: 0, recordsWritten: 0, recordsRefused: 0, recordsCreated: 0, pages: 0 },
    ...{ recordsDeleted: 0, notices: [], recordsExpected: null, checkpoint: null, chosen: null, position: 0 },
    ...{ status: null, error: null, outputFile: null, outputBytes: null, begunAt: null, endedAt: null },
  }
}

/** How far the streams of runs are, and where flows go on from. */
export function openRunStreams(database: Database) {
  const { sql, tables } = database
  return {
    /**
     * The streams that the run has begun.
     * @param first the name of one that was begun before streams had names
     * @throws RunTaken
     */
    streamsOf: (held: HeldRun, first: string): Promise<StreamRow[]> =>
      whileHeld(database, held, async (transaction) => {
        await nameFirst(transaction, held, first)
        const rows = await transaction
          .selectFrom('runStreams')
          .selectAll()
          .where('runId', '=', held.id)
          .execute()
        return rows.map((row) => runStream.toRow(row))
      }),

    /** What the run moves, as it was chosen when it began; null: it did not choose yet. */
    async heldStreams(runId: string): Promise<HeldStream[] | null> {
      const rows = await tables
        .selectFrom('runStreams')
        .select('chosen')
        .where('runId', '=', runId)
        .where('chosen', 'is not', null)
        .orderBy('position')
        .execute()
      if (rows.length === 0) return null
      return rows.flatMap(({ chosen }) =>
        chosen === null ? [] : [heldStream.read(chosen, 'run_streams.chosen')],
      )
    },

    /** The streams of a run, without where they stand, in their order. */
    async shownStreams(runId: string): Promise<RunStream[]> {
      const rows = await tables
        .selectFrom('runStreams')
        .select(['stream', 'chosen', 'status', 'errorCode', 'errorMessage', 'recordsExpected'])
        .select(['recordsRead', 'recordsWritten', 'recordsRefused', 'recordsDeleted'])
        .select(['pages', 'begunAt', 'endedAt'])
        .where('runId', '=', runId)
        .where('stream', '<>', '')
        .orderBy('position')
        .orderBy('stream')
        .execute()
      return rows.map(({ chosen, status, errorCode, errorMessage, begunAt, endedAt, ...counts }) => ({
        ...counts,
        begunAt: toTimeOrNull(begunAt),
        endedAt: toTimeOrNull(endedAt),
        label: chosen === null ? counts.stream : streamLabel(heldStream.read(chosen, 'run_streams.chosen')),
        status: streamStatus.read(status, 'run_streams.status') ?? 'running',
        error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
      }))
    },

    /** From here on the run moves these, however often it is taken up or tried again. @throws RunTaken */
    holdStreams: (held: HeldRun, chosen: readonly HeldStream[]): Promise<void> =>
      whileHeld(database, held, async (transaction) => {
        await nameFirst(transaction, held, chosen[0]?.stream ?? '')
        await transaction.updateTable('runs').set({ preparedAt: sql.now }).where('id', '=', held.id).execute()
        for (const [position, choice] of chosen.entries()) {
          const own = { chosen: heldStream.write(choice), position }
          await transaction
            .insertInto('runStreams')
            .values({
              ...runStream.toColumns({ ...unbegun(held.id, choice.stream), status: 'waiting' }),
              ...own,
            })
            .onConflict((conflict) => conflict.columns(['runId', 'stream']).doUpdateSet(own))
            .execute()
        }
      }),

    /** The stream's turn has come, perhaps again. @throws RunTaken */
    beginStream: (held: HeldRun, stream: string): Promise<void> =>
      whileHeld(database, held, async (transaction) => {
        const columns = runStream.toColumns(unbegun(held.id, stream))
        await transaction
          .insertInto('runStreams')
          .values({ ...columns, begunAt: sql.now })
          .onConflict((conflict) =>
            conflict.columns(['runId', 'stream']).doUpdateSet((eb) => ({
              ...{ status: null, errorCode: null, errorMessage: null, endedAt: null },
              begunAt: eb.fn.coalesce('runStreams.begunAt', sql.now),
            })),
          )
          .execute()
      }),

    /** A stream has stopped before its end. @throws RunTaken */
    stopStream: (held: HeldRun, stream: string, stop: StreamStop): Promise<void> =>
      whileHeld(database, held, async (transaction) => {
        const error = stop.status === 'cancelled' ? null : stop.error
        await transaction
          .updateTable('runStreams')
          .set({ ...runStream.toChangedColumns({ status: stop.status, error }), endedAt: sql.now })
          .where('runId', '=', held.id)
          .where('stream', '=', stream)
          .execute()
      }),

    /**
     * Progress, refused records and the last records, in one transaction. Answers whether a cancellation was asked for.
     * @throws RunTaken
     */
    saveProgress: (
      held: HeldRun,
      progress: StreamProgress,
      totals: RunTotals,
      { refused, last, replayed }: SavedRecords = noRecords,
    ): Promise<{ cancelling: boolean }> =>
      tables.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('runs')
          .set(run.toChangedColumns(totals))
          .where(isHeld(held))
          .returning('cancelling')
          .executeTakeFirst()
        if (row === undefined) throw new RunTaken()
        const columns = runStream.toColumns({ ...progress, runId: held.id })
        await transaction
          .insertInto('runStreams')
          .values(columns)
          .onConflict((conflict) => conflict.columns(['runId', 'stream']).doUpdateSet(columns))
          .execute()
        if (replayed === null) await saveRefused(database, transaction, held.id, refused)
        else await saveReplayed(database, transaction, held.id, replayed)
        if (last !== null) await saveLast(transaction, held.id, progress.stream, { records: last })
        return { cancelling: row.cancelling === 1 }
      }),

    /**
     * A stream has come to its end.
     * @param state where the flow goes on with it; null: as before
     * @param madeWith what the state was made with
     * @throws RunTaken
     */
    endStream: (
      held: HeldRun & Pick<RunRow, 'flowId'>,
      stream: string,
      { status, output }: StreamEnd,
      state: Json,
      madeWith: MadeWith | null,
    ): Promise<void> =>
      whileHeld(database, held, async (transaction) => {
        await transaction
          .updateTable('runStreams')
          .set({
            status,
            endedAt: sql.now,
            outputFile: output?.file ?? null,
            outputBytes: output?.bytes ?? null,
          })
          .where('runId', '=', held.id)
          .where('stream', '=', stream)
          .execute()
        if (state === null) return
        const columns = flowStream.toColumns({ flowId: held.flowId, stream, state, madeWith })
        await transaction
          .insertInto('flowStreams')
          .values(columns)
          .onConflict((conflict) => conflict.columns(['flowId', 'stream']).doUpdateSet(columns))
          .execute()
      }),
  }
}

/** The stream of a run that began before they had names. */
async function nameFirst(transaction: Database['tables'], { id }: HeldRun, first: string): Promise<void> {
  await transaction
    .updateTable('runStreams')
    .set({ stream: first })
    .where('runId', '=', id)
    .where('stream', '=', '')
    .execute()
}
