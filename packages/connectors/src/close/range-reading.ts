import { type CloseClient, closeTimestamp, type SearchQuery } from '@latchwork/close'
import type { Batch, Json, TimeRange } from '../interface.ts'
import { type Backfill, readBackfill } from './backfill.ts'
import { freshRange, type RangeState, readPosition, writePosition } from './backfill-position.ts'
import { conditioned } from './conditioned.ts'

export interface RangeReading extends Omit<Backfill, 'client' | 'ranges' | 'positionOf'> {
  readonly client: CloseClient
  readonly searchTypes: readonly string[]
  readonly range: TimeRange
}

/**
 * Reads what was created within a range of time, then what was changed within it and created before it. What was changed
 * in it and once more later comes only if it was created in it: a search knows the last change. It is as it is now.
 */
export async function* readRange(
  { client, searchTypes, range, ...reading }: RangeReading,
  position: Json | null,
): AsyncGenerator<Batch, void, undefined> {
  const from = closeTimestamp(range.fromMs)
  const bounds = { from, until: closeTimestamp(range.untilMs) }
  const within = searchTypes.map((searchType) => freshRange({ searchType, ...bounds }))
  const left =
    position === null
      ? [...within, ...within.map((each) => ({ ...each, dateField: 'date_updated' }) as const)]
      : readPosition(position)
  const ofDate = (field: RangeState['dateField']) => left.filter(({ dateField }) => dateField === field)
  const changed = ofDate('date_updated')
  yield* readBackfill({
    ...{ ...reading, client, ranges: ofDate('date_created') },
    positionOf: (created) => writePosition([...created, ...changed]),
  })
  for (const searchType of searchTypes) {
    const ranges = changed.filter((each) => each.searchType === searchType)
    const others = changed.filter(
      (each) => searchTypes.indexOf(each.searchType) > searchTypes.indexOf(searchType),
    )
    yield* readBackfill({
      ...{ ...reading, client: conditioned(client, (type) => [createdBefore(type, from)]), ranges },
      positionOf: (now) => writePosition([...now, ...others]),
    })
  }
}

function createdBefore(object_type: string, value: string): SearchQuery {
  return {
    type: 'field_condition',
    field: { type: 'regular_field', object_type, field_name: 'date_created' },
    condition: { type: 'moment_range', before: { type: 'fixed_utc', value } },
  }
}
