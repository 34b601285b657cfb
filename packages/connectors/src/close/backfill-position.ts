import type { SearchPosition } from '@latchwork/close'
import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Json } from '../interface.ts'
import type { DateRange } from './date-ranges.ts'

/** One range under way: the rest of it, and the records that were delivered beyond the safe position. */
export interface RangeState {
  readonly searchType: string
  readonly until?: string | undefined
  readonly from?: SearchPosition | undefined
  /**
   * Ids delivered with a creation date after `from`, with that date (ms). The walk reads these again, since so young
   * a record's place is not certain yet; they were delivered all the same.
   */
  readonly later: Readonly<Record<string, number>>
}

const positionSchema = z.strictObject({
  ranges: z.array(
    z.strictObject({
      searchType: z.string(),
      until: z.string().optional(),
      from: z.strictObject({ value: z.string(), seenIds: z.array(z.string()) }).optional(),
      later: z.record(z.string(), z.number()),
    }),
  ),
})

/** The state of a range before its first read. */
export function freshRange({ searchType, until, from }: DateRange): RangeState {
  return {
    searchType,
    until,
    from: from === undefined ? undefined : { value: from, seenIds: [] },
    later: {},
  }
}

/** The ranges still to be read, as they stand in a checkpoint. */
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

/** @throws LatchworkError `checkpoint_unreadable` for a position that this source has not written */
export function readPosition(position: Json): RangeState[] {
  return readCheckpointPart(positionSchema, position).ranges
}
