import { type CloseClient, isCloseError } from '@latchwork/close'
import { type Column, LatchworkError, listOf } from '@latchwork/contract'
import type { Batch, Json, ReadPurpose, Selection } from '../interface.ts'
import { readBackfill } from './backfill.ts'
import { freshRange, type RangeState, readPosition, writePosition } from './backfill-position.ts'
import type { ClockSkew } from './clock-skew.ts'
import type { CloseContext } from './close-client.ts'
import { conditioned } from './conditioned.ts'
import { countRecords, cutDateRanges, type DateRange } from './date-ranges.ts'
import { type Filter, readFilter } from './filter.ts'
import { readIncremental, usualCompareMs } from './incremental.ts'
import { isOfAll } from './incremental-position.ts'
import { type FieldTypes, typesOf } from './known-columns.ts'
import type { OpenedStream } from './listed.ts'
import { readRange } from './range-reading.ts'
import { RefusedKinds } from './refused-kinds.ts'
import type { SearchReading, StreamRow } from './streams/row.ts'

const runPageSize = 200
const samplePageSize = 10

interface Parts {
  readonly client: CloseClient
  readonly context: CloseContext
  readonly purpose: ReadPurpose
  readonly selection: Selection
  readonly clockSkew: ClockSkew
}

interface Reading extends Parts {
  /** Finds only what the parameters keep. */
  readonly filtered: CloseClient
  readonly filter: Filter
  readonly searchTypes: readonly string[]
  readonly fields: readonly string[]
  readonly types: FieldTypes
  readonly refusedKinds: RefusedKinds
  /** What was counted of each kind, so that one run asks once. */
  readonly counted: Map<string, number | null>
}

/** Opens a stream that is read by search. @throws CloseError; LatchworkError `invalid_input`, as `readFilter` */
export async function openSearched(
  row: StreamRow & { readonly reading: SearchReading },
  columns: readonly Pick<Column, 'name' | 'type'>[],
  parts: Parts,
): Promise<OpenedStream> {
  const { client, selection, context, clockSkew } = parts
  const kinds = listOf(selection.parameters['kinds'] ?? '')
  const searchTypes = kinds.length > 0 ? kinds : row.reading.types
  const nowMs = clockSkew.closeMs(context.clock.now())
  const filter = await readFilter(client, row, selection.parameters, nowMs, context.signal)
  const reading: Reading = {
    ...{ ...parts, filter, searchTypes, fields: columns.map(({ name }) => name), types: typesOf(columns) },
    filtered: conditioned(client, (type) => [...filter.fixed(type), ...filter.changing(type)]),
    refusedKinds: new RefusedKinds(searchTypes),
    counted: new Map(),
  }
  return {
    count: (position) => countFrom(reading, position),
    batches: (position) => readBatches(reading, position),
  }
}

async function* readBatches(reading: Reading, position: Json | null): AsyncGenerator<Batch, void, undefined> {
  const { filtered: client, fields, context, purpose, refusedKinds, selection } = reading
  const { clock, signal } = context
  const pageSize = purpose === 'sample' ? samplePageSize : runPageSize
  const searching = { client, fields, refusedKinds, pageSize, clock, signal }
  const { searchTypes, clockSkew, filter } = reading
  const { range, compareAfterMs = usualCompareMs } = selection
  if (range !== undefined) {
    yield* readRange({ ...searching, searchTypes, range }, position)
    return
  }
  if (selection.mode === 'incremental' && purpose === 'run') {
    const cut = (types: readonly string[]) => cutRanges(reading, types)
    yield* readIncremental(
      {
        ...{ ...searching, searchTypes, clockSkew, compareAfterMs, cut, filter, types: reading.types },
        ...{ parameters: selection.parameters, unfiltered: reading.client },
      },
      position,
    )
    return
  }
  const ranges = position === null ? await firstRanges(reading) : readPosition(position)
  yield* readBackfill({ ...searching, ranges, positionOf: writePosition })
}

async function firstRanges(reading: Reading): Promise<RangeState[]> {
  const { searchTypes, purpose } = reading
  const cuts =
    purpose === 'sample'
      ? searchTypes.map((searchType) => ({ searchType }))
      : await cutRanges(reading, searchTypes)
  return cuts.map(freshRange)
}

/** All records of these kinds, in ranges of creation dates. */
async function cutRanges(reading: Reading, searchTypes: readonly string[]): Promise<DateRange[]> {
  const { filtered, context, counted } = reading
  const { signal } = context
  const cuts = await ofEachKind(reading, searchTypes, async (searchType) => {
    const total = counted.get(searchType) ?? (await countRecords(filtered, searchType, {}, signal))
    return cutDateRanges(filtered, searchType, total, signal)
  })
  return cuts.flat()
}

/** How many there are to be read; null if nobody knows, as of changes. */
async function countFrom(reading: Reading, position: Json | null): Promise<number | null> {
  const { selection, searchTypes } = reading
  if (selection.range !== undefined) return null
  if (selection.mode === 'incremental' && !isOfAll(position)) return null
  const counts = await ofEachKind(reading, searchTypes, (searchType) => countKind(reading, searchType))
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
async function countKind(reading: Reading, searchType: string): Promise<number | null> {
  try {
    const count = await countRecords(reading.filtered, searchType, {}, reading.context.signal)
    reading.counted.set(searchType, count)
    return count
  } catch (error) {
    if (!isCloseError(error) || error.code !== 'invalid' || !searchType.startsWith('activity.')) throw error
    throw new LatchworkError('upstream_refused', {
      message: `Close refuses to search for ${searchType}: ${error.message} Choose the other kinds under Kinds of activity.`,
      cause: error,
    })
  }
}
