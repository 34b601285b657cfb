import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Json } from '../interface.ts'
import { type RangeState, rangeSchema, writeRanges } from './backfill-position.ts'
import type { KnownColumns } from './known-columns.ts'

/** What is known of a stream whose changes are read. It is the state between two runs, and the position within one. */
export interface Known {
  readonly columns: KnownColumns
  /** The values of the stream's parameters, in the order of their names. */
  readonly parameters: Readonly<Record<string, string>>
  /** The kinds that were read as a whole, each with Close's time (ms) up to which its changes are known. */
  readonly kinds: Readonly<Record<string, number>>
  /** Close's time (ms) up to which deletions are known; null before the first reading has ended. */
  readonly deletedMs: number | null
  /** Close's time (ms) of the last comparison of ids; null before the first. */
  readonly comparedMs: number | null
  /** The reading under way; null between two runs. */
  readonly reading: {
    /** Close's time (ms) when it began: the next reading looks from there. */
    readonly begunMs: number
    /** What is left to be read by search. */
    readonly ranges: readonly RangeState[]
  } | null
}

export const nothingKnown: Known = {
  ...{ columns: { read: null, dropped: [], types: {} }, parameters: {}, kinds: {} },
  ...{ deletedMs: null, comparedMs: null, reading: null },
}

const time = z.int().nonnegative()

const schema = z.strictObject({
  // Raised whenever the meaning of a position changes.
  version: z.literal(1),
  columns: z.union([
    z.strictObject({
      ...{ read: z.array(z.string()), dropped: z.array(z.string()) },
      // Left out by earlier versions.
      types: z.record(z.string(), z.string()).default({}),
    }),
    // Of earlier versions: those that were chosen; empty: all.
    z.array(z.string()).transform((chosen) => ({
      ...{ read: chosen.length === 0 ? null : ['id', ...chosen], dropped: [], types: {} },
    })),
  ]),
  // Left out by earlier versions, which knew none but the kinds.
  parameters: z.record(z.string(), z.string()).default({}),
  kinds: z.record(z.string(), time),
  deletedMs: time.nullable(),
  comparedMs: time.nullable(),
  reading: z.strictObject({ begunMs: time, ranges: z.array(rangeSchema) }).nullable(),
})

export function writeKnown(known: Known): Json {
  const { columns, parameters, kinds, deletedMs, comparedMs, reading } = known
  return {
    version: 1,
    columns:
      columns.read === null
        ? []
        : { read: [...columns.read], dropped: [...columns.dropped], types: { ...columns.types } },
    parameters: { ...parameters },
    kinds: { ...kinds },
    deletedMs,
    comparedMs,
    reading: reading && { begunMs: reading.begunMs, ranges: writeRanges(reading.ranges) },
  }
}

/** Whether all records are read from that position. @throws LatchworkError `checkpoint_unreadable` */
export function isOfAll(position: Json | null): boolean {
  return position === null || Object.keys(readKnown(position).kinds).length === 0
}

/** @throws LatchworkError `checkpoint_unreadable` for a position that no incremental reading of this version has written */
export function readKnown(position: Json): Known {
  return readCheckpointPart(schema, position)
}
