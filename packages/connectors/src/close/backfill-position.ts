import type { SearchPosition, WalkDateField } from '@latchwork/close'
import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Json } from '../interface.ts'
import type { DateRange } from './date-ranges.ts'

/** One range under way: the rest of it, and the records that were delivered beyond the safe position. */
export interface RangeState {
  readonly searchType: string
  /** The date whose order it is read in. */
  readonly dateField: WalkDateField
  readonly until?: string | undefined
  readonly from?: SearchPosition | undefined
  /**
   * Ids delivered with a date after `from`, with that date (ms). The walk reads these again, since so young
   * a record's place is not certain yet; they were delivered all the same.
   */
  readonly later: Readonly<Record<string, number>>
  /** Only records with a value in one of these custom fields; left out: all. */
  readonly having?: readonly string[] | undefined
}

export const rangeSchema = z.strictObject({
  searchType: z.string(),
  // Left out by earlier versions, which knew no other.
  dateField: z.enum(['date_created', 'date_updated']).default('date_created'),
  until: z.string().optional(),
  from: z.strictObject({ value: z.string(), seenIds: z.array(z.string()) }).optional(),
  later: z.record(z.string(), z.number()),
  having: z.array(z.string()).optional(),
})
const positionSchema = z.strictObject({ ranges: z.array(rangeSchema) })

/** The state of a range before its first read. */
export function freshRange({ searchType, until, from }: DateRange): RangeState {
  return {
    searchType,
    dateField: 'date_created',
    until,
    from: from === undefined ? undefined : { value: from, seenIds: [] },
    later: {},
  }
}

/** The ranges still to be read, as they stand in a checkpoint. */
export function writeRanges(ranges: Iterable<RangeState>): Json[] {
  return [...ranges].map(({ searchType, dateField, until, from, later, having }) => ({
    ...{ searchType, dateField },
    ...(until === undefined ? {} : { until }),
    ...(from === undefined ? {} : { from: { value: from.value, seenIds: [...from.seenIds] } }),
    later: { ...later },
    ...(having === undefined ? {} : { having: [...having] }),
  }))
}

/** A position of a full read. */
export function writePosition(ranges: Iterable<RangeState>): Json {
  return { ranges: writeRanges(ranges) }
}

/** @throws LatchworkError `checkpoint_unreadable` for a position that this source has not written */
export function readPosition(position: Json): RangeState[] {
  return readCheckpointPart(positionSchema, position).ranges
}
