import {
  administrators,
  columnNamingSchema,
  comparisonSchema,
  type FlowStreams,
  type FlowWatch,
  flowStreamsSchema,
  flowWatchSchema,
  type Identity,
  identitySchema,
  type RunNotice,
  runNoticeSchema,
  runScopeSchema,
  runStatusSchema,
  scheduleSchema,
  usualWatch,
} from '@latchwork/contract'
import { z } from 'zod'
import { codec, column, columns, type TableOf } from './codec.ts'
import {
  boolean,
  json,
  nullable,
  number,
  oneOf,
  storable,
  storableText,
  text,
  textMap,
  time,
} from './columns.ts'
import { countedBy, describedBy, namedBy } from './folding.ts'

/* Sources, destinations, flows, runs and files, and their tables as Kysely sees them: see tables.ts. */

/** A source or a destination. */
export const side = codec('sides', {
  fixed: { id: text, kind: oneOf(z.enum(['source', 'destination'])), connector: text, ownerId: text },
  given: { credentialId: nullable(text), name: namedBy, description: describedBy, config: textMap },
  optional: {},
  own: { createdAt: time, updatedAt: time, lastUsedAt: nullable(time) },
})

export interface Paused {
  /** A code of the error catalogue, with a sentence that everybody may see. */
  readonly code: string
  readonly message: string
  readonly at: number
}

/** Why a flow does not run. Null: it does. */
export const paused = columns<
  Paused | null,
  { pausedAt: number | null; pausedCode: string | null; pausedMessage: string | null }
>(
  (value) => ({
    pausedAt: value?.at ?? null,
    pausedCode: value?.code ?? null,
    pausedMessage: value?.message ?? null,
  }),
  ({ pausedAt, pausedCode, pausedMessage }) =>
    pausedAt === null ? null : { code: pausedCode ?? '', message: pausedMessage ?? '', at: pausedAt },
)

const watch = json<FlowWatch>(flowWatchSchema)

export const flow = codec('flows', {
  fixed: { id: text, ownerId: text, sourceId: text, destinationId: text },
  given: {
    name: countedBy,
    description: describedBy,
    schedule: nullable(json(scheduleSchema)),
    nextRunAt: nullable(time),
  },
  optional: {
    /** Null: what its source's form says. */
    streams: nullable(json<FlowStreams>(flowStreamsSchema)),
    compare: oneOf(comparisonSchema),
    columnNames: oneOf(columnNamingSchema),
    /** Of its own for its tables; null: as its destination's form says. */
    schema: nullable(storableText),
    paused,
    watch: column<FlowWatch, string | null>(
      (value) => watch.write(value),
      (held, place) => (held === null ? usualWatch : watch.read(held, place)),
    ),
    /** When streams that are read by their changes last read something. Null: not since that is known. */
    readAt: nullable(time),
    /** Raised when a run has completed what was to be done: the next one begins at the start. 0: since before there were rounds. */
    round: number,
  },
  own: {
    /** When `nextRunAt` was worked out. Ahead of now: the clock was set back. */
    scheduledAt: nullable(time),
    /** When the last run that moved everything began; 0: there was none yet. */
    freshAt: time,
    createdAt: time,
    updatedAt: time,
  },
})

export const notices = json<readonly RunNotice[]>(z.array(runNoticeSchema))

/** Why something failed. */
export const fault = columns<
  { readonly code: string; readonly message: string } | null,
  { errorCode: string | null; errorMessage: string | null }
>(
  (error) => ({
    errorCode: error?.code ?? null,
    errorMessage: error === null ? null : storable(error.message),
  }),
  ({ errorCode, errorMessage }) =>
    errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
)

export const run = codec('runs', {
  fixed: { id: text, flowId: text, startedBy: nullable(text) },
  given: { status: oneOf(runStatusSchema) },
  optional: {
    /** The run whose quarantine it writes. */
    replayOf: nullable(text),
    /** What it was asked for beyond what its flow says. */
    scope: nullable(json(runScopeSchema)),
    cancelling: boolean,
    recordsRead: number,
    recordsWritten: number,
    recordsRefused: number,
    recordsCreated: number,
    recordsDeleted: number,
    pages: number,
    recordsExpected: nullable(number),
    notices,
    activity: nullable(storableText),
    error: fault,
    output: columns<
      { readonly file: string; readonly fileId: string | null; readonly bytes: number } | null,
      { outputFile: string | null; outputFileId: string | null; outputBytes: number | null }
    >(
      (output) => ({
        outputFile: output?.file ?? null,
        outputFileId: output?.fileId ?? null,
        outputBytes: output?.bytes ?? null,
      }),
      ({ outputFile, outputFileId, outputBytes }) =>
        outputFile === null ? null : { file: outputFile, fileId: outputFileId, bytes: outputBytes ?? 0 },
    ),
  },
  own: {
    resumes: number,
    /** How often it was tried again by itself, and when it will be. */
    retries: number,
    retryAt: nullable(time),
    createdAt: time,
    startedAt: nullable(time),
    finishedAt: nullable(time),
  },
})

export const account = nullable(json(identitySchema))

/** The part of a run that is not shown, and not read for lists. */
export const runState = codec('runs', {
  fixed: {},
  given: {},
  optional: {
    /** The account that each side acts for, until the run ends. Null before a credential of that side was used. */
    accounts: columns<
      Readonly<Record<'source' | 'destination', Identity | null>>,
      { sourceAccount: string | null; destinationAccount: string | null }
    >(
      ({ source, destination }) => ({
        sourceAccount: account.write(source),
        destinationAccount: account.write(destination),
      }),
      ({ sourceAccount, destinationAccount }, place) => ({
        source: account.read(sourceAccount, place),
        destination: account.read(destinationAccount, place),
      }),
    ),
  },
  own: {
    /** Raised whenever a process takes the run up: what others still write of it is refused. */
    attempt: number,
    /** When it was known what it moves. */
    preparedAt: nullable(time),
    /** The flow's, when it began. */
    round: number,
    /** Whether something is kept of it, see `runKeys`. */
    hasRecords: boolean,
  },
})

export type SideTable = TableOf<typeof side>
export type FlowTable = TableOf<typeof flow>
export type RunTable = TableOf<typeof run> & TableOf<typeof runState>
export type LedgerTable = TableOf<typeof ledgerEntry>
export type FileTable = TableOf<typeof file>

/** A record that a flow creates where creating it twice would double it. */
export const ledgerEntry = codec('ledger', {
  fixed: {
    flowId: text,
    round: number,
    /** SHA-256, hex, of what tells the record from others, which may be long. */
    keyHash: text,
    /** Tells records of the same content apart. */
    twin: number,
  },
  given: {
    /** The last run that had the record, and its number there where the source numbers them. */
    runId: text,
    position: nullable(number),
    sentAt: nullable(time),
    resolved: boolean,
    outcome: nullable(storableText),
  },
  optional: {},
  own: {},
})

/** How often a run used a credential, until the run ends. */
export interface RunUseTable {
  runId: string
  credentialId: string
  direction: string
  count: number
}

/** A file that flows read or write. Its bytes are on the disk. */
export const file = codec('files', {
  fixed: {
    id: text,
    /** Null: the administrators'. */
    ownerId: column<string | null, string>(
      (ownerId) => ownerId ?? administrators.id,
      (held) => (held === administrators.id ? null : held),
    ),
    /** Unique among an owner's. */
    name: text,
    /** Its place inside the folder of files: a folder of its own, or empty for the folder itself. */
    folder: text,
    /** Its name there. */
    storedName: text,
  },
  /** Its size when its content was last replaced; 0 before that. */
  given: { bytes: number },
  optional: {},
  own: { createdAt: time },
})

/** The file that a source reads, or that a destination names by its id. */
export interface SideFileTable {
  sideId: string
  fileId: string
}
