import { type CloseClient, type Page, type SearchRow, walkSearch } from '@latchwork/close'
import {
  type Column,
  type DataRecord,
  type FieldValues,
  invalidField,
  LatchworkError,
} from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../../checkpoint-part.ts'
import type { Batch, Clock, Json, ReadPurpose } from '../../interface.ts'
import type { ClockSkew } from '../clock-skew.ts'
import type { OpenedStream } from '../listed.ts'
import { readVerified } from '../readers/list.ts'
import { batchRows, sampleRows } from '../readers/reader.ts'
import { type Times, withTimes, withTimesIn } from './macros.ts'
import { columnsOf, type FoundByHand, memberOf, recordOf, recordsIn } from './records.ts'
import { linesOf, objectTypeOf, readSearch } from './request.ts'

export interface ByHandParts {
  readonly client: CloseClient
  readonly signal: AbortSignal
  readonly purpose: ReadPurpose
  readonly clock: Clock
  readonly clockSkew: ClockSkew
  /** Whether the next run is told when this one began. */
  readonly isIncremental: boolean
  /** Names of the columns that are chosen; empty: all. */
  readonly wanted: readonly string[]
  /** Of the credential. */
  organizationId(): Promise<string>
}

const positionSchema = z.strictObject({
  version: z.literal(1),
  /** Close's time (ms) when the last complete reading began; null before it. */
  lastRunMs: z.int().nonnegative().nullable(),
  /** The same of the reading under way; null between two runs. */
  begunMs: z.int().nonnegative().nullable(),
})
type Position = z.infer<typeof positionSchema>

/** More pages than this have no end. */
const maxPages = 100_000

/**
 * Opens a stream by hand. Its columns are those of the first records that Close answers now.
 * @param values of its form, defaults included
 * @throws LatchworkError `invalid_input` where the answer is not what the form says; CloseError
 */
export async function openByHand(
  values: FieldValues,
  parts: ByHandParts,
): Promise<OpenedStream & { readonly columns: Column[]; readonly key: string }> {
  const organization = (values['path'] ?? '').includes('{organization}') ? await parts.organizationId() : ''
  const given: Given = { values, organization }
  const key = values['pagination'] === 'search' ? 'id' : (values['key'] ?? '')
  const first = await firstRecords(given, key, parts)
  const all = columnsOf(first, key)
  const { wanted } = parts
  // Which members a list has may change from one answer to the next.
  const columns = all.filter(({ name }) => wanted.length === 0 || name === key || wanted.includes(name))
  const names = new Set(columns.map(({ name }) => name))
  const read = (found: FoundByHand) => recordOf(found, key, all, names)
  const batches = (position: Json | null) => readBatches(given, key, read, parts, position)
  return { columns, key, batches, count: async () => null }
}

interface Given {
  readonly values: FieldValues
  readonly organization: string
}

async function firstRecords(given: Given, key: string, parts: ByHandParts): Promise<FoundByHand[]> {
  const times = { nowMs: nowOf(parts), lastRunMs: null }
  for await (const found of pagesOf(given, key, { ...parts, purpose: 'sample' }, times)) return [...found]
  return []
}

async function* readBatches(
  given: Given,
  key: string,
  read: (found: FoundByHand) => DataRecord,
  parts: ByHandParts,
  from: Json | null,
): AsyncGenerator<Batch, void, undefined> {
  const before: Position =
    from === null ? { version: 1, lastRunMs: null, begunMs: null } : readCheckpointPart(positionSchema, from)
  const lastRunMs = parts.isIncremental ? before.lastRunMs : null
  const begunMs = before.begunMs ?? nowOf(parts)
  const underWay: Json = { ...before, begunMs }
  for await (const found of pagesOf(given, key, parts, { nowMs: begunMs, lastRunMs })) {
    for (let at = 0; at < found.length; at += batchRows) {
      const some = found.slice(at, at + batchRows)
      yield { records: some.map(read), position: underWay }
    }
  }
  // A run that is taken up begins at the start: what comes twice changes nothing.
  yield { records: [], position: { version: 1, lastRunMs: begunMs, begunMs: null } }
}

function nowOf({ clock, clockSkew }: ByHandParts): number {
  return Math.floor(clockSkew.closeMs(clock.now()))
}

function pagesOf(
  given: Given,
  key: string,
  parts: ByHandParts,
  times: Times,
): AsyncGenerator<readonly FoundByHand[], void, undefined> {
  const { values } = given
  if (values['pagination'] === 'search') return searchPages(values['body'] ?? '', parts, times)
  const ask = asking(given, parts, times)
  const readFirst: Read = (answer) => recordsIn(answer, values['records'] ?? '', key)
  const read = parts.purpose === 'sample' ? readFirst : readLater(readFirst)
  switch (values['pagination']) {
    case 'single':
      return singlePage(ask, read)
    case 'cursor':
      return cursorPages(ask, read, values)
    default:
      return offsetPages(ask, read, values, parts)
  }
}

type Ask = (query?: Readonly<Record<string, unknown>>) => Promise<unknown>
type Read = (answer: unknown) => FoundByHand[]

function asking({ values, organization }: Given, { client, signal }: ByHandParts, times: Times): Ask {
  const path = (values['path'] ?? '').replaceAll('{organization}', organization)
  const query = Object.fromEntries(
    (linesOf(values['query'] ?? '', '=') ?? []).map(([name, value]) => [name, withTimes(value, times)]),
  )
  const headers = Object.fromEntries(linesOf(values['headers'] ?? '', ':') ?? [])
  return (paged = {}) => {
    const own = Object.entries(paged).map(([name, value]) => [name, String(value)])
    const request = { path, headers, query: { ...query, ...Object.fromEntries(own) } }
    return client.request({ method: 'GET', ...request }, { signal, priority: 'backfill' })
  }
}

/** The first answer was as the form says: a later one that is not is broken, which passes, so the run asks again. */
function readLater(read: Read): Read {
  return (answer) => {
    try {
      return read(answer)
    } catch (cause) {
      const message = 'Close answers other than before: the records, or their key, are not where they were.'
      throw new LatchworkError('upstream_error', { message, cause })
    }
  }
}

async function* singlePage(ask: Ask, read: Read): AsyncGenerator<FoundByHand[], void, undefined> {
  const found = read(await ask())
  if (found.length > 0) yield found
}

async function* offsetPages(
  ask: Ask,
  read: Read,
  values: FieldValues,
  { purpose, signal }: ByHandParts,
): AsyncGenerator<FoundByHand[], void, undefined> {
  const pageSize = Number(values['page_size'])
  if (purpose === 'sample') {
    const found = read(await ask({ _limit: Math.min(sampleRows, pageSize), _skip: 0 }))
    if (found.length > 0) yield found.slice(0, sampleRows)
    return
  }
  const found = new Map<string, FoundByHand>()
  const list = async (
    _path: string,
    query: Readonly<Record<string, unknown>> = {},
  ): Promise<Page<SearchRow>> => {
    const answer = await ask({ ...query, _limit: pageSize })
    const data = read(answer)
    for (const each of data) found.set(each.id, each)
    const hasMore = memberOf(answer, 'has_more')
    return { data, has_more: typeof hasMore === 'boolean' ? hasMore : data.length >= pageSize }
  }
  const whole = await readVerified({ list }, '', {}, { signal }, pageSize)
  const rows = whole.flatMap(({ id }) => found.get(id) ?? [])
  if (rows.length > 0) yield rows
}

async function* cursorPages(
  ask: Ask,
  read: Read,
  values: FieldValues,
): AsyncGenerator<FoundByHand[], void, undefined> {
  let cursor: string | null = null
  const followed = new Set<string>()
  for (let page = 0; page < maxPages; page += 1) {
    const query = cursor === null ? {} : { [values['cursor_parameter'] ?? '']: cursor }
    const nextOf = (answer: unknown) => memberOf(answer, values['cursor_path'] ?? '')
    let answer = await ask(query)
    // An answer that leaves it out may be a broken one: it is the end if it does so twice.
    if (nextOf(answer) === undefined) answer = await ask(query)
    const found = read(answer)
    if (found.length > 0) yield found
    const next = nextOf(answer)
    if (next === null || next === undefined || next === '' || next === false) return
    const text = typeof next === 'number' ? String(next) : next
    if (typeof text !== 'string') {
      throw invalidField(
        'cursor_path',
        'form',
        'Where the next cursor is must name a text in Close’s answer.',
      )
    }
    if (followed.has(text)) break
    followed.add(text)
    cursor = text
  }
  throw new LatchworkError('upstream_error', { message: 'Close answers the same pages over and over.' })
}

async function* searchPages(
  body: string,
  { client, signal, clock, purpose }: ByHandParts,
  times: Times,
): AsyncGenerator<FoundByHand[], void, undefined> {
  const search = readSearch(body)
  const objectType = search === null ? null : objectTypeOf(search)
  if (search === null || objectType === null) throw invalidField('body', 'form', 'Search must be one.')
  const query = withTimesIn(search.query, times)
  const walk = {
    ...({ objectType, dateField: 'date_created', fields: search._fields[objectType] ?? [] } as const),
    ...(purpose === 'sample' ? { pageSize: sampleRows } : {}),
    query: {
      ...query,
      type: 'and',
      queries: Array.isArray(query['queries']) ? query['queries'] : [],
    } as const,
  }
  for await (const { records } of walkSearch(client, walk, { clock, signal, priority: 'backfill' })) {
    const found = records.map(({ __object_type: _, ...row }): FoundByHand => ({ id: row.id, row }))
    if (found.length > 0) yield found
  }
}
