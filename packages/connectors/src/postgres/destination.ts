import { type Column, type DataRecord, doublingMs, LatchworkError } from '@latchwork/contract'
import type { Client } from 'pg'
import { countState, readCheckpointPart } from '../checkpoint-part.ts'
import type {
  Clock,
  Config,
  ConnectorContext,
  CredentialAccess,
  Destination,
  DestinationOptions,
  RefusedRecord,
  StreamPlan,
  StreamWriter,
  WriteNotice,
  WriteResult,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { type ColumnType, columnType } from './column-types.ts'
import { connectPostgres, leavePostgres, type PostgresLimits, writeLimits } from './connection.ts'
import { postgresDefinition } from './definition.ts'
import { isPassing, postgresFailure } from './failures.ts'
import { rowsOf, wideningsFor } from './page-rows.ts'
import { prepareTable, type Table, tableOf } from './table.ts'
import { NotHeld, type RefusedRow, upsertPage } from './upsert.ts'
import { widenColumns } from './widen.ts'

const fields = postgresDefinition.destination?.fields ?? []
const maxAttempts = 5
const firstDelayMs = 500

/** The key of records that have none of their own: the round of runs and the record's number in each of them. */
const rowColumn: Column = { name: '_latchwork_row', label: '_latchwork_row', type: 'text' }

/** The rules of a PostgreSQL destination that the definition can't express. */
export function postgresDestinationFaults(values: Config): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const field of ['schema', 'table']) {
    const name = values[field] ?? ''
    if (Buffer.byteLength(name) > 63) faults[field] = 'may have at most 63 bytes'
    else if (field === 'schema' && /^pg_|^information_schema$/.test(name))
      faults[field] = "is PostgreSQL's own"
  }
  return faults
}

type WriterOptions = Pick<DestinationOptions, 'round' | 'hold'> & StreamPlan

export function openPostgresDestination(
  config: Config,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: DestinationOptions,
  limits: PostgresLimits = writeLimits,
): Destination {
  return {
    open: (plan, signal) =>
      openWriter(config, credential, { ...context, signal }, { ...options, ...plan }, limits),
    close: async () => undefined,
  }
}

/**
 * Makes or extends the table and writes pages to it by key. Records that the source no longer has stay in the table.
 * Records without a key are added by every run, each once.
 *
 * @throws LatchworkError as `connectPostgres`, `checkpoint_unreadable`, and `invalid_input` for a missing schema or an
 *   unfit table
 */
async function openWriter(
  config: Config,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: WriterOptions,
  limits: PostgresLimits,
): Promise<StreamWriter> {
  const { table, numbered } = targetTable(config, options)
  let records = options.resume === null ? 0 : readCheckpointPart(countState, options.resume).records
  let client: Client | null = null
  const types = new Map<string, ColumnType>()
  const connected = async (): Promise<Client> => {
    if (client === null) {
      client = await connectPostgres(credential, context, limits)
      for (const [name, sql] of await prepareTable(client, table)) types.set(name, columnType(sql))
    }
    return client
  }
  const disconnect = async () => {
    const leaving = client
    client = null
    if (leaving !== null) await leavePostgres(leaving, limits)
  }
  const persist = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    tryAgain(context, disconnect, async () => work(await connected()))
  await persist(async () => undefined)
  return {
    write: async ({ records: written, replayed }) => {
      const named = numbered(
        written,
        (index) => replayed?.[index]?.id ?? `${options.round}:${records + index}`,
      )
      const { refused, notices } = await persist((open) =>
        writeRecords(open, table, types, named, options.hold),
      )
      records += written.length
      const result = resultOf(written.length, refused, notices, records)
      // Rows without a key are added by every run that is not the continuation of another.
      return options.key === null ? { ...result, created: result.written } : result
    },
    finish: async () => null,
    abort: async () => undefined,
    close: disconnect,
  }
}

/**
 * The table of a form, and records with a name for each where they have no key.
 * @throws LatchworkError `invalid_input`
 */
export function targetTable(config: Config, options: Pick<StreamPlan, 'columns' | 'key' | 'ordered'>) {
  const values = readConfig(fields, config, postgresDestinationFaults)
  if (options.key === null && !options.ordered) {
    throw new LatchworkError('invalid_input', {
      message: 'The records of this source have no key, so they could not be told apart in a table.',
    })
  }
  const table = tableOf(
    values['schema'] ?? '',
    values['table'] ?? '',
    options.key === null ? [rowColumn, ...options.columns] : options.columns,
    options.key ?? rowColumn.name,
  )
  const numbered = (page: readonly DataRecord[], nameOf: (index: number) => string): readonly DataRecord[] =>
    options.key === null
      ? page.map((record, index) => ({ ...record, [rowColumn.name]: nameOf(index) }))
      : page
  return { table, numbered }
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

/** Makes columns wide enough for the page, and writes it. */
async function writeRecords(
  client: Client,
  table: Table,
  types: Map<string, ColumnType>,
  page: readonly DataRecord[],
  hold: DestinationOptions['hold'],
): Promise<{ refused: RefusedRow[]; notices: WriteNotice[] }> {
  const { rows, refused, notices } = await fittingRows(client, table, types, page)
  const refusals = await upsertPage(client, table, rows, hold)
  return { refused: [...refused, ...refusals], notices }
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
  records: number,
): WriteResult {
  return {
    written: length - refused.length,
    refused: refused.map(({ index, message }): RefusedRecord => ({ index, code: 'record_refused', message })),
    ...(notices.length === 0 ? {} : { notices }),
    state: { records },
  }
}
