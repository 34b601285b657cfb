import { type DataRecord, doublingMs } from '@latchwork/contract'
import type { Client } from 'pg'
import { z } from 'zod'
import { countState, readCheckpointPart } from '../checkpoint-part.ts'
import type {
  Clock,
  ConnectorContext,
  CredentialAccess,
  DestinationOptions,
  RefusedRecord,
  StreamPlan,
  StreamWriter,
  WriteNotice,
  WriteResult,
} from '../interface.ts'
import { type ColumnType, columnType } from './column-types.ts'
import { connectPostgres, leavePostgres, type PostgresLimits } from './connection.ts'
import { databaseTime, type Writing, writeDeletions } from './deletions.ts'
import { isPassing, postgresFailure } from './failures.ts'
import type { Mark } from './marks.ts'
import { rowsOf, wideningsFor } from './page-rows.ts'
import { keysOf, sweepOthers, sweepUnwritten } from './sweep.ts'
import { isEmpty, prepareTable } from './table.ts'
import type { Table } from './table-names.ts'
import type { Target } from './target.ts'
import { inTransaction, NotHeld } from './transaction.ts'
import { type RefusedRow, writePage } from './upsert.ts'
import { widenColumns } from './widen.ts'

const maxAttempts = 5
const firstDelayMs = 500

const writerState = countState.extend({
  /** When the stream began, as the database told the time. Left out where deleted records are left, and by runs of before. */
  begun: z.iso.datetime({ precision: 6 }).exactOptional(),
  /** The table had no rows then. */
  empty: z.literal(true).exactOptional(),
})

type WriterOptions = Pick<DestinationOptions, 'round' | 'hold'> & StreamPlan

/**
 * Makes or extends the table and writes pages to it by key. What becomes of records that the source no longer has, the plan
 * says. Records without a key are added by every run, each once.
 *
 * @throws LatchworkError as `connectPostgres`, `checkpoint_unreadable`, and `invalid_input` for a missing schema or an
 *   unfit table
 */
export async function openWriter(
  { table: planned, numbered, deletions }: Target,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: WriterOptions,
  limits: PostgresLimits,
): Promise<StreamWriter> {
  const resume = options.resume === null ? null : readCheckpointPart(writerState, options.resume)
  let state: z.infer<typeof writerState> = resume ?? { records: 0 }
  let client: Client | null = null
  let table = planned
  let marks: ReadonlySet<Mark> = new Set()
  const types = new Map<string, ColumnType>()
  const connected = async (): Promise<Client> => {
    if (client === null) {
      client = await connectPostgres(credential, context, limits)
      const prepared = await prepareTable(client, planned, deletions)
      table = prepared.table
      marks = prepared.marks
      for (const [name, sql] of prepared.types) types.set(name, columnType(sql))
    }
    return client
  }
  const disconnect = async () => {
    const leaving = client
    client = null
    if (leaving !== null) await leavePostgres(leaving, limits)
  }
  const { hold } = options
  const persist = <T>(work: (client: Client, writing: Writing) => Promise<T>): Promise<T> =>
    tryAgain(context, disconnect, async () => {
      const open = await connected()
      return work(open, { deletions, marks, begun: state.begun ?? null })
    })
  const begins = resume === null && deletions !== 'leave'
  await persist(async (open) => {
    if (!begins) return
    state = {
      records: 0,
      begun: await databaseTime(open),
      ...((await isEmpty(open, table)) && { empty: true }),
    }
  })
  const sweep: StreamWriter['sweep'] = async (existing, allows) => {
    const { begun, empty } = state
    // Of a run of before nobody knows when it began.
    if (begun === undefined || empty === true) return { deleted: 0, state }
    const keys = existing === null ? null : await keysOf(existing)
    const swept = await persist((open, writing) => {
      const all = { table, writing: { ...writing, begun }, hold, allows }
      return keys === null ? sweepUnwritten(open, all) : sweepOthers(open, all, keys)
    })
    return { ...swept, state }
  }
  return {
    ...(begins && { state }),
    ...(deletions !== 'leave' && { sweep }),
    write: async ({ records: written, deleted = [], replayed }) => {
      const named = numbered(
        written,
        (index) => replayed?.[index]?.id ?? `${options.round}:${state.records + index}`,
      )
      const { refused, notices, gone } = await persist(async (open, writing) => {
        const fitting = await fittingRows(open, table, types, named)
        const done = await inTransaction(open, hold, async () => ({
          refusals: await writePage(open, table, fitting.rows, writing),
          gone: await writeDeletions(open, table, writing, deleted),
        }))
        const { refusals, gone } = done
        return { refused: [...fitting.refused, ...refusals], notices: fitting.notices, gone }
      })
      state = { ...state, records: state.records + written.length }
      const result = { ...resultOf(written.length, refused, notices, state), deleted: gone }
      // Rows without a key are added by every run that is not the continuation of another.
      return options.key === null ? { ...result, created: result.written } : result
    },
    finish: async () => null,
    abort: async () => undefined,
    close: disconnect,
  }
}

/** A broken connection is made again: a page that was written and not acknowledged is written over. */
async function tryAgain<T>(
  context: ConnectorContext & { readonly clock: Clock },
  disconnect: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      await disconnect()
      if (error instanceof NotHeld) throw error.cause
      context.signal.throwIfAborted()
      if (attempt === maxAttempts || !isPassing(error)) throw postgresFailure(error)
      const delayMs = doublingMs(attempt, firstDelayMs)
      context.activity?.('The database does not answer. Trying again in a moment.')
      await context.clock.sleep(delayMs, context.signal)
      context.activity?.(null)
    }
  }
}

/**
 * Makes columns wide enough for a page, and gives its rows.
 * @param copy see `widenColumns`
 */
export async function fittingRows(
  client: Client,
  table: Table,
  types: Map<string, ColumnType>,
  page: readonly DataRecord[],
  copy: Table | null = null,
): Promise<ReturnType<typeof rowsOf>> {
  const widened = await widenColumns(client, table, wideningsFor(page, table, types), copy)
  for (const [name, type] of widened.types) types.set(name, type)
  const { rows, refused, notices } = rowsOf(page, table, types, widened.refused)
  return { rows, refused, notices: [...widened.notices, ...notices] }
}

function resultOf(
  length: number,
  refused: readonly RefusedRow[],
  notices: readonly WriteNotice[],
  state: WriteResult['state'],
): WriteResult {
  return {
    written: length - refused.length,
    refused: refused.map(({ index, message }): RefusedRecord => ({ index, code: 'record_refused', message })),
    ...(notices.length === 0 ? {} : { notices }),
    state,
  }
}
