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
import { readBackfill } from './backfill.ts'
import { freshRange, type RangeState, readPosition, writePosition } from './backfill-position.ts'
import { ClockSkew } from './clock-skew.ts'
import { type CloseContext, closeClientFor } from './close-client.ts'
import { readColumns } from './columns.ts'
import { countRecords, cutDateRanges, type DateRange } from './date-ranges.ts'
import { chosenInFlow, sourceFields } from './definition.ts'
import { closeFailure } from './failures.ts'
import { readIncremental } from './incremental.ts'
import { isOfAll } from './incremental-position.ts'
import { closeStreams, type SourceObject, sourceObject } from './objects.ts'
import { RefusedKinds } from './refused-kinds.ts'
import { readUsers } from './users.ts'

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
  if (values['object'] === chosenInFlow.value) return []
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
    streams: async () => closeStreams,
    open: (selection, purpose, signal) => openStream(selection, credential, { ...context, signal }, purpose),
    close: async () => undefined,
  }
}

/**
 * Opens the records of one kind. A full run reads all of them, by search and in the order of their creation, so that
 * records that change, appear or disappear meanwhile make no other be missed. An incremental one goes on from its state.
 *
 * @throws LatchworkError `invalid_input`, `key_rejected`, `grant_rejected`, `account_refused`, `unreachable`,
 *   `upstream_rate_limited`, `upstream_error`
 */
async function openStream(
  selection: Selection,
  credential: CredentialAccess,
  context: CloseContext,
  purpose: ReadPurpose,
): Promise<StreamReader> {
  const named = sourceObject(selection.stream)
  if (named === undefined) throw invalidField('object', 'form', 'must name what to read')
  const kinds = listOf(selection.parameters['kinds'] ?? '')
  const object: SourceObject =
    named.customFields === 'activity' && kinds.length > 0 ? { ...named, searchTypes: kinds } : named
  if (selection.mode === 'incremental' && object.searchTypes.length === 0)
    throw invalidField('mode', 'form', `can't be incremental for ${selection.stream}`)
  const clockSkew = new ClockSkew()
  const client = closeClientFor(credential, context, { clockSkew })
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      context.signal.throwIfAborted()
      throw closeFailure(error, credential, context)
    }
  }
  const columns = chooseColumns(await guard(() => readColumns(client, object)), selection.columns)
  const refusedKinds = new RefusedKinds(object.searchTypes)
  const fields = columns.map((column) => column.name)
  const reading: Reading = { client, object, fields, context, purpose, refusedKinds, selection, clockSkew }
  return {
    columns,
    key: 'id',
    ordered: false,
    count: (position = null) => guard(() => countFrom(reading, position)),
    batches: (position) => guardedBatches(guard, readBatches(reading, position)),
    close: async () => undefined,
  }
}

interface Reading {
  readonly client: CloseClient
  readonly object: SourceObject
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
  if (object.searchTypes.length === 0) {
    yield* readUsers(client, fields, position, signal)
    return
  }
  const pageSize = purpose === 'sample' ? samplePageSize : runPageSize
  const searching = { client, fields, refusedKinds, pageSize, clock, signal }
  if (selection.mode === 'incremental' && purpose === 'run') {
    const { columns } = selection
    const cut = (searchTypes: readonly string[]) => cutRanges(reading, searchTypes)
    yield* readIncremental(
      { ...searching, searchTypes: object.searchTypes, columns, clockSkew, cut },
      position,
    )
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
  if (searchTypes.length === 0) return null
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

async function* guardedBatches(
  guard: <R>(work: () => Promise<R>) => Promise<R>,
  batches: AsyncGenerator<Batch, void, undefined>,
): AsyncGenerator<Batch, void, undefined> {
  for await (const batch of guarded(guard, batches)) {
    const { existing } = batch
    yield existing === undefined ? batch : { ...batch, existing: () => guarded(guard, existing()) }
  }
}

/** An iteration whose errors pass through the guard. */
async function* guarded<T>(
  guard: <R>(work: () => Promise<R>) => Promise<R>,
  all: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const items = all[Symbol.asyncIterator]()
  try {
    for (;;) {
      const item = await guard(() => items.next())
      if (item.done === true) return
      yield item.value
    }
  } finally {
    await items.return?.()
  }
}
