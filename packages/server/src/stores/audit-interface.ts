import type { AuditEntry, AuditFilter, AuditListQuery } from '@latchwork/contract'

/** An act that is to be written down; number, time and hash come with the writing. */
export type AuditAct = Omit<AuditEntry, 'sequence' | 'at' | 'hash'>

/** Where the chain ends, signed with a key that the database does not have. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
  readonly signature: string
}

export interface AuditStore {
  /**
   * Appends in the order given, one appender at a time over all processes, and moves the head on in the same
   * transaction. Times are the database's and never go back.
   * @param sign of the new head
   */
  append(
    acts: readonly AuditAct[],
    sign: (sequence: number, hash: string) => string,
  ): Promise<readonly AuditEntry[]>
  /** Newest first. */
  list(query: AuditListQuery): Promise<{ items: AuditEntry[]; nextCursor: string | null }>
  /** Oldest first, behind a sequence number. */
  read(filter: AuditFilter, afterSequence: number, limit: number): Promise<AuditEntry[]>
  head(): Promise<AuditHead>
}
