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

/** The search for one page of a reading: from the bound, or from a cursor in it. */
export function walkBody(
  walk: SearchWalk,
  pageSize: number,
  reading: Reading,
  startMs: number | undefined,
  cursor: string | undefined,
): SearchBody {
  const { objectType, fields, query, dateField } = walk
  const queries: SearchQuery[] = [{ type: 'object_type', object_type: objectType }, ...reading.within]
  const before = reading.nested ? undefined : walk.until
  if (startMs !== undefined || before !== undefined) {
    queries.push(dateRange(objectType, reading.field, startMs, before))
  }
  if (query !== undefined) queries.push(query)
  return {
    query: { type: 'and', queries },
    _fields: { [objectType]: [...new Set(['id', dateField, otherDate[dateField], ...fields])] },
    _limit: pageSize,
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
