import {
  type CloseClient,
  isCloseError,
  type Page,
  paginate,
  type RequestOptions,
  type SearchRow,
} from '@latchwork/close'
import pMap, { pMapSkip } from 'p-map'
import { z } from 'zod'
import { readCheckpointPart } from '../../checkpoint-part.ts'
import type { Json } from '../../interface.ts'
import type { ListReading } from '../streams/row.ts'
import { batchRows, pageRows, type ReaderParts, type ReadRows, sampleRows } from './reader.ts'

type Query = Readonly<Record<string, string>>

/** So often a list is read at most until two passes agree. */
const maxPasses = 10
const detailsAtOnce = 6

/**
 * Reads a list that has no order to hold on to: pages by offset lose a record when another before it goes, and a record
 * that moves to the front. So the list is read again until two passes in a row have the same records. One page is whole
 * as it is. Where the list never rests, all that any pass met is given: a record can be missed only by slipping through
 * every pass.
 */
export async function readVerified(
  client: Pick<CloseClient, 'list'>,
  path: string,
  query: Query,
  options: RequestOptions,
  pageSize: number = pageRows,
): Promise<SearchRow[]> {
  const met = new Map<string, SearchRow>()
  let before: ReadonlyMap<string, SearchRow> | null = null
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    const rows = new Map<string, SearchRow>()
    let first: Page<SearchRow> | undefined
    const list = async (paged: Query, requestOptions?: RequestOptions): Promise<Page<SearchRow>> => {
      const page = await client.list(path, paged, requestOptions)
      first ??= page
      return page
    }
    for await (const row of paginate<SearchRow, Query & { _limit: string }>(
      list,
      { ...query, _limit: `${pageSize}` },
      { priority: 'backfill', ...options },
    )) {
      rows.set(row.id, row)
      met.set(row.id, row)
    }
    const isOnePage =
      first !== undefined &&
      first.has_more !== true &&
      first.data.length < pageSize &&
      first.data.length >= rows.size
    if (isOnePage || (before !== null && hasSameIds(rows, before))) return [...rows.values()]
    before = rows
  }
  return [...met.values()]
}

function hasSameIds(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((id) => b.has(id))
}

/** Throws where the list can't be read. */
export async function probeList(parts: ReaderParts, reading: ListReading): Promise<void> {
  await firstRows(parts, reading, 1)
}

const parentPosition = z.strictObject({ parent: z.string(), after: z.string() })

/** Reads a list in the order of the ids. The position is the last id; of records with parents, the parent's as well. */
export async function* readList(
  parts: ReaderParts,
  reading: ListReading,
  position: Json | null,
): AsyncGenerator<ReadRows, void, undefined> {
  if (parts.purpose === 'sample') {
    const rows = await firstRows(parts, reading, sampleRows)
    if (rows.length > 0) yield { rows, position: rows.at(-1)?.id ?? '' }
    return
  }
  if (reading.parent === undefined) {
    const after = position === null ? '' : readCheckpointPart(z.string(), position)
    const rows = await readAll(parts, reading, await queriesOf(parts, reading))
    yield* inBatches(parts, reading, rows, after, (id) => id)
    return
  }
  const { path, parameter } = reading.parent
  const from = position === null ? { parent: '', after: '' } : readCheckpointPart(parentPosition, position)
  const parents = (await readVerified(parts.client, path, {}, { signal: parts.signal })).filter(
    isWanted(reading),
  )
  for (const { id: parent } of sorted(parents).filter(({ id }) => id >= from.parent)) {
    const query = { ...reading.query, [parameter]: parent }
    const rows = (await readAll(parts, reading, [query]).catch(unlessGone)) ?? []
    const after = parent === from.parent ? from.after : ''
    yield* inBatches(parts, reading, rows, after, (id) => ({ parent, after: id }))
  }
}

const isWanted =
  ({ parents }: ListReading) =>
  ({ id }: SearchRow): boolean =>
    parents?.includes(id) ?? true

async function readAll(
  { client, signal }: ReaderParts,
  { path }: ListReading,
  queries: readonly Query[],
): Promise<SearchRow[]> {
  const rows = new Map<string, SearchRow>()
  for (const query of queries) {
    for (const row of await readVerified(client, path, query, { signal })) rows.set(row.id, row)
  }
  return [...rows.values()]
}

async function queriesOf(
  parts: ReaderParts,
  { ownUser, query = {} }: ListReading,
): Promise<readonly Query[]> {
  if (ownUser === undefined) return [query]
  const { id } = await parts.client.me({ signal: parts.signal })
  return ownUser.map((parameter) => ({ ...query, [parameter]: id }))
}

/** The first records, of the first parent that has some. */
async function firstRows(parts: ReaderParts, reading: ListReading, most: number): Promise<SearchRow[]> {
  const { client, signal } = parts
  const first = async (path: string, query: Query, limit = most): Promise<SearchRow[]> =>
    (await client.list(path, { ...query, _limit: limit }, { signal })).data.slice(0, limit)
  if (reading.parent === undefined) {
    const [query = {}] = await queriesOf(parts, reading)
    return withDetail(parts, reading, await first(reading.path, query))
  }
  const parents = reading.parents?.map((id) => ({ id })) ?? (await first(reading.parent.path, {}, sampleRows))
  for (const { id } of parents) {
    const rows = await first(reading.path, { ...reading.query, [reading.parent.parameter]: id })
    if (rows.length > 0 || most === 1) return rows
  }
  return []
}

async function* inBatches(
  parts: ReaderParts,
  reading: ListReading,
  rows: readonly SearchRow[],
  after: string,
  positionAt: (id: string) => Json,
): AsyncGenerator<ReadRows, void, undefined> {
  const left = sorted(rows).filter(({ id }) => id > after)
  for (let at = 0; at < left.length; at += batchRows) {
    const page = left.slice(at, at + batchRows)
    const whole = await withDetail(parts, reading, page)
    if (whole.length > 0) yield { rows: whole, position: positionAt(page.at(-1)?.id ?? after) }
  }
}

/** Each record as Close shows it alone, where its list leaves fields out. */
async function withDetail(
  { client, signal }: ReaderParts,
  { path, detail }: ListReading,
  rows: readonly SearchRow[],
): Promise<SearchRow[]> {
  if (detail === undefined) return [...rows]
  const alone = async (row: SearchRow): Promise<SearchRow | typeof pMapSkip> => {
    const options = { signal, priority: 'backfill' } as const
    const whole = await client.record(`${path}${row.id}/`, { _fields: detail }, options).catch(unlessGone)
    return whole === null ? pMapSkip : { ...row, ...whole }
  }
  return pMap(rows, alone, { concurrency: detailsAtOnce })
}

/** Null for what was deleted since it was listed. */
function unlessGone(error: unknown): null {
  if (isCloseError(error) && error.code === 'not_found') return null
  throw error
}

function sorted(rows: readonly SearchRow[]): SearchRow[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))
}
