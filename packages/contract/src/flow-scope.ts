import { z } from 'zod'
import type { SyncMode } from './flow-streams.ts'
import { lineSchema } from './text.ts'

/* What a person may ask of one run of a flow beyond "run it", and how often ids are compared. */

/** How often ids are compared, for kinds of record whose deletions the source does not tell. */
export const comparisonSchema = z.enum(['daily', 'weekly', 'monthly', 'never'])
export type Comparison = z.infer<typeof comparisonSchema>

const hourMs = 3_600_000
/** An hour less than its name says: a run at the same time of each day does not miss it by a second. */
export const comparisonMs: Readonly<Record<Comparison, number | null>> = {
  daily: 23 * hourMs,
  weekly: (7 * 24 - 1) * hourMs,
  monthly: (30 * 24 - 1) * hourMs,
  never: null,
}

export const comparisonWords: Readonly<Record<Comparison, string>> = {
  daily: 'Every day',
  weekly: 'Every week',
  monthly: 'Every month',
  never: 'Never',
}

/** A calendar day in UTC. */
const daySchema = z.iso.date('must be a day as 2026-03-31')

/** Both days belong to it. */
const dayRangeFields = { from: daySchema, to: daySchema }

export interface DayRange {
  readonly from: string
  readonly to: string
}

/** Its moments in milliseconds: from the first (inclusive) until the second (exclusive). */
export function momentsOf({ from, to }: DayRange): { fromMs: number; untilMs: number } {
  return { fromMs: Date.parse(from), untilMs: Date.parse(to) + 24 * hourMs }
}

const streamNamesSchema = z
  .array(lineSchema(200).min(1, 'is required'))
  .min(1, 'needs at least one stream')
  .max(200)

/** Agrees to records being made that an earlier run has made already, or that each run of a schedule creates again. */
export const againSchema = z.boolean().default(false)

export const flowRunSchema = z
  .strictObject({
    again: againSchema,
    /** Only these of the flow's; left out: all. */
    streams: streamNamesSchema.optional(),
    /** Says that records which the source has no more are really gone, however many: see `deletions_held`. */
    gone: z.boolean().default(false),
  })
  .prefault({})

export const flowResetSchema = z.strictObject({ streams: streamNamesSchema })

export const flowBackfillSchema = z
  .strictObject({ stream: lineSchema(200).min(1, 'is required'), ...dayRangeFields })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before the first day' })

/** What a run was asked for beyond what its flow says. */
export const runScopeSchema = z.object({
  /** Null: all that the flow reads. */
  streams: z.array(z.string()).nullable(),
  /** Days: only what was created or changed in them was read. Null: as the flow reads. */
  range: z.object({ from: z.string(), to: z.string() }).nullable(),
  /** Whether somebody has said that records are gone, however many. */
  gone: z.boolean(),
})
export type RunScope = z.infer<typeof runScopeSchema>

/** A stream of a flow, between its runs. */
export const streamStandSchema = z.object({
  stream: z.string(),
  label: z.string(),
  mode: z.enum(['full', 'incremental']),
  /** Whether the next run reads all of it, or what changed since the last one. */
  next: z.enum(['everything', 'changes']),
})
export type StreamStand = z.infer<typeof streamStandSchema>

/** What a run was asked for, in a few words; null for an ordinary one. @param labels by stream */
export function scopeWords(
  scope: RunScope | null,
  labelOf: (stream: string) => string = (stream) => stream,
): string | null {
  if (scope === null) return null
  const { streams, range, gone } = scope
  const named = streams === null ? 'All streams' : namesInSentence(streams.map(labelOf))
  if (range !== null) return `Backfill of ${named}, ${range.from} to ${range.to}`
  return gone ? `${named}, with what is gone` : `Only ${named}`
}

/** What a reset does, said before it is done. */
export function resetSentence(label: string, mode: SyncMode): string {
  return mode === 'full'
    ? `${label} is read whole by every run, so there is nothing to forget.`
    : `Latchwork forgets how far ${label} was read: the next run reads it whole, which takes as long as the first one did. Nothing in the destination is changed before that.`
}

/** What a backfill does, said before it is done. */
export function backfillSentence(label: string, { from, to }: DayRange): string {
  return `What was created or changed in ${label} from ${from} to the end of ${to} (UTC) is read again and written over what the destination has. Nothing is marked as deleted or removed, and the next run goes on as if this one had not been.`
}

/** Names in a sentence. */
export function namesInSentence(names: readonly string[]): string {
  const [first = '', second] = names
  if (names.length <= 2) return second === undefined ? first : `${first} and ${second}`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** The streams of a run of which more than half would have been marked as deleted or removed, and were not. */
export function heldBack({
  notices,
}: {
  readonly notices: readonly { readonly code: string; readonly column: string }[]
}): string[] {
  return notices.flatMap(({ code, column }) => (code === 'deletions_held' ? [column] : []))
}
