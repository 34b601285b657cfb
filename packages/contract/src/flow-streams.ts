import { z } from 'zod'
import { type ConnectorDefinition, fieldSchema } from './connector.ts'
import { chosenColumnsSchema, flowColumnListSchema } from './flow-columns.ts'
import { type FieldValues, fieldValue } from './form.ts'
import { lineSchema, timeSchema, valuesSchema } from './text.ts'

/* The streams that a source offers, those that a flow chooses, and what becomes of them in a run. */

/** `full`: everything, each time. `incremental`: what changed since the flow's last run. */
export const syncModeSchema = z.enum(['full', 'incremental'])
export type SyncMode = z.infer<typeof syncModeSchema>

/** What becomes of a record that the source has no more: it gets the time in `_deleted_at`, is deleted, or stays. */
export const deletionsSchema = z.enum(['mark', 'remove', 'leave'])
export type Deletions = z.infer<typeof deletionsSchema>

/** The lists of a record are written into tables of their own, a row for each item. Left out: as JSON, in their columns. */
const listsSchema = z.literal('tables').exactOptional()
/** Whether lists have tables of their own. */
export interface Lists {
  readonly lists?: 'tables'
}

/** One kind of record that a source offers. */
export const offeredStreamSchema = z.object({
  /** Names it among the source's. It never changes. */
  name: z.string(),
  label: z.string(),
  /** Streams of one group stand together where they are chosen. */
  group: z.string(),
  description: z.string(),
  /** Whether most who copy the account want it. */
  recommended: z.boolean(),
  modes: z.array(syncModeSchema),
  /** How records are noticed that the system has no more: in its log, by comparing ids, or not. */
  deletes: z.enum(['events', 'comparison', 'none']),
  /** What a flow may say of how it is read. */
  parameters: z.array(fieldSchema),
  /** Whether a range of dates can be read by itself: a backfill. */
  ranges: z.boolean(),
  /** The stream that has all of its records too, where there is one. */
  within: z.string().optional(),
  /** A flow may have several of it, each under a name of its own: `by_hand:deals` is one of `by_hand`. */
  repeats: z.literal(true).optional(),
})
export type OfferedStream = z.infer<typeof offeredStreamSchema>

/** Of streams that have the same records: only the one that has all, only the others, or both. */
export const sameRecordsSchema = z.enum(['parts', 'whole', 'both'])
export type SameRecords = z.infer<typeof sameRecordsSchema>

const streamNameSchema = lineSchema(200).min(1, 'is required')

/** What a flow reads of one stream, and how it is written. */
export const flowStreamSchema = z.strictObject({
  stream: streamNameSchema,
  /** What it was called when it was chosen; only shown. */
  label: lineSchema(200).default(''),
  mode: syncModeSchema.default('full'),
  /**
   * Names of columns, or a name with what it is called in the destination; empty: all. `*` among them: all, and the others
   * say only what some of them are called.
   */
  columns: flowColumnListSchema.default([]),
  /** By the stream's fields. */
  parameters: valuesSchema.default({}),
  /** What it is called in the destination. Null: as the stream, or, for the only stream of a flow, what the destination's form says. */
  target: streamNameSchema.nullable().default(null),
  deletions: deletionsSchema.default('mark'),
  lists: listsSchema,
})
export type FlowStream = z.infer<typeof flowStreamSchema>

/** What a flow reads: all that the account may read, whenever it runs; or what was chosen by name. */
export const flowStreamsSchema = z.discriminatedUnion('everything', [
  z.strictObject({
    everything: z.literal(true),
    deletions: deletionsSchema.default('mark'),
    sameRecords: sameRecordsSchema.default('parts'),
    lists: listsSchema,
  }),
  z.strictObject({
    everything: z.literal(false),
    chosen: z
      .array(flowStreamSchema)
      .min(1, 'needs at least one stream')
      .max(200)
      .superRefine((chosen, context) => {
        for (const { index, field, message } of clashes(chosen)) {
          context.addIssue({ code: 'custom', path: [index, field], message })
        }
      }),
  }),
])
export type FlowStreams = z.infer<typeof flowStreamsSchema>

/** As `flowStreamSchema`, in an answer: nothing is left out. */
export const chosenStreamSchema = z.object({
  stream: z.string(),
  label: z.string(),
  mode: syncModeSchema,
  columns: chosenColumnsSchema,
  parameters: z.record(z.string(), z.string()),
  target: z.string().nullable(),
  deletions: deletionsSchema,
  lists: listsSchema,
})
export const chosenStreamsSchema = z.discriminatedUnion('everything', [
  z.object({
    everything: z.literal(true),
    deletions: deletionsSchema,
    sameRecords: sameRecordsSchema,
    lists: listsSchema,
  }),
  z.object({ everything: z.literal(false), chosen: z.array(chosenStreamSchema) }),
])

/** Two choices that can't stand beside one another. */
export interface StreamClash {
  /** Of the second one. */
  readonly index: number
  readonly field: 'stream' | 'target'
  /** The rest of a sentence. */
  readonly message: string
}

/** No stream is chosen twice, and no two of them are written to one place. */
export function clashes(chosen: readonly FlowStream[]): StreamClash[] {
  const [names, targets] = [new Set<string>(), new Set<string>()]
  return chosen.flatMap((choice, index): StreamClash[] => {
    const target = (targetOf(choice, chosen.length) ?? '').toLowerCase()
    const [isTwice, isTaken] = [names.has(choice.stream), targets.has(target)]
    names.add(choice.stream)
    targets.add(target)
    if (isTwice) return [{ index, field: 'stream', message: 'is chosen twice' }]
    if (isTaken) return [{ index, field: 'target', message: 'is what another stream is called, too' }]
    return []
  })
}

/** Why a destination can't write lists into tables of their own, as a sentence; null if it can. */
export function listsRefusal({
  label,
  destination,
}: Pick<ConnectorDefinition, 'label' | 'destination'>): string | null {
  if (destination?.lists === 'tables') return null
  return `${label} has no tables of their own for lists. Leave the lists in their columns.`
}

/** Whether a flow that reads this source must choose its streams: the source's form names none. */
export function mustChoose({ source }: Pick<ConnectorDefinition, 'source'>, config: FieldValues): boolean {
  if (source?.flowChooses === undefined) return false
  const { field, values } = source.flowChooses
  return values.includes(fieldValue(source.fields, config, field))
}

/** What a stream is called in the destination; null: what the destination's own form says. @param count of the flow's streams */
export function targetOf({ target, stream }: Pick<FlowStream, 'target' | 'stream'>, count: number) {
  return target ?? (count === 1 ? null : ownName(stream))
}

/** Between the stream that repeats and the name that a flow gives to one of it. */
const nameMark = ':'

/** What the source calls the stream that a flow reads: `by_hand` of `by_hand:deals`. */
export function offeredName(stream: string): string {
  return stream.split(nameMark, 1)[0] ?? stream
}

/** What a flow calls it: `deals` of `by_hand:deals`; any other stream has its own name. */
export function ownName(stream: string): string {
  return stream.slice(stream.indexOf(nameMark) + 1)
}

/** One of a stream that repeats. @param name a flow's own name for it */
export function repeatedName(offered: string, name: string): string {
  return `${offered}${nameMark}${name}`
}

/** What "everything" reads of all that a source offers. A stream that repeats is only read where it was chosen. */
export function readOfAll<T extends Pick<OfferedStream, 'name' | 'within' | 'repeats'>>(
  offered: readonly T[],
  sameRecords: SameRecords,
): T[] {
  const own = offered.filter(({ repeats }) => repeats !== true)
  if (sameRecords === 'both') return own
  const names = new Set(own.map(({ name }) => name))
  const wholes = new Set(own.map(({ within }) => within))
  return own.filter(({ name, within }) =>
    sameRecords === 'parts' ? !wholes.has(name) : within === undefined || !names.has(within),
  )
}

/** How a stream is read that nobody said more of: what changed, where the source can tell. */
export function usualChoice(
  { name, label, modes }: Pick<OfferedStream, 'name' | 'label'> & { readonly modes: readonly SyncMode[] },
  deletions: Deletions = 'mark',
  { lists }: Lists = {},
): FlowStream {
  const mode = modes.includes('incremental') ? 'incremental' : 'full'
  return {
    ...{ stream: name, label, mode, columns: [], parameters: {}, target: null, deletions },
    ...(lists && { lists }),
  }
}

/** What a person calls the stream. */
export function streamLabel({ label, stream }: Pick<FlowStream, 'label' | 'stream'>): string {
  return label === '' ? stream : label
}

/** `waiting`: its turn has not come. `skipped`: the account may not read it, and it was not chosen by name. */
export const runStreamStatuses = [
  'waiting',
  'running',
  'succeeded',
  'partial',
  'failed',
  'skipped',
  'cancelled',
] as const

/** A stream of a run. */
export const runStreamSchema = z.object({
  stream: z.string(),
  label: z.string(),
  status: z.enum(runStreamStatuses),
  recordsRead: z.number().int(),
  recordsWritten: z.number().int(),
  recordsRefused: z.number().int(),
  /** That the source has no more. */
  recordsDeleted: z.number().int(),
  pages: z.number().int(),
  /** How many records the source expected, where it tells. */
  recordsExpected: z.number().int().nullable(),
  /** When its turn came; null: not yet, or before this was kept. */
  begunAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  /** Why it failed, or was skipped. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type RunStream = z.infer<typeof runStreamSchema>
