import type { AuditEntry, AuditFilter, AuditListQuery } from '@latchwork/contract'

/** An act that is to be written down; number, time and hash come with the writing. */
export type AuditAct = Omit<AuditEntry, 'sequence' | 'at' | 'hash'>

/** Where the chain ends. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
  /** Milliseconds since 1970 by the database's clock; later entries are not before it. */
  readonly lastAt: number
  /** The number of the entry that the chain begins with: 1, or that of the latest acceptance; 0 for a log of before. */
  readonly since: number
  /** How often a log was accepted as it was found. */
  readonly accepted: number
  /** Made with a key that the database does not have. */
  readonly signature: string
}

/** An act that could not be written down when it was done. */
export interface PendingAct {
  readonly id: string
  readonly act: string
  readonly mac: string
}

/** The end of the log as the database has it. */
export interface AuditEnd {
  /** Null if its row is gone. */
  readonly head: AuditHead | null
  /** The copy of the head that is kept among the facts. */
  readonly counter: string | null
  /** The two entries with the highest numbers, the last one first; null for one that can't be read. */
  readonly last: readonly {
    readonly sequence: number
    readonly hash: string
    readonly entry: AuditEntry | null
  }[]
  /** The hash of the entry that was asked for; null if there is none. */
  readonly witnessed: string | null
  /** Whether anybody has an account or a credential. */
  readonly used: boolean
  /** Oldest first. */
  readonly pending: readonly PendingAct[]
  readonly nowMs: number
}

export interface Extension {
  readonly entries: readonly AuditEntry[]
  readonly head: AuditHead
  /** The copy of the head for the facts. */
  readonly counter: string
}

/** Rows as they are stored, as text: whatever is in them. Ascending, behind a number and before another. */
export type ReadRows = (
  behind: number,
  before: number,
  limit: number,
) => Promise<{ readonly sequence: number; readonly text: string }[]>

export interface AuditStore {
  /**
   * Has `compose` look at the end of the log and writes what it answers, one at a time over all processes; nothing for
   * null. Acts that were pending are taken to be in it. Part of the caller's unit of work, if there is one.
   * @param witness the number of an entry to be looked at as well
   * @throws what `compose` throws; then nothing was written
   */
  extend(
    witness: number | null,
    compose: (end: AuditEnd, rows: ReadRows) => Promise<Extension | null>,
  ): Promise<AuditHead | null>
  /** Keeps acts to be written down later. */
  putOff(pending: readonly PendingAct[]): Promise<void>
  /** The end of the log at one moment. */
  look(witness: number | null): Promise<AuditEnd>
  rows: ReadRows
  /** Newest first. */
  list(query: AuditListQuery): Promise<{ items: AuditEntry[]; nextCursor: string | null }>
  /** Oldest first, behind a sequence number. */
  read(filter: AuditFilter, afterSequence: number, limit: number): Promise<AuditEntry[]>
}
