import type { Json } from '@latchwork/connectors'
import type { StreamEnd } from '@latchwork/sync'
import { RunTaken } from '@latchwork/sync'
import type { NewOf, RowOf } from '../../database/codec.ts'
import type { Database } from '../../database/database.ts'
import { run } from '../../database/flow-tables.ts'
import { flowStream, runStream } from '../../database/stream-tables.ts'
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
  'recordsRead' | 'recordsWritten' | 'recordsRefused' | 'recordsCreated' | 'pages' | 'notices'
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

/** How far the streams of runs are, and where flows go on from. */
export function openRunStreams(database: Database) {
  const { tables } = database
  return {
    /**
     * The streams that the run has begun.
     * @param first the name of one that was begun before streams had names
     * @throws RunTaken
     */
    streamsOf: (held: HeldRun, first: string): Promise<StreamRow[]> =>
      whileHeld(database, held, async (transaction) => {
        await transaction
          .updateTable('runStreams')
          .set({ stream: first })
          .where('runId', '=', held.id)
          .where('stream', '=', '')
          .execute()
        const rows = await transaction
          .selectFrom('runStreams')
          .selectAll()
          .where('runId', '=', held.id)
          .execute()
        return rows.map((row) => runStream.toRow(row))
      }),

    /** Where a flow goes on with a stream; null: at its beginning. */
    async stateOf(flowId: string, stream: string): Promise<Json> {
      const row = await tables
        .selectFrom('flowStreams')
        .selectAll()
        .where('flowId', '=', flowId)
        .where('stream', '=', stream)
        .executeTakeFirst()
      return row === undefined ? null : flowStream.toRow(row).state
    },

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
        if (last !== null) await saveLast(transaction, held.id, { records: last })
        return { cancelling: row.cancelling === 1 }
      }),

    /**
     * A stream has come to its end.
     * @param state where the flow goes on with it; null: at its beginning
     * @throws RunTaken
     */
    endStream: (
      held: HeldRun & Pick<RunRow, 'flowId'>,
      stream: string,
      { status, output }: StreamEnd,
      state: Json,
    ): Promise<void> =>
      whileHeld(database, held, async (transaction) => {
        await transaction
          .updateTable('runStreams')
          .set({ status, outputFile: output?.file ?? null, outputBytes: output?.bytes ?? null })
          .where('runId', '=', held.id)
          .where('stream', '=', stream)
          .execute()
        if (state === null) return
        const columns = flowStream.toColumns({ flowId: held.flowId, stream, state })
        await transaction
          .insertInto('flowStreams')
          .values(columns)
          .onConflict((conflict) => conflict.columns(['flowId', 'stream']).doUpdateSet(columns))
          .execute()
      }),
  }
}
