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
import { databaseTime, sweepTable, type Writing, writeDeletions } from './deletions.ts'
import { isPassing, postgresFailure } from './failures.ts'
import type { Mark } from './marks.ts'
import { rowsOf, wideningsFor } from './page-rows.ts'
import { prepareTable } from './table.ts'
import type { Table } from './table-names.ts'
import type { Target } from './target.ts'
import { inTransaction, NotHeld } from './transaction.ts'
import { type RefusedRow, writePage } from './upsert.ts'
import { widenColumns } from './widen.ts'

const maxAttempts = 5
const firstDelayMs = 500

/** Runs of before noted no beginning, and leave deleted records. */
const writerState = countState.extend({ begun: z.iso.datetime({ precision: 6 }).optional() })

type WriterOptions = Pick<DestinationOptions, 'round' | 'hold'> & StreamPlan

/**
 * Makes or extends the table and writes pages to it by key. What becomes of records that the source no longer has, the plan
 * says. Records without a key are added by every run, each once.
 *
 * @throws LatchworkError as `connectPostgres`, `checkpoint_unreadable`, and `invalid_input` for a missing schema or an
 *   unfit table
 */
export async function openWriter(
  { table, numbered, deletions }: Target,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: WriterOptions,
  limits: PostgresLimits,
): Promise<StreamWriter> {
  const resume = options.resume === null ? null : readCheckpointPart(writerState, options.resume)
  let records = resume?.records ?? 0
  let begun = resume?.begun ?? null
  let client: Client | null = null
  let marks: ReadonlySet<Mark> = new Set()
  const types = new Map<string, ColumnType>()
  const connected = async (): Promise<Client> => {
    if (client === null) {
      client = await connectPostgres(credential, context, limits)
      const prepared = await prepareTable(client, table, deletions)
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
  const persist = <T>(work: (client: Client, writing: Writing) => Promise<T>): Promise<T> =>
    tryAgain(context, disconnect, async () => work(await connected(), { deletions, marks, begun }))
  const state = () => ({ records, ...(begun === null ? {} : { begun }) })
  const begins = options.resume === null && deletions !== 'leave'
  await persist(async (open) => {
    if (begins) begun = await databaseTime(open)
  })
  const { hold } = options
  const sweep = async (): Promise<number> => {
    const since = begun
    // Of a run of before nobody knows when it began.
    return since === null
      ? 0
      : persist((open, writing) => sweepTable(open, table, { ...writing, begun: since }, hold))
  }
  return {
    ...(begins && { state: state() }),
    ...(deletions !== 'leave' && { sweep }),
    write: async ({ records: written, deleted = [], replayed }) => {
      const named = numbered(
        written,
        (index) => replayed?.[index]?.id ?? `${options.round}:${records + index}`,
      )
      const { refused, notices } = await persist(async (open, writing) => {
        const fitting = await fittingRows(open, table, types, named)
        const refusals = await inTransaction(open, hold, async () => {
          const found = await writePage(open, table, fitting.rows, writing)
          await writeDeletions(open, table, writing, types.get(table.key), deleted)
          return found
        })
        return { refused: [...fitting.refused, ...refusals], notices: fitting.notices }
      })
      records += written.length
      const dealtWith = written.length + deleted.length
      const result = resultOf(dealtWith, refused, notices, state())
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
