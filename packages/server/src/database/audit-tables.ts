import {
  type Actor,
  type AuditEntry,
  actorSchema,
  auditEntrySchema,
  auditStateSchema,
} from '@latchwork/contract'
import { codec, column, columns, type TableOf } from './codec.ts'
import { json, nullable, number, oneOf, text, toMs, toTime } from './columns.ts'

/* The audit log, and its tables as Kysely sees them: see tables.ts. */

const state = nullable(json(auditStateSchema))
const { kind } = actorSchema.shape
const { result, agent } = auditEntrySchema.shape

export const auditEntry = codec('audit_entries', {
  fixed: {
    sequence: number,
    at: column<string, number>(toMs, toTime),
    actor: columns<
      Actor,
      { actorKind: string; actorId: string | null; actorName: string; actorEmail: string | null }
    >(
      (by) => ({ actorKind: by.kind, actorId: by.id, actorName: by.name, actorEmail: by.email }),
      (held, place) => ({
        kind: oneOf(kind).read(held.actorKind, place),
        id: held.actorId,
        name: held.actorName,
        email: held.actorEmail,
      }),
    ),
    /** The kind of thing is what stands before the dot. */
    action: columns(
      (action: string) => ({ action, actionKind: action.split('.', 1)[0] ?? action }),
      (held) => held.action,
    ),
    object: columns<
      AuditEntry['object'],
      { objectKind: string | null; objectId: string | null; objectName: string | null }
    >(
      (of) => ({ objectKind: of?.kind ?? null, objectId: of?.id ?? null, objectName: of?.name ?? null }),
      ({ objectKind, objectId, objectName }) =>
        objectKind === null || objectId === null
          ? null
          : { kind: objectKind, id: objectId, name: objectName ?? '' },
    ),
    result: oneOf(result),
    reason: nullable(text),
    before: columns(
      (before: AuditEntry['before']) => ({ stateBefore: state.write(before) }),
      (held, place) => state.read(held.stateBefore, place),
    ),
    after: columns(
      (after: AuditEntry['after']) => ({ stateAfter: state.write(after) }),
      (held, place) => state.read(held.stateAfter, place),
    ),
    address: nullable(text),
    agent: nullable(oneOf(agent.unwrap())),
    requestId: nullable(text),
    hash: text,
  },
  given: {},
  optional: {},
  own: {},
})
export type AuditEntryTable = TableOf<typeof auditEntry>

/** One row: where the log ends. */
export interface AuditHeadTable {
  id: number
  sequence: number
  hash: string
  lastAt: number
  /** The number of the first entry of the chain; 0: a log of before entries had keyed hashes. */
  since: number
  accepted: number
  removedTo: number
  removedHash: string
  signature: string
}

/** Acts that could not be written down when they were done. */
export interface AuditPendingTable {
  id: string
  at: number
  act: string
  mac: string
}
