import type { Clock, DestinationOptions, DestinationWriter, SourceReader } from '@latchwork/connectors'
import type { Column, DataRecord, ErrorCode, LatchworkError } from '@latchwork/contract'
import type { Checkpoint } from './checkpoint.ts'

/* The input of a run, its journal, and its result. */

export interface RunCounts {
  readonly recordsRead: number
  readonly recordsWritten: number
  readonly recordsRefused: number
  readonly pages: number
}

/** A record that the destination refused, kept with the reason. */
export interface QuarantinedRecord {
  /** The record's own key, where it has one. */
  readonly key: string | null
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

/** The journal of a run. */
export interface RunJournal {
  /** What is read, and how many records the source expects, where it tells. */
  opened(columns: readonly Column[], expected: number | null): Promise<void>
  /** Everything in one transaction; no last records leave those saved before. Answers whether somebody asked for the run to be cancelled. */
  save(
    progress: RunCounts & { readonly checkpoint: Checkpoint },
    refused: readonly QuarantinedRecord[],
    lastRecords: readonly DataRecord[],
  ): Promise<{ readonly cancelling: boolean }>
  /** Whether somebody asked for the run to be cancelled; looked at while nothing is saved for long. */
  cancelling(): Promise<boolean>
  /** Why the run may not go on, if it may not; asked before anything is opened, read, written or put in its place. */
  refusal(): Promise<LatchworkError | null>
}

export interface RunRequest {
  /** The source, and what it opens, must end what it does when the signal aborts. */
  openSource(signal: AbortSignal): Promise<SourceReader>
  openDestination(
    options: Pick<DestinationOptions, 'columns' | 'key' | 'ordered' | 'resume'>,
    signal: AbortSignal,
  ): Promise<DestinationWriter>
  readonly journal: RunJournal
  readonly clock: Clock
  /** Aborts when this process must leave the run to another one. */
  readonly signal: AbortSignal
  /** Where the run stands, its checkpoint as the journal saved it (null: none yet); left out at its start. */
  readonly progress?: (RunCounts & { readonly checkpoint: unknown }) | undefined
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
    }
