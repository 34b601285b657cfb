/* What is remembered of records that repeating would create once more. */

/** A record that is to be created, as the ledger knows it again. */
export interface Claim {
  /** What it is recognized by: its key, or all that it holds. */
  readonly identity: string
  /**
   * Its number in the run, where nothing but this tells it apart from others of the same content; null where its identity
   * is its own.
   */
  readonly position: number | null
  /** What an earlier version knew it by; `ofRun`: among the records of one run only. */
  readonly before: { readonly identity: string; readonly ofRun: boolean }
  /** An entry that it has already, by its id; left out for a record that is claimed for the first time. */
  readonly entry?: string | null
}

/** What the ledger knows of a record. */
export interface LedgerEntry {
  readonly id: string
  /** When it was last about to be sent (ms); null if it never was. */
  readonly sentAt: number | null
  /** The id that the other system gave it; null if it certainly was not created, `undefined` while that is unknown. */
  readonly outcome: string | null | undefined
}

/**
 * Remembers what was created where repeating it would create it once more: with the flow, until a run of it has come to
 * its end.
 */
export interface Ledger {
  /**
   * The entry of each record. One that belongs to no other record of this run is found again, else it is made. A named one
   * that is gone is in doubt, and never was sent: nobody knows any more.
   */
  claim(records: readonly Claim[]): Promise<readonly LedgerEntry[]>
  /** Commits the intent to send a record, before it is sent. */
  begin(entry: LedgerEntry): Promise<void>
  /** The outcome: the id that the other system gave it, or null if it certainly was not created. */
  settle(entry: LedgerEntry, outcome: string | null): Promise<void>
  /** Which of the other system's ids belong to records that the ledger knows. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>
}
