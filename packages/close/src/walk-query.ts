import type { WalkDateField } from './delivered.ts'
import type { SearchBody, SearchField, SearchQuery } from './search.ts'
import { closeTimestamp } from './timestamps.ts'

/** The place where a later walk continues: a date, and the ids that were delivered at exactly that date. Plain JSON. */
export type SearchPosition = { value: string; seenIds: string[] }

export type SearchWalk = {
  /** Such as `lead`, `contact`, `opportunity`, `task`, or a kind of activity. */
  objectType: string
  dateField: WalkDateField
  /** Continue after this position; from the first record if left out. */
  from?: SearchPosition | undefined
  /** Stop before this date (exclusive). */
  until?: string | undefined
  /** Fields of the rows; the id and both dates always come along. */
  fields: readonly string[]
  /** Default 200. */
  pageSize?: number | undefined
  /** A further condition. */
  query?: SearchQuery | undefined
}

/** One sorted reading: of everything, or within one millisecond of another date. */
export type Reading = {
  field: WalkDateField
  startMs: number | undefined
  within: readonly SearchQuery[]
  nested: boolean
}

export const otherDate = { date_updated: 'date_created', date_created: 'date_updated' } as const

/** One page of a reading. */
export type PageOf = {
  reading: Reading
  /** The bound that it begins at. */
  startMs: number | undefined
  /** From a cursor instead of the bound. */
  cursor: string | undefined
  /** Without these. */
  excluded: readonly string[]
  limit: number
  /** Besides the id and both dates. */
  fields: readonly string[]
}

/** The search for one page. */
export function walkBody(walk: SearchWalk, page: PageOf): SearchBody {
  const { objectType, query, dateField } = walk
  const { reading, startMs, cursor } = page
  const queries: SearchQuery[] = [{ type: 'object_type', object_type: objectType }, ...reading.within]
  const before = reading.nested ? undefined : walk.until
  if (startMs !== undefined || before !== undefined) {
    queries.push(dateRange(objectType, reading.field, startMs, before))
  }
  if (query !== undefined) queries.push(query)
  for (const id of page.excluded) queries.push({ type: 'id', value: id, negate: true })
  return {
    query: { type: 'and', queries },
    _fields: { [objectType]: [...new Set(['id', dateField, otherDate[dateField], ...page.fields])] },
    _limit: page.limit,
    sort: [{ direction: 'asc', field: regularField(objectType, reading.field) }],
    ...(cursor === undefined ? {} : { cursor }),
  }
}

/** Objects with a date from `fromMs` (inclusive) to `before` (exclusive). */
export function dateRange(
  objectType: string,
  field: WalkDateField,
  fromMs: number | undefined,
  before: string | undefined,
): SearchQuery {
  return {
    type: 'field_condition',
    field: regularField(objectType, field),
    condition: {
      type: 'moment_range',
      ...(fromMs === undefined ? {} : { on_or_after: { type: 'fixed_utc', value: closeTimestamp(fromMs) } }),
      ...(before === undefined ? {} : { before: { type: 'fixed_utc', value: before } }),
    },
  }
}

function regularField(objectType: string, field: WalkDateField): SearchField {
  return { type: 'regular_field', object_type: objectType, field_name: field }
}
