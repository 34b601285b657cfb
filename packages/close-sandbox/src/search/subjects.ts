import { shapeOf } from '../data/changes.ts'
import { objectKind } from '../data/object-kinds.ts'
import type { Organization, TableName } from '../data/organization.ts'
import { readField } from '../data/shapes.ts'
import { type Json, type JsonObject, objectsOf, textOf } from '../json.ts'

/** The subject of a query: a record, or a part of one such as an e-mail address. */
export interface Subject {
  readonly table: TableName | null
  readonly record: JsonObject
  read(field: string): Json | undefined
}

export function recordSubject(organization: Organization, table: TableName, record: JsonObject): Subject {
  return {
    table,
    record,
    read: (field) => readField(shapeOf(table, record), record, organization, field),
  }
}

const PARTS: Readonly<Record<string, { readonly of: TableName; readonly list: string }>> = {
  contact_email: { of: 'contact', list: 'emails' },
  contact_phone: { of: 'contact', list: 'phones' },
  contact_url: { of: 'contact', list: 'urls' },
  address: { of: 'lead', list: 'addresses' },
}

/** Whether a query can be about that type: a record type or a part. */
export function isSubjectType(word: string): boolean {
  return Object.hasOwn(PARTS, word) || objectKind(word) !== undefined
}

/** The parts, children, or parents of a subject that have the given type. */
export function related(organization: Organization, subject: Subject, word: string): Subject[] {
  const part = Object.hasOwn(PARTS, word) ? PARTS[word] : undefined
  if (part) {
    const owners = subject.table === part.of ? [subject] : related(organization, subject, part.of)
    return owners.flatMap(({ record }) =>
      objectsOf(record, part.list).map((entry) => ({
        table: null,
        record: entry,
        read: (field) => (Object.hasOwn(entry, field) ? entry[field] : undefined),
      })),
    )
  }
  const kind = objectKind(word)
  if (!kind || subject.table === null) return []
  const rows = organization.tables[kind.table]
  if (kind.table === 'lead') {
    const lead = rows.get(textOf(subject.record, 'lead_id') ?? '')
    return lead ? [recordSubject(organization, 'lead', lead)] : []
  }
  const leadId = textOf(subject.record, subject.table === 'lead' ? 'id' : 'lead_id') ?? ''
  return rows
    .rowsOfLead(leadId)
    .filter((row) => kind.kinds === null || kind.kinds.includes(rows.kindOf(row)))
    .map((row) => rows.record(row))
    .filter((record) => isRelated(subject, record, kind.table))
    .map((record) => recordSubject(organization, kind.table, record))
}

/** All children of a lead relate to it. Otherwise one of the two must name the other. */
function isRelated(subject: Subject, record: JsonObject, table: TableName): boolean {
  if (subject.table === 'lead') return true
  if (subject.table === 'contact') return record['contact_id'] === subject.record['id']
  if (table === 'contact') return subject.record['contact_id'] === record['id']
  return subject.table !== table
}
