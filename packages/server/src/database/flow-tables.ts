import { administrators, type Identity, identitySchema, runStatusSchema } from '@latchwork/contract'
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
import { describedBy, namedBy } from './folding.ts'

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

export const flow = codec('flows', {
  fixed: { id: text, ownerId: text, sourceId: text, destinationId: text },
  given: {
    name: namedBy,
    description: describedBy,
    scheduleMinutes: nullable(number),
    nextRunAt: nullable(time),
  },
  optional: { paused },
  own: { createdAt: time, updatedAt: time },
})

export const run = codec('runs', {
  fixed: { id: text, flowId: text, startedBy: nullable(text) },
  given: { status: oneOf(runStatusSchema) },
  optional: {
    cancelling: boolean,
    recordsRead: number,
    recordsWritten: number,
    recordsRefused: number,
    pages: number,
    recordsExpected: nullable(number),
    activity: nullable(storableText),
    error: columns<
      { readonly code: string; readonly message: string } | null,
      { errorCode: string | null; errorMessage: string | null }
    >(
      (error) => ({
        errorCode: error?.code ?? null,
        errorMessage: error === null ? null : storable(error.message),
      }),
      ({ errorCode, errorMessage }) =>
        errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    ),
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
  own: { resumes: number, createdAt: time, startedAt: nullable(time), finishedAt: nullable(time) },
})

export const account = nullable(json(identitySchema))

/** The part of a run that is not shown, and not read for lists. */
export const runState = codec('runs', {
  fixed: {},
  given: {},
  optional: {
    checkpoint: nullable(json(z.unknown())),
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
    /** Whether records of it are stored, see `runKeys`. */
    hasRecords: boolean,
  },
})

export type SideTable = TableOf<typeof side>
export type FlowTable = TableOf<typeof flow>
export type RunTable = TableOf<typeof run> & TableOf<typeof runState>
export type LedgerTable = TableOf<typeof ledgerEntry>
export type FileTable = TableOf<typeof file>

/** The key that seals the stored records of a run. */
export interface RunKeyTable {
  runId: string
  /** A `SealedRow`. */
  sealed: string
}

/** The columns and the last records of a run, sealed one by one. */
export interface LastRecordTable {
  runId: string
  columns: string | null
  records: string | null
}

export interface RefusedRecordTable {
  runId: string
  /** 1 for the first record of a run that was refused. */
  position: number
  /** Sealed: the record's key, code and message. */
  reason: string
  /** Sealed. */
  record: string
  at: number
}

/** Records that earlier versions stored in plain text, until they are sealed. */
export interface RunSampleTable {
  runId: string
  columns: string
  records: string
}

/** As `RunSampleTable`. */
export interface QuarantineTable {
  runId: string
  position: number
  recordKey: string | null
  record: string
  code: string
  message: string
  searchText: string
  at: number
}

/** What was sent to a destination where sending it twice would double it. */
export const ledgerEntry = codec('ledger', {
  /** The key is the record's SHA-256, hex: keys have any length and any characters. */
  fixed: { runId: text, keyHash: text },
  given: { resolved: boolean, outcome: nullable(storableText) },
  optional: {},
  own: { at: time },
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
