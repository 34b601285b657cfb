import { type CloseClient, isCloseError } from '@latchwork/close'
import { type Column, invalidField, LatchworkError, listOf } from '@latchwork/contract'
import type {
  Batch,
  Config,
  CredentialAccess,
  Json,
  ReadPurpose,
  Selection,
  Source,
  StreamReader,
} from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { findStreamRow, readAccountRows } from './account-streams.ts'
import { readBackfill } from './backfill.ts'
import { freshRange, type RangeState, readPosition, writePosition } from './backfill-position.ts'
import { ClockSkew } from './clock-skew.ts'
import { type CloseContext, closeClientFor } from './close-client.ts'
import { readColumns } from './columns.ts'
import { conditioned } from './conditioned.ts'
import { countRecords, cutDateRanges, type DateRange } from './date-ranges.ts'
import { chosenInFlow, sourceFields } from './definition.ts'
import { guardedBatches, guardOf } from './guard.ts'
import { readIncremental, usualCompareMs } from './incremental.ts'
import { isOfAll } from './incremental-position.ts'
import { type OpenedStream, openListed } from './listed.ts'
import { readRange } from './range-reading.ts'
import { RefusedKinds } from './refused-kinds.ts'
import type { SearchReading } from './streams/row.ts'
import { streamOf, streamRows } from './streams.ts'

const runPageSize = 200
const samplePageSize = 10

/** The rules of a Close source that the definition can't express. */
export function closeSourceFaults(values: Config): Record<string, string> {
  const names = listOf(values['fields'] ?? '')
  if (names.every((name) => /^[\w.]{1,100}$/.test(name))) return {}
  return { fields: 'must be names of fields separated by commas' }
}

/** What a source reads whose form names one kind of record; nothing where each flow chooses. @throws LatchworkError `invalid_input` */
export function closeSelections(config: Config): Selection[] {
  const values = readConfig(sourceFields, config, closeSourceFaults)
  if (values['object'] === chosenInFlow.name) return []
  return [
    {
      stream: values['object'] ?? '',
      mode: 'full',
      columns: listOf(values['fields'] ?? ''),
      parameters: { kinds: values['kinds'] ?? '' },
    },
  ]
}

export function openCloseSource(credential: CredentialAccess, context: CloseContext): Source {
  return {
    streams: async () => {
      const account = await guardOf(
        credential,
        context,
      )(() => readAccountRows(closeClientFor(credential, context), context.signal))
      return [...streamRows, ...account].map(streamOf)
    },
    open: (selection, purpose, signal) => openStream(selection, credential, { ...context, signal }, purpose),
    close: async () => undefined,
  }
}

/**
 * Opens the records of one stream. A full run reads all of them, each reader in its own way so that records that change,
 * appear or disappear meanwhile make no other be missed. An incremental one goes on from its state.
 *
 * @throws LatchworkError `invalid_input`, `stream_unavailable`, `key_rejected`, `grant_rejected`, `unreachable`,
 *   `upstream_rate_limited`, `upstream_error`
 */
async function openStream(
  selection: Selection,
  credential: CredentialAccess,
  context: CloseContext,
  purpose: ReadPurpose,
): Promise<StreamReader> {
  const clockSkew = new ClockSkew()
  const client = closeClientFor(credential, context, { clockSkew })
  const row = await guardOf(
    credential,
    context,
  )(() => findStreamRow(client, selection.stream, context.signal))
  if (!streamOf(row).modes.includes(selection.mode))
    throw invalidField('mode', 'form', `can't be ${selection.mode} for ${selection.stream}`)
  const guard = guardOf(credential, context, row)
  const { columns: all, note } = await guard(() => readColumns(client, row))
  const columns = chooseColumns(all, selection.columns)
  const { reading: way } = row
  const { count, batches } =
    way.by === 'search'
      ? searched({ client, way, selection, columns, context, purpose, clockSkew })
      : await guard(() =>
          openListed({ ...row, reading: way }, columns, { client, context, purpose, credential }),
        )
  return {
    columns,
    key: 'id',
    ordered: false,
    ...(selection.range !== undefined && way.by === 'search' && { excerpt: true as const }),
    ...(note === null ? {} : { notes: [note] }),
    count: (position = null) => guard(() => count(position)),
    batches: (position) => guardedBatches(guard, withNotice(batches(position), note)),
    close: async () => undefined,
  }
}

function searched({
  way,
  columns,
  ...parts
}: Pick<Reading, 'client' | 'context' | 'purpose' | 'selection' | 'clockSkew'> & {
  way: SearchReading
  columns: readonly Column[]
}): OpenedStream {
  const kinds = way.types.length > 1 ? listOf(parts.selection.parameters['kinds'] ?? '') : []
  const searchTypes = kinds.length > 0 ? kinds : way.types
  const reading: Reading = {
    ...parts,
    client: way.only === undefined ? parts.client : conditioned(parts.client, way.only),
    object: { searchTypes },
    fields: columns.map((column) => column.name),
    refusedKinds: new RefusedKinds(searchTypes),
  }
  return {
    count: (position) => countFrom(reading, position),
    batches: (position) => readBatches(reading, position),
  }
}

/** The first batch tells what could not be found out. */
async function* withNotice(
  batches: AsyncGenerator<Batch, void, undefined>,
  note: string | null,
): AsyncGenerator<Batch, void, undefined> {
  let untold = note
  for await (const batch of batches) {
    if (untold === null) yield batch
    else {
      const notice = { code: 'kind_refused', column: 'custom fields', count: 1, message: untold } as const
      yield { ...batch, notices: [...(batch.notices ?? []), notice] }
    }
    untold = null
  }
}

interface Reading {
  readonly client: CloseClient
  readonly object: { readonly searchTypes: readonly string[] }
  readonly fields: readonly string[]
  readonly context: CloseContext
  readonly purpose: ReadPurpose
  readonly refusedKinds: RefusedKinds
  readonly selection: Selection
  readonly clockSkew: ClockSkew
}

async function* readBatches(reading: Reading, position: Json | null): AsyncGenerator<Batch, void, undefined> {
  const { client, object, fields, context, purpose, refusedKinds, selection, clockSkew } = reading
  const { clock, signal } = context
  const pageSize = purpose === 'sample' ? samplePageSize : runPageSize
  const searching = { client, fields, refusedKinds, pageSize, clock, signal }
  const { searchTypes } = object
  const { range } = selection
  if (range !== undefined) {
    yield* readRange({ ...searching, searchTypes, range }, position)
    return
  }
  if (selection.mode === 'incremental' && purpose === 'run') {
    const { columns, compareAfterMs = usualCompareMs } = selection
    const cut = (searchTypes: readonly string[]) => cutRanges(reading, searchTypes)
    yield* readIncremental({ ...searching, searchTypes, columns, clockSkew, compareAfterMs, cut }, position)
    return
  }
  const ranges = position === null ? await firstRanges(reading) : readPosition(position)
  yield* readBackfill({ ...searching, ranges, positionOf: writePosition })
}

async function firstRanges(reading: Reading): Promise<RangeState[]> {
  const { searchTypes } = reading.object
  const isSample = reading.purpose === 'sample'
  const cuts = isSample
    ? searchTypes.map((searchType) => ({ searchType }))
    : await cutRanges(reading, searchTypes)
  return cuts.map(freshRange)
}

/** All records of these kinds, in ranges of creation dates. */
async function cutRanges(reading: Reading, searchTypes: readonly string[]): Promise<DateRange[]> {
  const { client, context } = reading
  const cuts = await ofEachKind(reading, searchTypes, (searchType) =>
    cutDateRanges(client, searchType, context.signal),
  )
  return cuts.flat()
}

/** How many there are to be read; null if nobody knows, as of changes. */
async function countFrom(reading: Reading, position: Json | null): Promise<number | null> {
  const { client, object, context, selection } = reading
  const { searchTypes } = object
  if (selection.range !== undefined) return null
  if (selection.mode === 'incremental' && !isOfAll(position)) return null
  const counts = await ofEachKind(reading, searchTypes, (searchType) =>
    countKind(client, searchType, context.signal),
  )
  let total = 0
  for (const count of counts) {
    if (count === null) return null
    total += count
  }
  return total
}

/** Asks about each kind that Close does not refuse. */
async function ofEachKind<T>(
  { refusedKinds }: Reading,
  searchTypes: readonly string[],
  ask: (searchType: string) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = []
  await Promise.all(
    searchTypes.map(async (searchType) => {
      if (refusedKinds.has(searchType)) return
      try {
        answers.push(await ask(searchType))
      } catch (error) {
        refusedKinds.passOver(searchType, error)
      }
    }),
  )
  return answers
}

/** Names the kind that Close's search does not know: the others can be read without it. */
async function countKind(
  client: CloseClient,
  searchType: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    return await countRecords(client, searchType, {}, signal)
  } catch (error) {
    if (!isCloseError(error) || error.code !== 'invalid' || !searchType.startsWith('activity.')) throw error
    throw new LatchworkError('upstream_refused', {
      message: `Close refuses to search for ${searchType}: ${error.message} Choose the other kinds under Kinds of activity.`,
      cause: error,
    })
  }
}

/** The columns asked for, the key always among them. */
function chooseColumns(columns: Column[], wanted: readonly string[]): Column[] {
  if (wanted.length === 0) return columns
  const unknown = wanted.find((name) => !columns.some((column) => column.name === name))
  if (unknown !== undefined) {
    throw invalidField('fields', 'unknown_field', `The account has no field ${unknown} on these records.`)
  }
  return columns.filter((column) => column.name === 'id' || wanted.includes(column.name))
}
