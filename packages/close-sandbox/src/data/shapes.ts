import { type Json, type JsonObject, numberOf, objectsOf, textOf } from '../json.ts'
import type { Organization } from './organization.ts'

type Derive = (record: JsonObject, organization: Organization) => Json

/** The fields that an answer adds to those of a stored record. */
export interface Shape {
  /** Always shown. */
  readonly derived: Readonly<Record<string, Derive>>
  /** Shown only when named in `_fields` (or with `_all`). */
  readonly onRequest: Readonly<Record<string, Derive>>
}

const userName =
  (field: string): Derive =>
  (record, organization) =>
    organization.accounts.nameOf(textOf(record, field))

const leadName: Derive = (record, { tables }) =>
  textOf(tables.lead.get(textOf(record, 'lead_id') ?? '') ?? {}, 'name')

const contactName: Derive = (record, { tables }) =>
  textOf(tables.contact.get(textOf(record, 'contact_id') ?? '') ?? {}, 'name')

const childrenOf =
  (
    table: 'contact' | 'opportunity' | 'task',
    shape: () => Shape,
    wanted: (child: JsonObject) => boolean,
  ): Derive =>
  (record, organization) => {
    const rows = organization.tables[table]
    return rows
      .rowsOfLead(textOf(record, 'id') ?? '')
      .map((row) => rows.record(row))
      .filter(wanted)
      .map((child) => present(shape(), child, organization))
  }

const firstContactValue =
  (list: string, field: string): Derive =>
  (record, { tables }) => {
    const [row] = tables.contact.rowsOfLead(textOf(record, 'id') ?? '')
    const [first] = row === undefined ? [] : objectsOf(tables.contact.record(row), list)
    return first ? { [field]: first[field] ?? null, type: first['type'] ?? null } : null
  }

export const leadShape: Shape = {
  derived: {
    display_name: (record) => textOf(record, 'name') ?? 'Untitled',
    status_label: (record, { settings }) =>
      textOf(settings.lead_status.get(textOf(record, 'status_id') ?? '') ?? {}, 'label'),
    html_url: (record) => `https://app.close.com/lead/${textOf(record, 'id')}/`,
    contact_ids: (record, { tables }) =>
      tables.contact
        .rowsOfLead(textOf(record, 'id') ?? '')
        .map((row) => textOf(tables.contact.record(row), 'id')),
    contacts: childrenOf(
      'contact',
      () => contactShape,
      () => true,
    ),
    opportunities: childrenOf(
      'opportunity',
      () => opportunityShape,
      () => true,
    ),
    tasks: childrenOf(
      'task',
      () => taskShape,
      (task) => task['_type'] === 'lead' && task['is_complete'] !== true,
    ),
  },
  onRequest: {
    created_by_name: userName('created_by'),
    updated_by_name: userName('updated_by'),
    integration_links: () => [],
    primary_email: firstContactValue('emails', 'email'),
    primary_phone: firstContactValue('phones', 'phone'),
  },
}

export const contactShape: Shape = {
  derived: { display_name: (record) => textOf(record, 'name') ?? '' },
  onRequest: {
    created_by_name: userName('created_by'),
    updated_by_name: userName('updated_by'),
    integration_links: () => [],
    timezone: () => null,
  },
}

const opportunityStatus = (record: JsonObject, { settings }: Organization): JsonObject =>
  settings.opportunity_status.get(textOf(record, 'status_id') ?? '') ?? {}

const PERIODS_PER_YEAR: Readonly<Record<string, number>> = { monthly: 12, annual: 1, one_time: 1 }

/** Yearly worth in cents: a monthly value counts twelve times. */
export function annualizedValue(record: JsonObject): number {
  return (numberOf(record, 'value') ?? 0) * (PERIODS_PER_YEAR[textOf(record, 'value_period') ?? ''] ?? 1)
}

/** A value weighted with the opportunity's confidence, in whole cents. */
export function expected(cents: number, record: JsonObject): number {
  return Math.round((cents * (numberOf(record, 'confidence') ?? 0)) / 100)
}

const inDollars = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const wholeDollars = inDollars(0)
const dollarsAndCents = inDollars(2)

/** `$1,500` or `$12.50`. */
export function formatCents(cents: number): string {
  return `$${(cents % 100 === 0 ? wholeDollars : dollarsAndCents).format(cents / 100)}`
}

const PERIOD_WORDS: Readonly<Record<string, string>> = { monthly: ' monthly', annual: ' annually' }

export const opportunityShape: Shape = {
  derived: {
    lead_name: leadName,
    user_name: userName('user_id'),
    status_label: (record, organization) => textOf(opportunityStatus(record, organization), 'label'),
    status_type: (record, organization) => textOf(opportunityStatus(record, organization), 'type'),
    pipeline_id: (record, organization) => textOf(opportunityStatus(record, organization), 'pipeline_id'),
    pipeline_name: (record, organization) => {
      const pipelineId = textOf(opportunityStatus(record, organization), 'pipeline_id') ?? ''
      return textOf(organization.settings.pipeline.get(pipelineId) ?? {}, 'name')
    },
    value_formatted: (record) => {
      const cents = numberOf(record, 'value')
      return cents === null
        ? null
        : formatCents(cents) + (PERIOD_WORDS[textOf(record, 'value_period') ?? ''] ?? '')
    },
    expected_value: (record) => expected(numberOf(record, 'value') ?? 0, record),
    annualized_value: (record) => annualizedValue(record),
    annualized_expected_value: (record) => expected(annualizedValue(record), record),
  },
  onRequest: {
    contact_name: contactName,
    created_by_name: userName('created_by'),
    updated_by_name: userName('updated_by'),
    integration_links: () => [],
    is_stalled: (record) => record['is_stalled'] === true,
  },
}

/** Whether a task is due, in the future, or done; `nowMs` decides between the first two. */
export function taskView(record: JsonObject, nowMs: number): 'inbox' | 'future' | 'archive' {
  if (record['is_complete'] === true) return 'archive'
  const dueMs = Date.parse(textOf(record, 'date') ?? '')
  return Number.isNaN(dueMs) || dueMs <= nowMs ? 'inbox' : 'future'
}

export const taskShape: Shape = {
  derived: {
    assigned_to_name: userName('assigned_to'),
    contact_name: contactName,
    created_by_name: userName('created_by'),
    lead_name: leadName,
    updated_by_name: userName('updated_by'),
  },
  onRequest: {
    due_date: (record) => textOf(record, 'date'),
    priority: () => null,
  },
}

/** A custom object is answered as it is stored. */
export const customObjectShape: Shape = { derived: {}, onRequest: {} }

const people: Readonly<Record<string, Derive>> = {
  created_by_name: userName('created_by'),
  updated_by_name: userName('updated_by'),
  user_name: userName('user_id'),
}

const namedActivity: Shape = { derived: people, onRequest: { lead_name: leadName } }
const callShape: Shape = {
  derived: {},
  onRequest: {
    ...people,
    lead_name: leadName,
    recording_transcript: () => null,
    voicemail_transcript: () => null,
  },
}

/** The shape of an activity: calls carry no names unless asked. */
export function activityShape(record: JsonObject): Shape {
  return record['_type'] === 'Call' ? callShape : namedActivity
}

/**
 * A record as an answer shows it.
 * @param fields names from `_fields`: `custom` stands for every custom field, `_all` for everything.
 */
export function present(
  shape: Shape,
  record: JsonObject,
  organization: Organization,
  fields?: ReadonlySet<string>,
): JsonObject {
  if (fields && !fields.has('_all')) return presentOnly(shape, record, organization, fields)
  const shown: JsonObject = { ...record }
  for (const [field, derive] of Object.entries(shape.derived)) shown[field] = derive(record, organization)
  if (fields) {
    for (const [field, derive] of Object.entries(shape.onRequest)) shown[field] = derive(record, organization)
  }
  return shown
}

function presentOnly(
  shape: Shape,
  record: JsonObject,
  organization: Organization,
  fields: ReadonlySet<string>,
): JsonObject {
  const shown: JsonObject = {}
  for (const field of fields) {
    if (field === 'custom') {
      for (const [own, value] of Object.entries(record)) if (own.startsWith('custom.')) shown[own] = value
    } else {
      const value = readField(shape, record, organization, field)
      if (value !== undefined) shown[field] = value
    }
  }
  return shown
}

/** One field of a record, stored or derived; undefined when there is no such field. */
export function readField(
  shape: Shape,
  record: JsonObject,
  organization: Organization,
  field: string,
): Json | undefined {
  // A field name comes from outside: `constructor` must not be found on a prototype.
  if (Object.hasOwn(shape.derived, field)) return shape.derived[field]?.(record, organization)
  if (Object.hasOwn(shape.onRequest, field)) return shape.onRequest[field]?.(record, organization)
  return Object.hasOwn(record, field) ? record[field] : undefined
}
