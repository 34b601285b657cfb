import { type AuditEntry, type AuditState, auditStateSchema } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import type { AuditEntryTable } from '../database/audit-tables.ts'
import { storable } from '../database/columns.ts'

/** An act before it is written, without number, time and hash. */
export type AuditAct = Omit<AuditEntry, 'sequence' | 'at' | 'hash'>

/** The end of the chain. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
  /** Milliseconds since 1970 by the database's clock. No later entry has an earlier time. */
  readonly lastAt: number
  /** The number of the chain's first entry: 1, or that of the latest acceptance; 0 for a log without keyed hashes. */
  readonly since: number
  /** How often the log was accepted as it was found. */
  readonly accepted: number
  /** The last entry that was removed by age, and its hash, to which the first one left is chained; 0 and empty: none was. */
  readonly removedTo: number
  readonly removedHash: string
  /** Made with a key that the database does not have. */
  readonly signature: string
}

/** An act that could not be written when it happened. */
export interface PendingAct {
  readonly id: string
  readonly act: string
  readonly mac: string
}

/** The end of the log, as it is stored. */
export interface AuditTail {
  /** Null if its row is missing. */
  readonly head: AuditHead | null
  /** The copy of the head in the metadata. */
  readonly counter: string | null
  /** The two entries with the highest numbers, the last one first. `entry` is null if it can't be read. */
  readonly last: readonly {
    readonly sequence: number
    readonly hash: string
    readonly entry: AuditEntry | null
  }[]
  /** The hash of the entry that was asked for; null if there is none. */
  readonly witnessed: string | null
  /** Whether there is a member or a credential. */
  readonly used: boolean
  /** Oldest first. */
  readonly pending: readonly PendingAct[]
  readonly nowMs: number
}

export interface Extension {
  readonly entries: readonly AuditEntry[]
  readonly head: AuditHead
  /** The copy of the head for the metadata. */
  readonly counter: string
  /** Entries up to this one go; left out: none. */
  readonly removeTo?: number
}

/** Reads stored rows as text, valid or not, ascending, between two sequence numbers (both excluded). */
export type ReadRows = (
  after: number,
  before: number,
  limit: number,
) => Promise<{ readonly sequence: number; readonly text: string }[]>

/** Longer texts are cut. None of them is the content of a thing. */
const longestText = 300

/**
 * Makes texts storable in both databases, so that an entry has the same hash when it is written and when it is read.
 */
export function retainedAct(act: AuditAct): AuditAct {
  const text = (value: string): string => storable(value.slice(0, longestText))
  const orNull = (value: string | null): string | null => (value === null ? null : text(value))
  const { actor, object } = act
  return {
    actor: { kind: actor.kind, id: orNull(actor.id), name: text(actor.name), email: orNull(actor.email) },
    action: text(act.action),
    object:
      object === null ? null : { kind: text(object.kind), id: text(object.id), name: text(object.name) },
    result: act.result,
    reason: orNull(act.reason),
    before: retainedState(act.before),
    after: retainedState(act.after),
    address: orNull(act.address),
    agent: act.agent,
    requestId: orNull(act.requestId),
  }
}

function retainedState(state: AuditState | null): AuditState | null {
  return state === null ? null : auditStateSchema.parse(JSON.parse(JSON.stringify(state)))
}

/** A row as text, valid or not. The columns are listed, so that a new column does not change old digests. */
export function rowText(row: Selectable<AuditEntryTable>): string {
  return JSON.stringify([
    row.sequence,
    row.at,
    row.actorKind,
    row.actorId,
    row.actorName,
    row.actorEmail,
    row.action,
    row.actionKind,
    row.objectKind,
    row.objectId,
    row.objectName,
    row.result,
    row.reason,
    row.stateBefore,
    row.stateAfter,
    row.address,
    row.agent,
    row.requestId,
    row.hash,
  ])
}
