import { doublingMs } from '@latchwork/contract'
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
import { connectPostgres, leavePostgres, type PostgresLimits } from './connection.ts'
import { databaseTime, deleteItems, type Writing, writeDeletions } from './deletions.ts'
import { isPassing, postgresFailure } from './failures.ts'
import { fittingPage, inUse, type TablesInUse } from './fitting.ts'
import { keysOf, sweepOthers, sweepUnwritten } from './sweep.ts'
import { isEmpty, prepareTables } from './table.ts'
import type { Target } from './target.ts'
import { inTransaction, NotHeld } from './transaction.ts'
import { type RefusedRow, writePage } from './upsert.ts'

const maxAttempts = 5
const firstDelayMs = 500

const writerState = countState.extend({
  /** When the stream began, as the database told the time. Left out where deleted records are left, and by runs of before. */
  begun: z.iso.datetime({ precision: 6 }).exactOptional(),
  /** The table had no rows then. */
  empty: z.literal(true).exactOptional(),
})

type WriterOptions = Pick<DestinationOptions, 'round' | 'hold'> & StreamPlan

/** A connection, and what it writes to. */
interface Connected {
  readonly client: Client
  readonly tables: TablesInUse
}

/**
 * Makes or extends the tables and writes pages to it by key. What becomes of records that the source no longer has, the plan
 * says. Records without a key are added by every run, each once.
 *
 * @throws LatchworkError as `connectPostgres`, `checkpoint_unreadable`, `destination_gone`, and `invalid_input` for a missing
 *   schema or an unfit table
 */
export async function openWriter(
  { numbered, deletions, ...planned }: Target,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: WriterOptions,
  limits: PostgresLimits,
): Promise<StreamWriter> {
  const resume = options.resume === null ? null : readCheckpointPart(writerState, options.resume)
  let state: z.infer<typeof writerState> = resume ?? { records: 0 }
  let client: Client | null = null
  let tables: TablesInUse | null = null
  const connected = async (): Promise<Connected> => {
    client ??= await connectPostgres(credential, context, limits)
    tables ??= inUse(await prepareTables(client, planned, deletions, writtenBefore(options, state)))
    return { client, tables }
  }
  const disconnect = async () => {
    const leaving = client
    client = null
    tables = null
    if (leaving !== null) await leavePostgres(leaving, limits)
  }
  const { hold } = options
  const persist = <T>(work: (open: Connected, writing: Writing) => Promise<T>): Promise<T> =>
    tryAgain(context, disconnect, async () => {
      const open = await connected()
      return work(open, { deletions, marks: open.tables.marks, begun: state.begun ?? null })
    })
  const begins = resume === null && deletions !== 'leave'
  await persist(async (open) => {
    if (!begins) return
    state = {
      records: 0,
      begun: await databaseTime(open.client),
      ...((await isEmpty(open.client, open.tables.table)) && { empty: true }),
    }
  })
  const sweep: StreamWriter['sweep'] = async (existing, allows) => {
    const { begun, empty } = state
    // Of a run of before nobody knows when it began.
    if (begun === undefined || empty === true) return { deleted: 0, state }
    const keys = existing === null ? null : await keysOf(existing)
    const swept = await persist((open, writing) => {
      const { table, lists } = open.tables
      const all = { table, lists, writing: { ...writing, begun }, hold, allows }
      return keys === null ? sweepUnwritten(open.client, all) : sweepOthers(open.client, all, keys)
    })
    return { ...swept, state }
  }
  return {
    takesMany: true,
    ...(begins && { state }),
    ...(deletions !== 'leave' && { sweep }),
    write: async ({ records: written, deleted = [], replayed }) => {
      const named = numbered(
        written,
        (index) => replayed?.[index]?.id ?? `${options.round}:${state.records + index}`,
      )
      const { refused, notices, gone } = await persist(async (open, writing) => {
        const { table, lists } = open.tables
        const fitting = await fittingPage(open.client, open.tables, named)
        const { refusals, gone } = await inTransaction(open.client, hold, async () => {
          const refusals = await writePage(open.client, table, fitting, writing)
          const gone = await writeDeletions(open.client, table, writing, deleted)
          await deleteItems(open.client, lists, writing, deleted)
          return { refusals, gone }
        })
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

/** Why a table that is missing is not made again: it would have a part of the records, and nobody would know. */
function writtenBefore(
  { changes }: Pick<WriterOptions, 'changes'>,
  { records }: z.infer<typeof countState>,
): string | null {
  if (changes)
    return 'This run reads only what has changed, so all other records would be missing. Read the stream whole again: that makes the table again.'
  return records === 0
    ? null
    : 'This run has written records to it, which would be missing. Run the flow again from the start.'
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
