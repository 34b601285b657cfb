import type {
  Clock,
  DestinationOptions,
  DestinationWriter,
  SourceReader,
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
  readonly pages: number
}

export interface RunProgress extends RunCounts {
  /** What was done to records or their place that a person should know. */
  readonly notices: readonly WriteNotice[]
}

/** A record that the destination or the source refused, kept with the reason. */
export interface QuarantinedRecord {
  /** The record's own key, where it has one. */
  readonly key: string | null
  /** Its row or line in a file, and what tells it apart over many runs: as the source's page says. */
  readonly row: number | null
  readonly id: string | null
  readonly record: DataRecord
  /** A code of the error catalogue. */
  readonly code: string
  readonly message: string
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

/**
 * The journal of a run, as long as this process has it.
 * @throws RunTaken from all of it once another one has
 */
export interface RunJournal {
  /** Where the run stands, its checkpoint as it was saved; null for one that has none yet. */
  begin(): Promise<RunProgress & { readonly checkpoint: unknown }>
  /** What is read, and how many records the source expects, where it tells. */
  opened(columns: readonly Column[], expected: number | null, key: string | null): Promise<void>
  /** Everything in one transaction; no last records leave those saved before. Answers whether somebody asked for the run to be cancelled. */
  save(
    progress: RunProgress & { readonly checkpoint: Checkpoint },
    refused: readonly QuarantinedRecord[],
    lastRecords: readonly DataRecord[],
  ): Promise<{ readonly cancelling: boolean }>
  /** Whether somebody asked for the run to be cancelled; looked at while nothing is saved for long. */
  cancelling(): Promise<boolean>
  /** Why the run may not go on, if it may not; asked before anything is opened, read, written or put in its place. */
  refusal(): Promise<LatchworkError | null>
}

export interface RunRequest {
  /** The source, and what it opens, must end what it does when the signal aborts. Opened again after each pause. */
  openSource(signal: AbortSignal): Promise<SourceReader>
  openDestination(
    options: Pick<DestinationOptions, 'columns' | 'key' | 'ordered' | 'resume'>,
    signal: AbortSignal,
  ): Promise<DestinationWriter>
  readonly journal: RunJournal
  readonly clock: Clock
  /** Aborts when this process must leave the run to another one. */
  readonly signal: AbortSignal
  readonly waits: Waits
  /** What a sentence calls each of them. */
  readonly names: Readonly<Record<'source' | 'destination', string>>
  /** Takes a sentence about what the run waits for; null when it goes on. */
  readonly activity: (sentence: string | null) => void
  readonly lastRecords?: readonly DataRecord[] | undefined
}

export type RunOutcome =
  | {
      readonly status: 'succeeded' | 'partial'
      readonly output: { readonly file: string; readonly bytes: number } | null
    }
  | { readonly status: 'cancelled' }
  | {
      readonly status: 'failed'
      readonly error: { readonly code: ErrorCode; readonly message: string }
      /** For the log, where the message is not the whole story. */
      readonly cause: unknown
      /**
       * Set where what was away may come back: the run may be taken up again from its checkpoint, not before this many
       * milliseconds. What its destination holds is left as it is then.
       */
      readonly again: { readonly afterMs: number } | null
    }
