import type {
  Column,
  DataRecord,
  FieldDefinition,
  FieldOption,
  RunNotice,
  SyncMode,
} from '@latchwork/contract'
import type { Config, Json } from './json.ts'

/* What a source offers, and how it is read. */

export type { SyncMode }

/** One kind of record that a source offers. */
export interface Stream {
  /** Names it among the source's: in a flow, in its states and its checkpoints. It never changes. */
  readonly name: string
  readonly label: string
  /** Streams of one group stand together where they are chosen: "People", "Activities". */
  readonly group: string
  /** A sentence about what is read, and how fresh it is. */
  readonly description: string
  /** Whether most who copy the account want it. */
  readonly recommended: boolean
  readonly modes: readonly SyncMode[]
  /** How records are noticed that the system has no more: in its log, by comparing ids, or not. */
  readonly deletes: 'events' | 'comparison' | 'none'
  /** What a flow may say of how it is read. */
  readonly parameters: readonly FieldDefinition[]
  /** Whether a range of dates can be read by itself; left out where it can't. */
  readonly ranges?: true
  /** The stream that has all of its records too, where there is one. */
  readonly within?: string
  /** A flow may have several of it, each under a name of its own: see `repeatedName`. */
  readonly repeats?: true
}

/** From a moment (inclusive) until another (exclusive), in milliseconds. */
export interface TimeRange {
  readonly fromMs: number
  readonly untilMs: number
}

/** What a flow reads of a stream. */
export interface Selection {
  readonly stream: string
  readonly mode: SyncMode
  /** Names of columns; empty: all. The key is always among them. */
  readonly columns: readonly string[]
  readonly parameters: Config
  /** Only what was created or changed then, as an excerpt that begins at the start; left out otherwise. */
  readonly range?: TimeRange
  /** So long after a comparison of ids the next one is due, in milliseconds; null: never; left out: as the source does. */
  readonly compareAfterMs?: number | null
}

/** `sample`: only the first records will be read, so nothing that takes long is worth doing first. */
export type ReadPurpose = 'run' | 'sample'

/** An account, opened to be read. All streams of a run share it. */
export interface Source {
  streams(): Promise<readonly Stream[]>
  /**
   * What can be chosen for a parameter whose choices are the account's own. Needed where a stream has such.
   * @throws LatchworkError `invalid_input` for a stream or parameter that it does not have, and as reading does
   */
  options?(stream: string, parameter: string): Promise<readonly FieldOption[]>
  /**
   * The columns of a stream, those that are the account's own among them, without reading it. Left out where nobody asks.
   * @throws LatchworkError as `options`
   */
  columns?(stream: string): Promise<readonly Column[]>
  /**
   * @param signal ends all that the reader does
   * A run reads without the columns that the system does not have: they may have been there when they were chosen.
   * @throws LatchworkError `stream_unavailable` for a stream that the account may not read, `invalid_input` for a stream
   *   that it does not have and, for a sample, such a column, and as reading does
   */
  open(selection: Selection, purpose: ReadPurpose, signal: AbortSignal): Promise<StreamReader>
  /** Releases what it holds; always called last. */
  close(): Promise<void>
}

export interface StreamReader {
  readonly columns: readonly Column[]
  /** The column that identifies records; null if records have none. */
  readonly key: string | null
  /** Whether reading again from a position yields the same records in the same order. */
  readonly ordered: boolean
  /** Only some of the records are read, as in a replay: what does not come is not gone. Left out otherwise. */
  readonly excerpt?: true
  /** What was found out about how to read them, as sentences for a person who looks at a sample. */
  readonly notes?: readonly string[]
  /**
   * How many records there are to be read after `position` (all of them if it is left out or null), if the system tells
   * cheaply; refused ones are counted as well. What a part of a full read has left is not subtracted.
   */
  count(position?: Json | null): Promise<number | null>
  /**
   * Batches after `position` (from the start if null). Each carries the position after it; an empty one only moves it.
   * Ends early only by throwing: the end of the iteration says that everything was read. The position at the end is the
   * state from which an incremental run begins the next time. Where columns have come by themselves since a state, what
   * they have in records that did not change is brought too.
   */
  batches(position: Json | null): AsyncIterable<Batch>
  /** Releases connections and handles; always called last. */
  close(): Promise<void>
}

/**
 * Changes that belong together: a key is in one place of a batch only, but that a record may come twice. A key that was
 * deleted may come back as a record of a later batch.
 */
export interface Batch {
  readonly records: readonly DataRecord[]
  /** Keys of records that the system has no more. */
  readonly deleted?: readonly string[]
  /**
   * The keys of all records that the system has: what else the destination holds is deleted. Asked for only by a
   * destination that compares; such a batch holds no records.
   */
  readonly existing?: () => AsyncIterable<readonly string[]>
  /** Where the comparison was held back: the position after such a batch. It is due again from there. */
  readonly heldPosition?: Json
  /** Records that can't be read as what they should be. They stood among the others; a batch may hold nothing else. */
  readonly refused?: readonly UnreadRecord[]
  /** What was not read, or not as it should be, that a person should know; left out if nothing. */
  readonly notices?: readonly WriteNotice[]
  readonly position: Json
  /** How many pages of the system they came in, where not in one. */
  readonly pages?: number
  /** Where each stands in its file: the row as a spreadsheet counts, or the line. Left out where nobody counts. */
  readonly rows?: readonly number[]
  /** What is known of each from the run that refused it; left out unless the records are replayed. */
  readonly replayed?: readonly ReplayedRecord[]
}

/** A refused record that is written again. */
export interface ReplayedRecord {
  /** What tells it apart from all others over many runs. */
  readonly id: string
  /** Its entry in the ledger, if it was refused because nobody could tell whether it was created; else null. */
  readonly entry: string | null
}

/** A record that the source itself refuses: a row of a file with too few columns. */
export interface UnreadRecord {
  /** What could be made of it. */
  readonly record: DataRecord
  /** Its row as a spreadsheet counts: a header is row 1. Null where there are no rows. */
  readonly row: number | null
  /** A code of the error catalogue. */
  readonly code: string
  /** A sentence that names the row, or the record. */
  readonly message: string
}

/** Something that a run's page should tell. Notices of one code and column are added up. */
export type WriteNotice = Readonly<RunNotice>
