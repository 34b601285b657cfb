import { timestamp } from '../clock.ts'
import type { Actor } from '../events/event-log.ts'
import { type JsonObject, listOf, sameJson, textOf } from '../json.ts'
import { eventTypeOf } from './object-kinds.ts'
import { CHILD_TABLES, type Organization, type TableName } from './organization.ts'
import {
  activityShape,
  contactShape,
  customObjectShape,
  leadShape,
  opportunityShape,
  present,
  type Shape,
  taskShape,
} from './shapes.ts'

/** The place, the author and the time of a change. */
export interface ChangeContext {
  readonly organization: Organization
  readonly actor: Actor
  readonly nowMs: number
}

const PREFIXES: Readonly<Record<TableName, string>> = {
  lead: 'lead',
  contact: 'cont',
  opportunity: 'oppo',
  task: 'task',
  activity: 'acti',
  custom_object: 'custobj',
}

/** The shape in which a record of that table is answered. */
export function shapeOf(table: TableName, record: JsonObject): Shape {
  switch (table) {
    case 'lead':
      return leadShape
    case 'contact':
      return contactShape
    case 'opportunity':
      return opportunityShape
    case 'task':
      return taskShape
    case 'activity':
      return activityShape(record)
    case 'custom_object':
      return customObjectShape
  }
}

/** Adds a record, with id and audit fields unless it brings its own, and logs the event. */
export function insertRecord(context: ChangeContext, table: TableName, fields: JsonObject): JsonObject {
  const { organization, actor, nowMs } = context
  const rows = organization.tables[table]
  const record: JsonObject = {
    id: textOf(fields, 'id') ?? rows.nextId(PREFIXES[table]),
    organization_id: organization.id,
    created_by: actor.userId,
    updated_by: actor.userId,
    date_created: timestamp(nowMs),
    date_updated: timestamp(nowMs),
    ...(table === 'activity' ? { activity_at: textOf(fields, 'date_created') ?? timestamp(nowMs) } : {}),
    ...fields,
  }
  rows.insert(record)
  log(context, table, record, 'created', {})
  return record
}

/**
 * Changes fields of a record. A custom field set to null is removed. `date_updated` moves to now
 * unless `changes` sets it. Nothing happens when nothing differs.
 */
export function updateRecord(
  context: ChangeContext,
  table: TableName,
  row: number,
  changes: JsonObject,
): JsonObject {
  const rows = context.organization.tables[table]
  const before = rows.record(row)
  const after: JsonObject = { ...before }
  const previous: JsonObject = {}
  for (const [field, value] of Object.entries(changes)) {
    if (sameJson(before[field], value)) continue
    const removed = value === null && field.startsWith('custom.')
    if (removed && before[field] === undefined) continue
    previous[field] = before[field] ?? null
    if (removed) delete after[field]
    else after[field] = value
  }
  if (Object.keys(previous).length === 0) return before
  if (changes['date_updated'] === undefined) {
    previous['date_updated'] = before['date_updated'] ?? null
    after['date_updated'] = timestamp(context.nowMs)
  }
  if (changes['updated_by'] === undefined && context.actor.userId !== null) {
    after['updated_by'] = context.actor.userId
  }
  rows.replace(row, after)
  log(context, table, after, 'updated', previous)
  return after
}

/** Deletes a record; a lead with all its children, a thread with its emails, each with its own event. */
export function deleteRecord(context: ChangeContext, table: TableName, row: number): void {
  const { tables } = context.organization
  const record = tables[table].record(row)
  const id = textOf(record, 'id') ?? ''
  // As it is shown before its children go.
  const shown = present(shapeOf(table, record), record, context.organization)
  if (table === 'lead') {
    for (const child of CHILD_TABLES) {
      for (const childRow of tables[child].rowsOfLead(id)) {
        // A thread has taken its emails along already.
        if (tables[child].exists(childRow)) deleteRecord(context, child, childRow)
      }
    }
  }
  if (record['_type'] === 'EmailThread') {
    for (const email of listOf(record, 'thread_email_ids')) {
      const emailRow = tables.activity.rowOf(String(email))
      if (emailRow !== undefined) deleteRecord(context, 'activity', emailRow)
    }
  }
  tables[table].remove(row)
  log(context, table, record, 'deleted', shown)
}

function log(
  context: ChangeContext,
  table: TableName,
  record: JsonObject,
  action: 'created' | 'updated' | 'deleted',
  previous: JsonObject,
): void {
  const { organization, actor, nowMs } = context
  const objectType = eventTypeOf(table, record)
  if (objectType === null) return
  organization.events.record(
    organization.id,
    {
      action,
      objectType,
      objectId: textOf(record, 'id') ?? '',
      leadId: table === 'lead' ? textOf(record, 'id') : textOf(record, 'lead_id'),
      data: action === 'deleted' ? null : present(shapeOf(table, record), record, organization),
      previous,
    },
    actor,
    nowMs,
  )
}
