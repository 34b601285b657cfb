import { readCursor, rowsOf } from './pages.ts'
import { isObject } from './parse-json.ts'

/** A field of an object, in a query or a sort. */
export type SearchField =
  | { type: 'regular_field'; object_type: string; field_name: string }
  | { type: 'custom_field'; custom_field_id: string }

/** A moment in a `moment_range`: a fixed one, or any other that Close documents. */
export type SearchMoment = { type: 'fixed_utc'; value: string } | { type: string; [member: string]: unknown }

export type SearchCondition =
  | { type: 'boolean'; value: boolean }
  | { type: 'current_user' }
  | { type: 'exists' }
  | { type: 'text'; mode: 'full_words' | 'phrase'; value: string }
  | { type: 'term'; values: readonly string[] }
  | { type: 'reference'; reference_type: string; object_ids: readonly string[] }
  | { type: 'number_range'; gt?: number; gte?: number; lt?: number; lte?: number }
  | { type: 'moment_range'; on_or_after?: SearchMoment; before?: SearchMoment }

/** A node of the query tree; any may be negated. */
export type SearchQuery = { negate?: boolean } & (
  | { type: 'and' | 'or'; queries: readonly SearchQuery[] }
  | { type: 'object_type'; object_type: string }
  | { type: 'id'; value: string }
  | { type: 'text'; value: string; mode?: 'full_words' | 'phrase' }
  | { type: 'field_condition'; field: SearchField; condition: SearchCondition }
  | {
      type: 'has_related'
      this_object_type: string
      related_object_type: string
      related_query: SearchQuery
    }
  | { type: 'match_all' }
)

/** @see https://developer.close.com/api/resources/advanced-filtering */
export type SearchBody = {
  query: SearchQuery
  /** Fields to return, by object type; without it a row is little more than its id. */
  _fields?: Readonly<Record<string, readonly string[]>>
  _limit?: number
  /** From the page before; lives 30 seconds, and ends after 10,000 objects: `walkSearch` has neither limit. */
  cursor?: string
  results_limit?: number
  include_counts?: boolean
  sort?: readonly { direction: 'asc' | 'desc'; field: SearchField }[]
}

/** A found object: its type, its id, and the fields that were asked for. */
export type SearchRow = { __object_type?: string; id: string; [field: string]: unknown }

export type SearchPage = {
  data: SearchRow[]
  /** `null` is the end; left out, the answer does not say. */
  cursor?: string | null
  count?: { limited: number; total: number }
}

/** @throws CloseError `server_error` when the answer is not a page of results */
export function parseSearchPage(value: unknown): SearchPage {
  const data = rowsOf<SearchRow>(value)
  const answer = isObject(value) ? value : {}
  const cursor = Object.hasOwn(answer, 'cursor') ? { cursor: readCursor(answer['cursor']) } : {}
  const count = isObject(answer['count']) ? answer['count'] : {}
  const { limited, total } = count
  return {
    data,
    ...cursor,
    ...(typeof limited === 'number' && typeof total === 'number' ? { count: { limited, total } } : {}),
  }
}
