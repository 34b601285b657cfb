import { z } from 'zod'
import { type ConnectorDefinition, fieldSchema } from './connector.ts'
import { type FieldValues, fieldValue } from './form.ts'
import { outsideLimits } from './outside-text.ts'
import { lineSchema, timeSchema, valuesSchema } from './text.ts'

/* The streams that a source offers, those that a flow chooses, and what becomes of them in a run. */

/** `full`: everything, each time. `incremental`: what changed since the flow's last run. */
export const syncModeSchema = z.enum(['full', 'incremental'])
export type SyncMode = z.infer<typeof syncModeSchema>

/** What becomes of a record that the source has no more: it gets the time in `_deleted_at`, is deleted, or stays. */
export const deletionsSchema = z.enum(['mark', 'remove', 'leave'])
export type Deletions = z.infer<typeof deletionsSchema>

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
})
export type OfferedStream = z.infer<typeof offeredStreamSchema>

const streamNameSchema = lineSchema(200).min(1, 'is required')

/** What a flow reads of one stream, and how it is written. */
export const flowStreamSchema = z.strictObject({
  stream: streamNameSchema,
  /** What it was called when it was chosen; only shown. */
  label: lineSchema(200).default(''),
  mode: syncModeSchema.default('full'),
  /** Names of columns; empty: all. */
  columns: z
    .array(z.string().min(1, 'is required').max(outsideLimits.columnName))
    .max(outsideLimits.columns)
    .default([]),
  /** By the stream's fields. */
  parameters: valuesSchema.default({}),
  /** What it is called in the destination. Null: as the stream, or, for the only stream of a flow, what the destination's form says. */
  target: streamNameSchema.nullable().default(null),
  deletions: deletionsSchema.default('mark'),
})
export type FlowStream = z.infer<typeof flowStreamSchema>

/** What a flow reads: all that the account may read, whenever it runs; or what was chosen by name. */
export const flowStreamsSchema = z.discriminatedUnion('everything', [
  z.strictObject({ everything: z.literal(true), deletions: deletionsSchema.default('mark') }),
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
  columns: z.array(z.string()),
  parameters: z.record(z.string(), z.string()),
  target: z.string().nullable(),
  deletions: deletionsSchema,
})
export const chosenStreamsSchema = z.discriminatedUnion('everything', [
  z.object({ everything: z.literal(true), deletions: deletionsSchema }),
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

/** Whether a flow that reads this source must choose its streams: the source's form names none. */
export function mustChoose({ source }: Pick<ConnectorDefinition, 'source'>, config: FieldValues): boolean {
  if (source?.flowChooses === undefined) return false
  const { field, values } = source.flowChooses
  return values.includes(fieldValue(source.fields, config, field))
}

/** What a stream is called in the destination; null: what the destination's own form says. @param count of the flow's streams */
export function targetOf({ target, stream }: Pick<FlowStream, 'target' | 'stream'>, count: number) {
  return target ?? (count === 1 ? null : stream)
}

/** How a stream is read that nobody said more of: what changed, where the source can tell. */
export function usualChoice(
  { name, label, modes }: Pick<OfferedStream, 'name' | 'label'> & { readonly modes: readonly SyncMode[] },
  deletions: Deletions = 'mark',
): FlowStream {
  const mode = modes.includes('incremental') ? 'incremental' : 'full'
  return { stream: name, label, mode, columns: [], parameters: {}, target: null, deletions }
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
