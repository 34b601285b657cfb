import { z } from 'zod'
import { ownerSchema, yourRoleSchema } from './access.ts'
import { attentionSchema } from './attention.ts'
import { columnNamingSchema, columnTypeSchema } from './flow-columns.ts'
import { againSchema, comparisonSchema, runScopeSchema } from './flow-scope.ts'
import { chosenStreamsSchema, flowStreamSchema, flowStreamsSchema, runStreamSchema } from './flow-streams.ts'
import { flowWatchSchema, watchedSchema } from './flow-watch.ts'
import { idSchema } from './ids.ts'
import { lackingAgreedSchema } from './lacking.ts'
import { withWas } from './patch.ts'
import { recordSchema } from './record.ts'
import { plannedSchema, scheduleSchema } from './schedule.ts'
import { descriptionSchema, lineSchema, nameSchema, timeSchema, valuesSchema } from './text.ts'

const sideSchema = z.object({
  connector: z.string(),
  /** Null if the connector needs no credential, if it was deleted, or if you may not see it. */
  credentialId: z.string().nullable(),
  credentialName: z.string().nullable(),
  /** Set if there is a credential that you may not see. */
  credentialHidden: z.boolean(),
  owner: ownerSchema,
  name: z.string(),
  description: z.string(),
  config: valuesSchema,
  flowCount: z.number().int(),
  yourRole: yourRoleSchema,
  createdAt: timeSchema,
  updatedAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
})

export const sourceSchema = sideSchema.extend({ id: idSchema('source') })
export type Source = z.infer<typeof sourceSchema>
export const destinationSchema = sideSchema.extend({ id: idSchema('destination') })
export type Destination = z.infer<typeof destinationSchema>

export const sideCreateSchema = z.strictObject({
  connector: z.string().max(40),
  credentialId: idSchema('credential').nullable(),
  name: nameSchema,
  description: descriptionSchema.default(''),
  config: valuesSchema,
})
export const sidePatchSchema = withWas({
  credentialId: idSchema('credential').nullable(),
  name: nameSchema,
  description: descriptionSchema,
  config: valuesSchema,
})
export const sourcePatchSchema = sidePatchSchema.extend({ lacking: lackingAgreedSchema })

const plainColumnSchema = z.object({
  name: z.string(),
  label: z.string(),
  type: columnTypeSchema,
})

/** A column of a dataset. */
export const columnSchema = plainColumnSchema.extend({
  /**
   * Of a list: what its items have. A plain item is its column `value`; empty: that isn't known. Left out of what is no
   * list, or may be none.
   */
  items: z.array(plainColumnSchema).optional(),
})
export type Column = z.infer<typeof columnSchema>

export const sampleSchema = z.object({
  columns: z.array(columnSchema),
  records: z.array(recordSchema),
  /** How many records there are in all, where the system tells. */
  total: z.number().int().nullable(),
})
export type Sample = z.infer<typeof sampleSchema>

export const sourceSampleSchema = sampleSchema.extend({
  /** What was found out about how to read them, as sentences: an encoding, how dates are read, rows that will be refused. */
  notes: z.array(z.string()),
})
export type SourceSample = z.infer<typeof sourceSampleSchema>

export const sampleRequestSchema = z.strictObject({
  connector: z.string().max(40),
  credentialId: idSchema('credential').nullable(),
  config: valuesSchema,
})

export const sourceSampleRequestSchema = sampleRequestSchema.extend({
  /** What is read; null: what the form says. */
  stream: flowStreamSchema.nullable().default(null),
})

/** What a destination would do with the first records of a source. */
export const previewRequestSchema = z.strictObject({
  /** Null: there is none yet. Then only what can be mapped to is answered. */
  source: sourceSampleRequestSchema.nullable(),
  destination: sampleRequestSchema,
})

export const runStatuses = ['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled'] as const
/**
 * `succeeded`: every record that was read was written. `partial`: some were refused. `failed`: it ended early, or none of
 * the records that were read was written.
 */
export const runStatusSchema = z.enum(runStatuses)
export type RunStatus = z.infer<typeof runStatusSchema>

/** The status of a run that came to its end. */
export function statusAtEnd(
  counts: Readonly<Record<'recordsRead' | 'recordsWritten' | 'recordsDeleted', number>>,
): 'succeeded' | 'partial' | 'failed' {
  if (counts.recordsWritten >= counts.recordsRead) return 'succeeded'
  return counts.recordsWritten + counts.recordsDeleted === 0 ? 'failed' : 'partial'
}

/** Something that was done to records on their way or to their place, or was not read, and that a person should know. */
export const runNoticeSchema = z.object({
  code: z.enum([
    'characters_replaced',
    'column_widened',
    'schema_changed',
    'kind_refused',
    'deletions_unseen',
    'deletions_held',
    'records_gone',
    'same_ids',
  ]),
  /** Or a kind of record, or a stream. */
  column: z.string(),
  /** How many values, or changes. */
  count: z.number().int(),
  /** A sentence, without the count. */
  message: z.string(),
})

export type RunNotice = z.infer<typeof runNoticeSchema>

/** A run without the caller's role. */
export const runDetailsSchema = z.object({
  id: idSchema('run'),
  flowId: z.string(),
  flowName: z.string(),
  status: runStatusSchema,
  /** Set while a cancellation is under way. */
  cancelling: z.boolean(),
  recordsRead: z.number().int(),
  recordsWritten: z.number().int(),
  recordsRefused: z.number().int(),
  /** Of those written: created in a system where repeating the run would create them once more. */
  recordsCreated: z.number().int(),
  /** That the source has no more, and that were marked as deleted or removed; not among those read and written. */
  recordsDeleted: z.number().int(),
  pages: z.number().int(),
  /** How many records the source expected at the start, where it tells. */
  recordsExpected: z.number().int().nullable(),
  /** How often the run was taken up again after its process ended. */
  resumes: z.number().int(),
  /** How often it was tried again by itself after something had been away for long. */
  retries: z.number().int(),
  /** When a run that failed is tried again by itself, from where it stopped; null: it is not. */
  retryAt: timeSchema.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  notices: z.array(runNoticeSchema),
  /** A sentence about what it does now, e.g. "Close asks us to wait 12 s". */
  activity: z.string().nullable(),
  /** A file to fetch when the destination made one. `fileId` is null for files of before files had ids. */
  output: z.object({ file: z.string(), fileId: z.string().nullable(), bytes: z.number().int() }).nullable(),
  /** The run whose quarantine it writes; null for an ordinary one. */
  replayOf: z.string().nullable(),
  /** What it was asked for beyond what its flow says; null for an ordinary one. */
  scope: runScopeSchema.nullable(),
  /** Records that it refused and that are still in its quarantine. */
  inQuarantine: z.number().int(),
  /** Of these, how many are kept whole and can be replayed. */
  replayable: z.number().int(),
  /** Who, by the name of then, with the API token that was used; null: its schedule. */
  startedBy: z.string().nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
})
export type RunDetails = z.infer<typeof runDetailsSchema>

export const runSchema = runDetailsSchema.extend({ yourRole: yourRoleSchema })
export type Run = z.infer<typeof runSchema>

/** With what became of each stream; empty for a run of before there were streams, and before it begins. */
export const runWithStreamsSchema = runSchema.extend({ streams: z.array(runStreamSchema) })
export type RunWithStreams = z.infer<typeof runWithStreamsSchema>

/** One side of a flow. Without id and name if you may not see it. */
const flowSideSchema = z.object({
  id: z.string().nullable(),
  name: z.string().nullable(),
  connector: z.string(),
})

export const flowSchema = z.object({
  id: idSchema('flow'),
  owner: ownerSchema,
  name: z.string(),
  description: z.string(),
  source: flowSideSchema,
  destination: flowSideSchema,
  /** What it reads; null: what its source's form says. */
  streams: chosenStreamsSchema.nullable(),
  /** How often ids are compared, for kinds of record whose deletions the source does not tell. */
  compare: comparisonSchema,
  columnNames: columnNamingSchema,
  /** The schema of its own for its tables; null: the one of its destination's form. */
  schema: z.string().nullable(),
  /** Null: run by hand only. */
  schedule: plannedSchema.nullable(),
  /** Of a schedule of minutes; null for any other, too. @deprecated read `schedule` */
  scheduleMinutes: z.number().int().nullable(),
  nextRunAt: timeSchema.nullable(),
  /** Why it is paused: somebody paused it, its owner lost a right that it needs, or a credential was taken out of use. */
  paused: z.object({ code: z.string(), message: z.string(), at: timeSchema }).nullable(),
  /** What is told of it though its runs succeed. */
  watch: watchedSchema,
  lastRun: runDetailsSchema.nullable(),
  /** Null: it needs nobody. */
  attention: attentionSchema.nullable(),
  /** When the last run that moved everything began: the destination has what there was then. Null: there was none yet. */
  freshAt: timeSchema.nullable(),
  yourRole: yourRoleSchema,
  createdAt: timeSchema,
  updatedAt: timeSchema,
})
export type Flow = z.infer<typeof flowSchema>

/** Null: by hand. `scheduleMinutes` is how it was said before there were other schedules. */
const scheduleFields = {
  schedule: scheduleSchema.nullable(),
  /** @deprecated say `schedule` */
  scheduleMinutes: z.number().int().min(5).max(44_640).nullable(),
}

/** Its destination says which names it takes. */
const flowSchemaName = lineSchema(63).min(1, 'is required')

export const flowCreateSchema = z.strictObject({
  name: nameSchema,
  description: descriptionSchema.default(''),
  sourceId: idSchema('source'),
  destinationId: idSchema('destination'),
  streams: flowStreamsSchema.nullable().default(null),
  compare: comparisonSchema.default('weekly'),
  watch: flowWatchSchema.optional(),
  columnNames: columnNamingSchema.default('label'),
  schema: flowSchemaName.nullable().default(null),
  ...z.object(scheduleFields).partial().shape,
  again: againSchema,
})
export const flowPatchSchema = withWas({
  name: nameSchema,
  description: descriptionSchema,
  streams: flowStreamsSchema.nullable(),
  compare: comparisonSchema,
  watch: flowWatchSchema,
  ...scheduleFields,
  /** What is read from now on. The streams of a source of another system have to be chosen with it. */
  sourceId: idSchema('source'),
  destinationId: idSchema('destination'),
  /** As in a new flow. Another schema is another place: all streams are read whole again. */
  schema: flowSchemaName.nullable(),
}).extend({
  again: againSchema,
  /** Agrees to all streams being read whole again, which another source, destination or schema leads to. */
  reread: z.boolean().default(false),
  /**
   * True: it runs only when somebody runs it, until it is resumed. False resumes it, if its owner may use what it needs. A
   * new schedule resumes it too, and so does a manual run where nobody has paused it.
   */
  paused: z.boolean().optional(),
})
