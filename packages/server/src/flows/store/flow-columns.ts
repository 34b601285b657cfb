import { LatchworkError, ownName } from '@latchwork/contract'
import type { Database } from '../../database/database.ts'
import { flowColumns, type StoredColumn } from '../../database/stream-tables.ts'
import { type HeldRun, whileHeld } from './held.ts'
import type { RunRow } from './run-row.ts'

/** The columns that flows remember of their streams. */
export function openFlowColumns(database: Database) {
  const { tables } = database
  const save = async (
    transaction: Database['tables'],
    flowId: string,
    stream: string,
    columns: readonly StoredColumn[],
    target?: string,
  ): Promise<void> => {
    const row = flowColumns.toColumns({ flowId, stream, columns, target })
    await transaction
      .insertInto('flowColumns')
      .values(row)
      .onConflict((conflict) => conflict.columns(['flowId', 'stream']).doUpdateSet(row))
      .execute()
  }
  const columnsOf = async (flowId: string): Promise<Map<string, readonly StoredColumn[]>> => {
    const rows = await tables
      .selectFrom('flowColumns')
      .selectAll()
      .where('flowId', '=', flowId)
      .orderBy('stream')
      .execute()
    return new Map(rows.map((row) => flowColumns.toRow(row)).map(({ stream, columns }) => [stream, columns]))
  }
  return {
    /** By stream. */
    columnsOf,

    /** What streams that have columns are called in the destination, where nobody has said it. */
    async targetsOf(flowId: string): Promise<Map<string, string>> {
      const rows = await tables
        .selectFrom('flowColumns')
        .select(['stream', 'target'])
        .where('flowId', '=', flowId)
        .execute()
      return new Map(rows.map(({ stream, target }) => [stream, target ?? ownName(stream)]))
    },

    /**
     * @param target what the stream is called in the destination, where nobody has said it
     * @throws RunTaken
     */
    keepColumns: (
      held: HeldRun & Pick<RunRow, 'flowId'>,
      stream: string,
      columns: readonly StoredColumn[],
      target?: string,
    ): Promise<void> =>
      whileHeld(database, held, (transaction) => save(transaction, held.flowId, stream, columns, target)),

    /**
     * Changes what is remembered while no run goes by it.
     * @throws LatchworkError `run_active`
     */
    async changeColumns(
      flowId: string,
      change: (
        columns: ReadonlyMap<string, readonly StoredColumn[]>,
      ) => Iterable<[string, readonly StoredColumn[]]>,
    ): Promise<void> {
      const active = await tables
        .selectFrom('runs')
        .select('id')
        .where('flowId', '=', flowId)
        .where((run) => run.or([run('status', 'in', ['queued', 'running']), run('retryAt', 'is not', null)]))
        .executeTakeFirst()
      if (active !== undefined) {
        throw new LatchworkError('run_active', {
          message: 'A run of this flow is under way, or will be tried again. Cancel it first.',
          blockers: [{ kind: 'run', id: active.id, name: active.id }],
        })
      }
      for (const [stream, columns] of change(await columnsOf(flowId)))
        await save(tables, flowId, stream, columns)
    },

    /** The next run reads the stream from the start. */
    async forgetState(flowId: string, stream: string): Promise<void> {
      await tables
        .deleteFrom('flowStreams')
        .where('flowId', '=', flowId)
        .where('stream', '=', stream)
        .execute()
    },
  }
}

export type FlowColumnStore = ReturnType<typeof openFlowColumns>
