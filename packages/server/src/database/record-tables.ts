/* The records that runs store, and their tables as Kysely sees them: see tables.ts. */

/** The key that seals the stored records of a run. */
export interface RunKeyTable {
  runId: string
  /** A `SealedRow`. */
  sealed: string
}

/** The columns and the last records of a run, sealed one by one. */
export interface LastRecordTable {
  runId: string
  /** Empty: the only one, of a run of an earlier version. */
  stream: string
  columns: string | null
  records: string | null
}

export interface RefusedRecordTable {
  runId: string
  /** 1 for the first record of a run that was refused. */
  position: number
  /** As in `LastRecordTable`. */
  stream: string
  /** Sealed: the record's key, row, code and message. */
  reason: string
  /** Sealed. */
  record: string
  at: number
  /** 1: all of the record is kept. */
  whole: number
  /** The run that was begun to write it again. */
  replayRunId: string | null
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
  primaryKey: string | null
  record: string
  code: string
  message: string
  searchText: string
  at: number
}
