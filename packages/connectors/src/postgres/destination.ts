import { type Column, type DataRecord, doublingMs, LatchworkError } from '@latchwork/contract'
import type { Client } from 'pg'
import { countState, readCheckpointPart } from '../checkpoint-part.ts'
import type {
  Clock,
  Config,
  ConnectorContext,
  CredentialAccess,
  DestinationOptions,
  DestinationWriter,
  RefusedRecord,
  WriteResult,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { connectPostgres, leavePostgres, type PostgresLimits, writeLimits } from './connection.ts'
import { cellsOf } from './copy-text.ts'
import { postgresDefinition } from './definition.ts'
import { isPassing, postgresFailure } from './failures.ts'
import { prepareTable, type Table, tableOf } from './table.ts'
import { NotHeld, type Row, upsertPage } from './upsert.ts'

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

/**
 * Makes or extends the table and writes pages to it by key. Records that the source no longer has stay in the table.
 * Records without a key are added by every run, each once.
 *
 * @throws LatchworkError as `connectPostgres`, `checkpoint_unreadable`, and `invalid_input` for a missing schema or an
 *   unfit table
 */
export async function openPostgresDestination(
  config: Config,
  credential: CredentialAccess,
  context: ConnectorContext & { readonly clock: Clock },
  options: DestinationOptions,
  limits: PostgresLimits = writeLimits,
): Promise<DestinationWriter> {
  const values = readConfig(fields, config, postgresDestinationFaults)
  if (options.key === null && !options.ordered) {
    throw new LatchworkError('invalid_input', {
      message: 'The records of this source have no key, so they could not be told apart in a table.',
    })
  }
  let records = options.resume === null ? 0 : readCheckpointPart(countState, options.resume).records
  const table = tableOf(
    values['schema'] ?? '',
    values['table'] ?? '',
    options.key === null ? [rowColumn, ...options.columns] : options.columns,
    options.key ?? rowColumn.name,
  )
  let client: Client | null = null
  const connected = async (): Promise<Client> => {
    if (client === null) {
      client = await connectPostgres(credential, context, limits)
      await prepareTable(client, table)
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
    write: async (page, ids) => {
      const { rows, refused } = rowsOf(page, table, options, records, ids)
      const refusals = await persist((open) => upsertPage(open, table, rows, options.hold))
      records += page.length
      const result = resultOf(page.length, [...refused, ...refusals], records)
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

function rowsOf(
  page: readonly DataRecord[],
  table: Table,
  options: DestinationOptions,
  before: number,
  ids: readonly string[] | undefined,
): { rows: Row[]; refused: { index: number; message: string }[] } {
  const rows: Row[] = []
  const refused: { index: number; message: string }[] = []
  page.forEach((record, index) => {
    const row = ids?.[index] ?? `${options.round}:${before + index}`
    const numbered = options.key === null ? { ...record, [rowColumn.name]: row } : record
    const cells = cellsOf(numbered, table.columns)
    const broken = cells.findIndex((cell) => cell !== null && !cell.isWellFormed())
    const column = table.columns[broken]
    if (column !== undefined) {
      refused.push({ index, message: `The value of ${column.name} holds half a character.` })
    } else if (cells[table.columns.findIndex((candidate) => candidate.name === table.key)] == null) {
      refused.push({ index, message: `The record has no ${table.key}, so it can't be told apart.` })
    } else {
      rows.push({ index, cells })
    }
  })
  return { rows, refused }
}

function resultOf(
  length: number,
  refused: readonly { index: number; message: string }[],
  records: number,
): WriteResult {
  return {
    written: length - refused.length,
    refused: refused.map(({ index, message }): RefusedRecord => ({ index, code: 'record_refused', message })),
    state: { records },
  }
}
