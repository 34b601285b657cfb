import type {
  Clock,
  Deletions,
  Destination,
  Json,
  Lists,
  PlannedColumn,
  Selection,
  Source,
  WriteNotice,
} from '@latchwork/connectors'
import type { Column, DataRecord, ErrorCode, LatchworkError } from '@latchwork/contract'
import type { Checkpoint } from './checkpoint.ts'
import type { Waits } from './waiting.ts'

/* The input of a run, its journal, and its result. */

export interface RunCounts {
  readonly recordsRead: number
  readonly recordsWritten: number
  readonly recordsRefused: number
  /** Of those written: created where repeating the run would create them once more. */
  readonly recordsCreated: number
  /** Marked or removed, since the source has them no more; not among those read and written. */
  readonly recordsDeleted: number
  readonly pages: number
}

export interface StreamProgress extends RunCounts {
  /** What was done to records or their place that a person should know. */
  readonly notices: readonly WriteNotice[]
}

/** A record that the destination or the source refused, kept with the reason. */
export interface QuarantinedRecord {
  /** The record's own key, where it has one. */
  readonly key: string | null
  /** Its row or line in a file, and what tells it apart over many runs: as the source's batch says. */
  readonly row: number | null
  readonly id: string | null
  readonly record: DataRecord
  /** A code of the error catalogue. */
  readonly code: string
  readonly message: string
  /** Its entry in the ledger, where it is unknown whether it was created. */
  readonly entry: string | null
}

/**
 * What is kept about the run could not be read or written: its journal, its ledger. The run is left as it is then, to be
 * continued once the store answers.
 */
export class JournalError extends Error {
  constructor(cause: unknown) {
    super('the run could not be written down', { cause })
  }
}

/** Another process has taken the run up: whatever this one still writes of it is refused. */
export class RunTaken extends Error {
  constructor() {
    super('another process has taken the run up')
  }
}

/** The columns of a stream, as the flow goes on with them. */
export interface PlannedColumns {
  readonly columns: readonly PlannedColumn[]
  /** What has changed of them since the flow's last run. */
  readonly notices: readonly WriteNotice[]
  /** Why the stream is not read before somebody has decided something; null if it is. */
  readonly held: LatchworkError | null
}

/** Where a stream of a run stands. */
export interface StreamStart extends StreamProgress {
  /** As it was saved; null for one that has none yet: it begins at `state`. */
  readonly checkpoint: unknown
  /** What an incremental run goes on from: the position at the end of the flow's last run. Null: it begins at the start. */
  readonly state: unknown
  /** The last of the records that were taken. */
  readonly lastRecords: readonly DataRecord[]
  /** Set once the stream has come to its end in this run. */
  readonly end: StreamEnd | null
}

/** How a stream came to its end. */
export interface StreamEnd {
  readonly status: 'succeeded' | 'partial'
  readonly output: { readonly file: string; readonly bytes: number } | null
}

/**
 * The journal of a run, as long as this process has it. What is said of a stream names it first.
 * @throws RunTaken from all of it once another one has
 */
export interface RunJournal {
  begin(stream: string): Promise<StreamStart>
  /**
   * What is read, and how many records the source expects, where it tells.
   * @returns what becomes of the columns in the destination
   */
  opened(
    stream: string,
    columns: readonly Column[],
    expected: number | null,
    key: string | null,
  ): Promise<PlannedColumns>
  /** Everything in one transaction; no last records leave those saved before. Answers whether somebody asked for the run to be cancelled. */
  save(
    stream: string,
    progress: StreamProgress & { readonly checkpoint: Checkpoint },
    refused: readonly QuarantinedRecord[],
    lastRecords: readonly DataRecord[],
  ): Promise<{ readonly cancelling: boolean }>
  /**
   * The stream has come to its end: it is not begun again in this run.
   * @param state where the flow's next run goes on with it; null: as before this run
   */
  ended(stream: string, end: StreamEnd, state: Json): Promise<void>
  /** The stream has stopped before its end. It is begun again where the run is taken up or tried again. */
  stopped(stream: string, stop: StreamStop): Promise<void>
  /** Whether somebody asked for the run to be cancelled; looked at while nothing is saved for long. */
  cancelling(): Promise<boolean>
  /** Why the run may not go on, if it may not; asked before anything is opened, read, written or put in its place. */
  refusal(): Promise<LatchworkError | null>
}

/** A stream that a run moves. */
export interface ChosenStream extends Selection, Lists {
  /** What a sentence calls it; left out or empty: its name. */
  readonly label?: string
  /** As its plan's; left out: what the destination's form says. */
  readonly target?: string | null
  /** As its plan's; left out: they stay. */
  readonly deletions?: Deletions
  /** Somebody has said that records are really gone, however many. */
  readonly acceptsGone?: boolean
  /** Its parameters are others than those of the run before. */
  readonly otherFilter?: true
  /** Nobody has chosen it by name: where the account may not read it, it is passed over. */
  readonly skippable?: boolean
}

export interface RunRequest {
  /** A function asks the source which streams there are; it is asked again while the source is away. */
  readonly selections: readonly ChosenStream[] | ((source: Source) => Promise<readonly ChosenStream[]>)
  /** How many streams are moved side by side. */
  readonly atOnce: number
  /** Must end what it does when the signal aborts. Opened again after each pause. */
  openSource(signal: AbortSignal): Promise<Source>
  openDestination(signal: AbortSignal): Promise<Destination>
  readonly journal: RunJournal
  readonly clock: Clock
  /** Aborts when this process must leave the run to another one. */
  readonly signal: AbortSignal
  readonly waits: Waits
  /** What a sentence calls each of them. */
  readonly names: Readonly<Record<'source' | 'destination', string>>
  /** Takes a sentence about what the run waits for; null when it goes on. */
  readonly activity: (sentence: string | null) => void
}

export interface RunFault {
  readonly code: ErrorCode
  readonly message: string
}

/** How a stream stopped before its end. */
export type StreamStop =
  | { readonly status: 'cancelled' }
  /** The account may not read it, and nobody has chosen it by name. */
  | { readonly status: 'skipped'; readonly error: RunFault }
  | {
      readonly status: 'failed'
      readonly error: RunFault
      /** For the log, where the message is not the whole story. */
      readonly cause: unknown
      /**
       * Set where what was away may come back: the stream may be taken up again from its checkpoint, not before this many
       * milliseconds. What its destination holds is left as it is then.
       */
      readonly again: { readonly afterMs: number } | null
    }

/** What became of one stream. */
export type StreamOutcome = StreamEnd | StreamStop

/** What became of a run: of all its streams. */
export interface RunOutcome {
  readonly status: 'succeeded' | 'partial' | 'failed' | 'cancelled'
  readonly streams: ReadonlyMap<string, StreamOutcome>
  /** Why it failed, or which of its streams did; null where none did. */
  readonly error: RunFault | null
  readonly cause: unknown
  /** Set where some of those that failed may do better later: all that failed are tried again then. */
  readonly again: { readonly afterMs: number } | null
}
