import type { ColumnType } from 'kysely'

/* Sources, destinations, flows, runs and files, as Kysely sees them: see tables.ts. */

/** Sources and destinations. */
export interface SideTable {
  id: string
  kind: string
  connector: string
  credentialId: string | null
  ownerId: string
  name: string
  nameKey: string
  description: string
  config: string
  searchName: string
  searchDescription: string
  createdAt: number
  updatedAt: number
  lastUsedAt: ColumnType<number | null, never, number | null>
}

export interface FlowTable {
  id: string
  name: string
  nameKey: string
  description: string
  ownerId: string
  sourceId: string
  destinationId: string
  scheduleMinutes: number | null
  nextRunAt: number | null
  pausedAt: ColumnType<number | null, never, number | null>
  pausedCode: ColumnType<string | null, never, string | null>
  pausedMessage: ColumnType<string | null, never, string | null>
  searchName: string
  searchDescription: string
  createdAt: number
  updatedAt: number
}

export interface RunTable {
  id: string
  flowId: string
  status: string
  cancelling: ColumnType<number, never, number>
  recordsRead: ColumnType<number, never, number>
  recordsWritten: ColumnType<number, never, number>
  recordsRefused: ColumnType<number, never, number>
  pages: ColumnType<number, never, number>
  recordsExpected: ColumnType<number | null, never, number | null>
  resumes: ColumnType<number, never, number>
  errorCode: ColumnType<string | null, never, string | null>
  errorMessage: ColumnType<string | null, never, string | null>
  activity: ColumnType<string | null, never, string | null>
  outputFile: ColumnType<string | null, never, string | null>
  outputFileId: ColumnType<string | null, never, string | null>
  outputBytes: ColumnType<number | null, never, number | null>
  startedBy: string | null
  /** Until the run ends. */
  sourceAccount: ColumnType<string | null, never, string | null>
  destinationAccount: ColumnType<string | null, never, string | null>
  checkpoint: ColumnType<string | null, never, string | null>
  createdAt: number
  startedAt: ColumnType<number | null, never, number | null>
  finishedAt: ColumnType<number | null, never, number | null>
  /** 1: something is kept of it, see `runKeys`. */
  hasRecords: ColumnType<number, number | undefined, number>
}

/** The key under which everything that is kept of a run is sealed. */
export interface RunKeyTable {
  runId: string
  /** A `SealedRow`. */
  sealed: string
}

/** The columns and the last records of a run, each sealed. */
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

/** What was kept in plain text by earlier versions, until it is sealed. */
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

export interface LedgerTable {
  runId: string
  /** SHA-256 of the record's key, hex: keys have any length and any characters. */
  keyHash: string
  at: number
  settled: number
  outcome: string | null
}

/** How often a run that has not ended used a credential. */
export interface RunUseTable {
  runId: string
  credentialId: string
  direction: string
  count: number
}

export interface FileTable {
  id: string
  /** Empty: the administrators'. */
  ownerId: string
  name: string
  folder: string
  storedName: string
  bytes: number
  createdAt: number
}

/** Which file a source reads, and which one a destination names by its id. */
export interface SideFileTable {
  sideId: string
  fileId: string
}
