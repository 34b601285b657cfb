import {
  type AuditEntry,
  type AuditState,
  auditEntrySchema,
  auditStateSchema,
  LatchworkError,
} from '@latchwork/contract'
import type { Insertable, Selectable } from 'kysely'
import type { AuditAct } from './audit-interface.ts'
import { readJson, storable, toMs, toTime } from './columns.ts'
import type { AuditEntryTable } from './tables.ts'

/** Longer texts are cut: none of them is a thing's content. */
const longestText = 300

/** Texts as both databases take them and give them back, so that an entry hashes alike when it is written and read. */
export function keptAct(act: AuditAct): AuditAct {
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
    before: keptState(act.before),
    after: keptState(act.after),
    address: orNull(act.address),
    agent: act.agent,
    requestId: orNull(act.requestId),
  }
}

function keptState(state: AuditState | null): AuditState | null {
  return state === null ? null : auditStateSchema.parse(JSON.parse(JSON.stringify(state)))
}

export function toColumns(entry: AuditEntry): Insertable<AuditEntryTable> {
  return {
    sequence: entry.sequence,
    at: toMs(entry.at),
    actorKind: entry.actor.kind,
    actorId: entry.actor.id,
    actorName: entry.actor.name,
    actorEmail: entry.actor.email,
    action: entry.action,
    actionKind: entry.action.split('.', 1)[0] ?? entry.action,
    objectKind: entry.object?.kind ?? null,
    objectId: entry.object?.id ?? null,
    objectName: entry.object?.name ?? null,
    result: entry.result,
    reason: entry.reason,
    stateBefore: entry.before === null ? null : JSON.stringify(entry.before),
    stateAfter: entry.after === null ? null : JSON.stringify(entry.after),
    address: entry.address,
    agent: entry.agent,
    requestId: entry.requestId,
    hash: entry.hash,
  }
}

/** @throws LatchworkError `internal` for a row that no server wrote */
export function toEntry(row: Selectable<AuditEntryTable>): AuditEntry {
  const state = (text: string | null) =>
    text === null ? null : readJson(text, auditStateSchema, 'audit_entries.state')
  const { objectKind, objectId, objectName } = row
  const parsed = auditEntrySchema.safeParse({
    sequence: row.sequence,
    at: toTime(row.at),
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName, email: row.actorEmail },
    action: row.action,
    object:
      objectKind === null || objectId === null
        ? null
        : { kind: objectKind, id: objectId, name: objectName ?? '' },
    result: row.result,
    reason: row.reason,
    before: state(row.stateBefore),
    after: state(row.stateAfter),
    address: row.address,
    agent: row.agent,
    requestId: row.requestId,
    hash: row.hash,
  })
  if (parsed.success) return parsed.data
  throw new LatchworkError('internal', {
    cause: new Error('an entry of the audit log holds something unexpected'),
  })
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
