import { type AuditEntry, type AuditState, auditStateSchema } from '@latchwork/contract'
import type { Selectable } from 'kysely'
import type { AuditEntryTable } from '../database/audit-tables.ts'
import { storable } from '../database/columns.ts'

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
export interface AuditTail {
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
  after: number,
  before: number,
  limit: number,
) => Promise<{ readonly sequence: number; readonly text: string }[]>

/** Longer texts are cut: none of them is a thing's content. */
const longestText = 300

/** Texts as both databases take them and give them back, so that an entry hashes alike when it is written and read. */
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

/** A row as text, whatever it holds. Its columns are listed: one that is added later is in no text of before. */
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
