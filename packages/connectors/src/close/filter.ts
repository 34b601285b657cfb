import type { CloseClient, SearchQuery } from '@latchwork/close'
import { dayAt, daysAgo, type FieldValues, listOf } from '@latchwork/contract'
import { goneChoice, queryOf } from './choices.ts'
import type { StreamRow } from './streams/row.ts'
import { isRefusal } from './unavailable.ts'

/** The records that a search keeps, by the parameters of a stream. */
export interface Filter {
  /** Conditions that a record meets for ever or never. */
  fixed(searchType: string): readonly SearchQuery[]
  /** Conditions that a record may meet today and not tomorrow. */
  changing(searchType: string): readonly SearchQuery[]
  /** Whether more than the record decides: it can come and go without a change of its date. */
  readonly isFromOutside: boolean
}

type Condition = (searchType: string) => SearchQuery

/**
 * What the values of a stream's parameters mean for its searches.
 * @param nowMs Close's time, from which days are counted back
 * @throws LatchworkError `invalid_input` for a smart view that is gone
 * @throws CloseError
 */
export async function readFilter(
  client: CloseClient,
  { reading, parameters = [] }: StreamRow,
  values: FieldValues,
  nowMs: number,
  signal: AbortSignal,
): Promise<Filter> {
  const fixed: Condition[] = []
  const changing: Condition[] = []
  let isFromOutside = false
  if (reading.by === 'search' && reading.only !== undefined) {
    const { only } = reading
    fixed.push(() => only)
  }
  for (const { field, keeping, changes, fromOutside } of parameters) {
    const value = values[field.name] ?? ''
    if (value === '' || keeping === undefined || keeping.by === 'kinds') continue
    const conditions = changes ? changing : fixed
    if (fromOutside === true) isFromOutside = true
    if (keeping.by === 'query') {
      const query = keeping.query(listOf(value))
      conditions.push(() => query)
      continue
    }
    if (keeping.by === 'field') {
      // What was young enough yesterday leaves without a change of its own.
      if (field.kind === 'date' && daysAgo(value) !== null) isFromOutside = true
      const { name } = keeping
      const condition = keeping.condition(field.kind === 'date' ? [dayAt(value, nowMs)] : listOf(value))
      conditions.push((searchType) => ({
        type: 'field_condition',
        field: { type: 'regular_field', object_type: searchType, field_name: name },
        condition,
      }))
      continue
    }
    isFromOutside = true
    const query = await readView(client, value, field, signal)
    conditions.push(
      keeping.of === 'record'
        ? () => query
        : (searchType) => ({
            type: 'has_related',
            this_object_type: searchType,
            related_object_type: 'lead',
            related_query: query,
          }),
    )
  }
  return {
    fixed: (searchType) => fixed.map((condition) => condition(searchType)),
    changing: (searchType) => changing.map((condition) => condition(searchType)),
    isFromOutside,
  }
}

/** As it is now: whoever changes it in Close changes what is read. */
async function readView(
  client: CloseClient,
  id: string,
  { name, label }: { name: string; label: string },
  signal: AbortSignal,
): Promise<SearchQuery> {
  try {
    const query = queryOf({ ...(await client.savedSearches.get(id, { signal })) })
    // Close made it, and it goes back to Close as it is.
    if (query !== null) return query as SearchQuery
  } catch (error) {
    // Deleted, or somebody else's own by now.
    if (!isRefusal(error)) throw error
  }
  throw goneChoice(name, label)
}
