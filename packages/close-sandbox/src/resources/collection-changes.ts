import { naiveTimestamp, timestamp } from '../clock.ts'
import type { ChangeContext } from '../data/changes.ts'
import type { Organization } from '../data/organization.ts'
import type { CollectionName } from '../data/settings.ts'
import { type JsonObject, sameJson, textOf } from '../json.ts'
import { fixedId } from '../record-ids.ts'

/** The names under which a record says who made and changed it, and when. */
export type Audit = 'classic' | 'classic_naive' | 'by_id' | 'at' | 'dates' | 'none'

/** A small set of records of one kind: what is needed to change them. */
export interface CollectionKind {
  readonly collection: CollectionName
  readonly idPrefix: string
  readonly idLength: number
  /** Its type in the event log; null: Close documents no events of it. */
  readonly eventType: string | null
  readonly audit: Audit
  /** Selects the records of the collection that are of this kind. */
  readonly includes?: (record: JsonObject) => boolean
  /** Makes the answer of a record. */
  readonly show?: (record: JsonObject, organization: Organization) => JsonObject
}

/** Who made or changed a record, and when, under the kind's own names. */
function auditFields(
  audit: Audit,
  what: 'created' | 'updated',
  userId: string | null,
  nowMs: number,
): JsonObject {
  switch (audit) {
    case 'classic':
      return { [`${what}_by`]: userId, [`date_${what}`]: timestamp(nowMs) }
    case 'classic_naive':
      return { [`${what}_by`]: userId, [`date_${what}`]: naiveTimestamp(nowMs) }
    case 'by_id':
      return { [`${what}_by_id`]: userId, [`date_${what}`]: naiveTimestamp(nowMs) }
    case 'at':
      return { [`${what}_by_id`]: userId, [`${what}_at`]: timestamp(nowMs) }
    case 'dates':
      return { [`date_${what}`]: timestamp(nowMs) }
    case 'none':
      return {}
  }
}

/** The date of a record's last change; empty when its kind has none. */
export function updatedAt({ audit }: Pick<CollectionKind, 'audit'>, record: JsonObject): string {
  return textOf(record, audit === 'at' ? 'updated_at' : 'date_updated') ?? ''
}

/** The date of change as a record of that kind says it; nothing when it has none. */
export function dateOfChange({ audit }: Pick<CollectionKind, 'audit'>, nowMs: number): JsonObject {
  const fields = Object.entries(auditFields(audit, 'updated', null, nowMs))
  return Object.fromEntries(fields.filter(([, value]) => value !== null))
}

/** Both halves of the audit fields of a record that was made at one time and last changed at another. */
export function madeBetween(
  audit: Audit,
  userId: string | null,
  createdMs: number,
  updatedMs: number,
): JsonObject {
  return {
    ...auditFields(audit, 'created', userId, createdMs),
    ...auditFields(audit, 'updated', userId, updatedMs),
  }
}

/** Adds a record, with an id and audit fields unless it brings its own, and logs the event. */
export function insertInto(kind: CollectionKind, context: ChangeContext, fields: JsonObject): JsonObject {
  const { organization, actor, nowMs } = context
  const collection = organization.settings[kind.collection]
  const name = `${kind.collection} ${collection.nextNumber()}`
  const record: JsonObject = {
    id: fixedId(kind.idPrefix, organization.id, name, kind.idLength),
    organization_id: organization.id,
    ...madeBetween(kind.audit, actor.userId, nowMs, nowMs),
    ...fields,
  }
  collection.put(idOf(record), record)
  log(kind, context, record, 'created', {})
  return record
}

/** Changes fields of a record. The date of change moves to now unless it is among the changes. */
export function changeIn(
  kind: CollectionKind,
  context: ChangeContext,
  before: JsonObject,
  changes: JsonObject,
): JsonObject {
  const { organization, actor, nowMs } = context
  const previous: JsonObject = {}
  for (const [field, value] of Object.entries(changes)) {
    if (!sameJson(before[field], value)) previous[field] = before[field] ?? null
  }
  if (Object.keys(previous).length === 0) return before
  const author =
    actor.userId ??
    textOf(before, kind.audit === 'by_id' || kind.audit === 'at' ? 'updated_by_id' : 'updated_by')
  const after: JsonObject = { ...before, ...auditFields(kind.audit, 'updated', author, nowMs), ...changes }
  organization.settings[kind.collection].put(idOf(after), after)
  log(kind, context, after, 'updated', previous)
  return after
}

export function removeFrom(kind: CollectionKind, context: ChangeContext, record: JsonObject): void {
  context.organization.settings[kind.collection].remove(idOf(record))
  log(kind, context, record, 'deleted', record)
}

function log(
  kind: CollectionKind,
  { organization, actor, nowMs }: ChangeContext,
  record: JsonObject,
  action: 'created' | 'updated' | 'deleted',
  previous: JsonObject,
): void {
  if (kind.eventType === null) return
  organization.events.record(
    organization.id,
    {
      action,
      objectType: kind.eventType,
      objectId: idOf(record),
      leadId: textOf(record, 'lead_id'),
      data: action === 'deleted' ? null : (kind.show?.(record, organization) ?? record),
      previous,
    },
    actor,
    nowMs,
  )
}

function idOf(record: JsonObject): string {
  return textOf(record, 'id') ?? ''
}
