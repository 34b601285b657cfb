import type { Json, TimeRange } from '@latchwork/connectors'
import {
  type ColumnType,
  columnTypeSchema,
  type FlowStream,
  flowStreamSchema,
  type RememberedColumn,
  rememberedColumnSchema,
  runStageSchema,
  type StreamReading,
} from '@latchwork/contract'
import { z } from 'zod'
import { codec, type TableOf } from './codec.ts'
import { json, nullable, number, oneOf, storableText, text, time } from './columns.ts'
import { fault, notices } from './flow-tables.ts'

/* The streams of runs and of flows, and their tables as Kysely sees them: see tables.ts. */

/** What a run moves, as it was chosen when it began. */
export const heldStream = json<HeldStream>(
  flowStreamSchema.extend({
    skippable: z.boolean(),
    range: z.strictObject({ fromMs: z.number(), untilMs: z.number() }).exactOptional(),
    acceptsGone: z.boolean().exactOptional(),
    otherFilter: z.literal(true).exactOptional(),
    compareAfterMs: z.number().nullable().exactOptional(),
  }),
)
export interface HeldStream extends FlowStream {
  /** The account may turn out not to read it: nobody has chosen it by name. */
  readonly skippable: boolean
  /** As the engine's: see `ChosenStream`. */
  readonly range?: TimeRange
  readonly acceptsGone?: boolean
  readonly otherFilter?: true
  readonly compareAfterMs?: number | null
}

/** What a state was made with. */
export interface MadeWith extends StreamReading {
  /** Of the accounts and forms of both sides. */
  readonly place: string
}

const madeWithSchema = z.strictObject({
  ...flowStreamSchema.pick({ columns: true, parameters: true, target: true, deletions: true, lists: true })
    .shape,
  place: z.string(),
})

export const streamStatus = nullable(
  oneOf(z.enum(['waiting', 'succeeded', 'partial', 'failed', 'skipped', 'cancelled'])),
)

/** A stream of a run: how far it is, and how it came to its end. */
export const runStream = codec('run_streams', {
  fixed: {
    runId: text,
    /** Empty: the only one, of a run that began before there were streams. */
    stream: text,
  },
  given: {
    recordsRead: number,
    recordsWritten: number,
    recordsRefused: number,
    recordsCreated: number,
    recordsDeleted: number,
    pages: number,
    notices,
  },
  optional: {
    recordsExpected: nullable(number),
    checkpoint: nullable(json(z.unknown())),
    /** Null while it is moved. */
    status: streamStatus,
    error: fault,
    outputFile: nullable(storableText),
    outputBytes: nullable(number),
  },
  own: {
    /** Null: of a run that began before flows chose, or of a replay. */
    chosen: nullable(heldStream),
    /** Among the run's. */
    position: number,
    /** Null: not yet, or in a run of before this was kept. */
    begunAt: nullable(time),
    endedAt: nullable(time),
  },
})

/** What a flow keeps of a stream between its runs. */
export const flowStream = codec('flow_streams', {
  fixed: { flowId: text, stream: text },
  /** The position at the end of the last run. */
  given: {
    state: json<Json>(z.json()),
    /** Null: of a version that did not note it. */
    madeWith: nullable(json<MadeWith>(madeWithSchema)),
  },
  optional: {},
  own: {},
})

/** A column of a flow's stream, as it was in its last run. */
export interface StoredColumn extends RememberedColumn {
  /** What it was called before: it is to be called otherwise where it has such a name. */
  readonly was: readonly string[]
  /** Names under which something else of it was written before, which stays. */
  readonly left: readonly string[]
  /** The type that its column was made with, where that is another one and holds this one too. */
  readonly holds?: ColumnType
  /** It has not been written yet: see `PlannedColumn`. */
  readonly isNew?: true
}

/** The columns of a flow's stream. */
export const flowColumns = codec('flow_columns', {
  fixed: { flowId: text, stream: text },
  given: {
    columns: json<readonly StoredColumn[]>(
      z.array(
        rememberedColumnSchema.extend({
          ...{ was: z.array(z.string()), left: z.array(z.string()) },
          holds: columnTypeSchema.exactOptional(),
          isNew: z.literal(true).exactOptional(),
        }),
      ),
    ),
  },
  optional: {
    /** What the stream is called in the destination, where nobody has said it; null: as its source calls it. */
    target: nullable(storableText),
  },
  own: {},
})

export type FlowColumnTable = TableOf<typeof flowColumns>
/** What happens to a run besides its streams. */
export const runEvent = codec('run_events', {
  fixed: { runId: text, stage: oneOf(runStageSchema), message: storableText },
  given: {},
  optional: {},
  own: { at: time, position: number },
})

export type RunEventTable = TableOf<typeof runEvent>
export type RunStreamTable = TableOf<typeof runStream>
export type FlowStreamTable = TableOf<typeof flowStream>
