import type { Column, DataRecord, Deletions, Lists, Preview } from '@latchwork/contract'
import type { Json } from './json.ts'
import type { Ledger } from './ledger.ts'
import type { Batch, WriteNotice } from './reading.ts'

/* What a destination is told, and how it is written to. */

export interface RefusedRecord {
  /** Index among the batch's records. */
  readonly index: number
  /** A code of the error catalogue, normally `record_refused` or `record_in_doubt`. */
  readonly code: string
  /** The other system's own words. */
  readonly message: string
  /** Its entry in the ledger, where it is unknown whether it was created: a replay goes on with it. */
  readonly entry?: string
}

export interface WriteResult {
  readonly written: number
  /** Records that were there and were marked or removed; left out: all of the batch's. */
  readonly deleted?: number
  /** Of these, records that repeating the run would make once more; left out where there are none. */
  readonly created?: number
  readonly refused: readonly RefusedRecord[]
  /** What was done to the records or their place that a person should know; left out if nothing. */
  readonly notices?: readonly WriteNotice[]
  /** The destination's durable state: handed back in the plan when a run is taken up again. */
  readonly state: Json
  /**
   * What kept the rest of the batch from being written, where something did: the numbers are right as far as they go, and
   * the batch is written again later.
   */
  readonly interrupted?: unknown
}

/** What came of a comparison. */
export interface SweepResult {
  /** Records that were marked or removed now. */
  readonly deleted: number
  /** What was not allowed, where it was not; nothing was marked or removed then. */
  readonly held?: Gone
  readonly state: Json
}

/** What a comparison has found. */
export interface Gone {
  /** Records that would be marked or removed. */
  readonly gone: number
  /** All that the destination holds of the stream, but those that are marked already. */
  readonly known: number
}

/** How much a file may hold. */
export interface FileSpace {
  /** Bytes. */
  readonly most: number
  /** Asked before the result is published. @throws LatchworkError `file_space_full` */
  claim(bytes: number): Promise<void>
}

/** What a destination is told of the run. */
export interface DestinationOptions {
  readonly runId: string
  /** Raised whenever a process takes the run up: names what this one alone writes. */
  readonly attempt: number
  /** Names what all runs write that go on with one another's work: rows without a key. */
  readonly round: string
  /** Throws once another process has taken the run up; asked before something is put where others see it. */
  hold(): Promise<void>
  readonly ledger: Ledger
  /** Whether another run is under way, here or in another process: its part file is not touched then. */
  isUnderWay(runId: string): Promise<boolean>
  /** For what writes a file; left out where nothing limits it. */
  readonly space?: FileSpace
  /**
   * A file beside the one that the form names, for what writes several: made if it is missing. Left out where any file of
   * the folder may be written.
   * @throws LatchworkError `share_full`, `forbidden`
   */
  file?(name: string): Promise<WritableFile>
  /** The names of all such files that begin so. Left out where they are those of the folder. */
  fileNames?(start: string): Promise<readonly string[]>
}

/** A file that a run may write. */
export interface WritableFile {
  /** Absolute path. */
  readonly folder: string
  /** What it is called in there. */
  readonly storedName: string
  readonly space?: FileSpace
}

export type { Deletions, Lists }

/** A column with what it is called in the destination. */
export interface PlannedColumn extends Column {
  /** Left out: its own name. */
  readonly as?: string
  /** What the flow called it before: a place that has it under such a name calls it as it is called now. */
  readonly was?: readonly string[]
  /** Names of columns that stay as they are: what was written there before is kept apart from what comes now. */
  readonly left?: readonly string[]
  /**
   * The flow has not written it yet. Where the place has a column of its name that does not hold all values of its type
   * (`columnHolds`), the stream is held: `schema_change_held`, whose `errors` name the columns with the types that are there.
   */
  readonly isNew?: true
}

/** What will be written of a stream. */
export interface StreamPlan extends Lists {
  readonly stream: string
  /** What people call it; left out where nobody knows. */
  readonly label?: string
  /** What it is called in the destination; null: what the destination's form says, or, beside others, its own name. */
  readonly target: string | null
  /** The streams of the same run, so that no two of them are written to one place; left out where it is the only one. */
  readonly beside?: readonly Pick<StreamPlan, 'stream' | 'target'>[]
  readonly deletions: Deletions
  /** Only what has changed since an earlier run comes, and not everything. */
  readonly changes: boolean
  readonly columns: readonly PlannedColumn[]
  readonly key: string | null
  /** As the reader's: replayed batches repeat the order, so records without a key can be told apart by their number. */
  readonly ordered: boolean
  /** State of the last acknowledged write, when a run is taken up again; null at its start. */
  readonly resume: Json | null
}

/** A place, opened to be written to. All streams of a run share it. */
export interface Destination {
  /**
   * @param signal ends all that the writer does
   * @throws LatchworkError where the stream can't be written there, before anything of it is read
   */
  open(plan: StreamPlan, signal: AbortSignal): Promise<StreamWriter>
  /** Releases what it holds; always called last. */
  close(): Promise<void>
}

export interface StreamWriter {
  /** Takes records with one key in one batch as they are: it does not tell records apart. */
  readonly takesEach?: true
  /** Writes much at once with less effort: what has been read meanwhile is handed over as one batch. */
  readonly takesMany?: true
  /** The state to go on with, where taking the run up has changed it. */
  readonly state?: Json
  /**
   * Durable when it resolves. Repeating the batch after a crash changes nothing. A key in `deleted` may not be there; a
   * record that is marked as deleted is there again when it is written.
   */
  write(batch: Pick<Batch, 'records' | 'deleted' | 'replayed'>): Promise<WriteResult>
  /**
   * Compares: each record that it holds of this stream, and whose key is not among `existing`, is marked or removed as
   * the plan says. The keys may end in an error, and then nothing has become of any. `null` stands for the keys that were
   * written since the stream began, also before the run was taken up again: then all that the source has was among them.
   * Records that are marked already stay as they are, and so does what this run has written. A key may come twice. A place
   * that was empty when this run began to write to it need not ask for them. Left out by what can't compare; never called
   * where the plan says `leave`. Durable when it resolves; repeating it changes nothing.
   * @param allows asked before anything is marked or removed, where there is something
   */
  sweep?(
    existing: AsyncIterable<readonly string[]> | null,
    allows: (found: Gone) => boolean,
  ): Promise<SweepResult>
  /** How many records `finish` takes away with the whole that it replaces. Left out by what adds to what is there. */
  replaces?(): Promise<number>
  /** The stream is complete: publishes the result. */
  finish(): Promise<{ file: string; bytes: number } | null>
  /** The run failed or was cancelled: leaves what was there before untouched where the system allows it. */
  abort(): Promise<void>
  /** Releases connections and handles; always called last. */
  close(): Promise<void>
}

/** The first records of a source, and what a run would be told of it. */
export interface Dataset
  extends Pick<StreamPlan, 'columns' | 'key' | 'ordered'>,
    Partial<Pick<StreamPlan, 'stream' | 'target' | 'deletions' | 'lists'>> {
  readonly records: readonly DataRecord[]
}

/** What a destination has that may be a record in doubt. */
export interface FoundRecords {
  /** By which values it was looked for. */
  readonly by: readonly { readonly label: string; readonly value: string }[]
  /** What has all of these values, the newest first; `createdAt` as the system writes it. */
  readonly items: readonly {
    readonly key: string
    readonly record: DataRecord
    readonly createdAt: string | null
  }[]
  readonly more: boolean
}

/** What a run would make of a dataset: a row for each of its records, in their order. */
export interface PlannedPreview extends Omit<Preview, 'rows' | 'notes'> {
  /** What of a run was not tried, and why; left out where all was. */
  readonly notes?: readonly string[]
  readonly rows: Omit<Preview['rows'][number], 'row'>[]
}
