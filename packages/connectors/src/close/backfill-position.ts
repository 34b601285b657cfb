import type { SearchPosition } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import type { Json } from '../interface.ts'
import type { DateRange } from './date-ranges.ts'

/** One range under way: what is left of it, and what was delivered beyond where it can safely be continued. */
export interface RangeState {
  readonly searchType: string
  readonly until?: string
  readonly from?: SearchPosition
  /**
   * Ids delivered with a creation date after `from`, with that date (ms). The walk reads these again, since so young
   * a record's place is not certain yet; they were delivered all the same.
   */
  readonly later: Readonly<Record<string, number>>
}

/** The state of a range that nothing was read of yet. */
export function freshRange(range: DateRange): RangeState {
  return {
    searchType: range.searchType,
    ...(range.until === undefined ? {} : { until: range.until }),
    ...(range.from === undefined ? {} : { from: { value: range.from, seenIds: [] } }),
    later: {},
  }
}

/** The ranges still to be read, as a checkpoint keeps them. */
export function writePosition(ranges: Iterable<RangeState>): Json {
  return {
    ranges: [...ranges].map(({ searchType, until, from, later }) => ({
      searchType,
      ...(until === undefined ? {} : { until }),
      ...(from === undefined ? {} : { from: { value: from.value, seenIds: [...from.seenIds] } }),
      later: { ...later },
    })),
  }
}

/** @throws LatchworkError `internal` for a position that this source has not written */
export function readPosition(position: Json): RangeState[] {
  const ranges = isFields(position) ? position['ranges'] : undefined
  if (!Array.isArray(ranges)) throw unreadable()
  return ranges.map((range: unknown) => {
    if (!isFields(range)) throw unreadable()
    const { searchType, until, from, later } = range
    if (typeof searchType !== 'string' || !isFields(later)) throw unreadable()
    const numbers = Object.entries(later).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    )
    return {
      searchType,
      ...(typeof until === 'string' ? { until } : {}),
      ...(from === undefined ? {} : { from: readFrom(from) }),
      later: Object.fromEntries(numbers),
    }
  })
}

function readFrom(from: unknown): SearchPosition {
  if (!isFields(from) || typeof from['value'] !== 'string' || !Array.isArray(from['seenIds']))
    throw unreadable()
  return { value: from['value'], seenIds: from['seenIds'].filter((id) => typeof id === 'string') }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unreadable(): LatchworkError {
  return new LatchworkError('internal', {
    message: 'The position of this run is not understood. Run the flow again.',
  })
}
