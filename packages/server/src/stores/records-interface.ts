import type { PageOf, PageQuery } from './paging.ts'

/** A refused record as it is stored. */
export interface SealedRefused {
  /** 1 for the first record of the run that was refused. */
  readonly position: number
  /** Its key, code and message, sealed. */
  readonly reason: string
  readonly record: string
}

/** What was kept of one run in plain text; the texts are JSON, as they were stored. */
export interface PlainRecords {
  readonly runId: string
  readonly last: { readonly columns: string; readonly records: string } | null
  readonly refused: readonly {
    readonly position: number
    readonly key: string | null
    readonly record: string
    readonly code: string
    readonly message: string
    /** Milliseconds since 1970. */
    readonly at: number
  }[]
}

/** What is kept of runs to be looked at, sealed under a key of each run. What is erased takes the key along. */
export interface RecordStore {
  /** The run's key, itself sealed; null if nothing is kept of it. */
  key(runId: string): Promise<string | null>
  /** Gives the run this key unless it has one; answers the one that it has. @throws LatchworkError `run_not_found` */
  addKey(runId: string, sealed: string): Promise<string>
  /** Null: nothing is kept of it. */
  last(runId: string): Promise<{ columns: string | null; records: string | null } | null>
  /** The run has a key. */
  saveColumns(runId: string, columns: string): Promise<void>
  /** @param positions only these; null: all */
  refused(
    runId: string,
    page: Pick<PageQuery, 'cursor' | 'limit'>,
    positions: readonly number[] | null,
  ): Promise<PageOf<SealedRefused & { readonly at: string }>>
  /** The reasons alone, by position, after one. */
  reasons(runId: string, after: number, limit: number): Promise<Pick<SealedRefused, 'position' | 'reason'>[]>
  erase(runId: string): Promise<void>
  /** Erases what is kept of runs that ended longer ago. Their numbers stay. */
  eraseOld(afterMs: number): Promise<void>
  /** Some of what an earlier version kept of one run in plain text; null: there is nothing any more. */
  plain(limit: number): Promise<PlainRecords | null>
  /** Puts what was sealed in the place of what was read of it by `plain`. The run has a key. */
  replacePlain(
    plain: PlainRecords,
    last: { readonly columns: string; readonly records: string } | null,
    refused: readonly (SealedRefused & { readonly at: number })[],
  ): Promise<void>
}
