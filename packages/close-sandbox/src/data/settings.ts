import { naiveTimestamp, timestamp } from '../clock.ts'
import { type Json, type JsonObject, textOf } from '../json.ts'
import { fixedId, NEWER_LENGTH } from '../record-ids.ts'
import { Collection } from './collection.ts'
import { seededFields } from './seeded-fields.ts'

/** The author, the organization and the time of new settings. */
export interface SettingsSeed {
  readonly seed: string
  readonly organizationId: string
  readonly userId: string
  readonly createdMs: number
}

/** The configuration of one organization: everything but its leads and their children. */
export class Settings {
  readonly lead_status: Collection = new Collection()
  readonly opportunity_status: Collection = new Collection()
  readonly pipeline: Collection = new Collection()
  readonly custom_field: Collection = new Collection()
  readonly custom_activity_type: Collection = new Collection()
  readonly custom_object_type: Collection = new Collection()
  readonly saved_search: Collection = new Collection()
  readonly webhook: Collection = new Collection()
  readonly group: Collection = new Collection()
  readonly outcome: Collection = new Collection()
  readonly playbook: Collection = new Collection()
  readonly phone_number: Collection = new Collection()
  readonly blocked_phone_number: Collection = new Collection()
  readonly connected_account: Collection = new Collection()
  readonly send_as: Collection = new Collection()
  readonly integration_link: Collection = new Collection()
  readonly email_template: Collection = new Collection()
  readonly sms_template: Collection = new Collection()
  readonly unsubscribed_email: Collection = new Collection()
  readonly sequence: Collection = new Collection()
  readonly sequence_subscription: Collection = new Collection()
  readonly form: Collection = new Collection()
  readonly comment: Collection = new Collection()
  readonly comment_thread: Collection = new Collection()
  readonly scheduling_link: Collection = new Collection()
  readonly shared_scheduling_link: Collection = new Collection()
  readonly bulk_delete: Collection = new Collection()
  readonly bulk_edit: Collection = new Collection()
  readonly bulk_email: Collection = new Collection()
  readonly bulk_sequence_subscription: Collection = new Collection()
  readonly export: Collection = new Collection()
  readonly dialer: Collection = new Collection()
}

/** The small collections by name. */
export type CollectionName = keyof Settings

/** The statuses, pipelines, custom fields, types and smart views that a new organization starts with. */
export function seedSettings(from: SettingsSeed): Settings {
  const settings = new Settings()
  const organization_id = from.organizationId
  const audit = { created_by: from.userId, updated_by: from.userId, organization_id }
  const dates = { date_created: timestamp(from.createdMs), date_updated: timestamp(from.createdMs) }
  const naiveDates = {
    date_created: naiveTimestamp(from.createdMs),
    date_updated: naiveTimestamp(from.createdMs),
  }
  const add = (collection: CollectionName, id: string, record: JsonObject): string => {
    settings[collection].put(id, { id, ...record })
    return id
  }

  for (const label of ['Potential', 'Qualified', 'Customer', 'Bad Fit']) {
    add('lead_status', fixedId('stat', from.seed, `lead ${label}`), { label, organization_id })
  }

  for (const [name, stages] of Object.entries(PIPELINES)) {
    const pipeline_id = fixedId('pipe', from.seed, name, NEWER_LENGTH)
    add('pipeline', pipeline_id, { name, ...audit, ...naiveDates })
    for (const [label, type] of stages) {
      const id = fixedId('stat', from.seed, `${name} ${label}`)
      add('opportunity_status', id, { label, type, pipeline_id, organization_id })
    }
  }

  const activityTypes: Record<string, string> = {}
  for (const [name, description] of [
    ['Site Visit', 'A visit at the customer’s place'],
    ['Handover', 'A machine goes to its new owner'],
  ] as const) {
    const id = fixedId('actitype', from.seed, name, NEWER_LENGTH)
    activityTypes[name] = add('custom_activity_type', id, {
      name,
      description,
      api_create_only: false,
      editable_with_roles: [],
      is_archived: false,
      ...audit,
      ...naiveDates,
    })
  }
  const objectTypes: Record<string, string> = {}
  for (const name of ['Contract', 'Machine']) {
    const id = fixedId('cotype', from.seed, name, NEWER_LENGTH)
    objectTypes[name] = add('custom_object_type', id, {
      name,
      name_plural: `${name}s`,
      description: null,
      api_create_only: false,
      editable_with_roles: [],
      ...audit,
      ...naiveDates,
    })
  }
  for (const field of seededFields(from.seed, { ...audit, ...dates }, activityTypes, objectTypes)) {
    settings.custom_field.put(textOf(field, 'id') ?? '', field)
  }

  const everything: Json = { query: { type: 'match_all', negate: false }, results_limit: null, sort: [] }
  for (const [name, type] of [
    ['All Leads', 'lead'],
    ['All Contacts', 'contact'],
  ] as const) {
    add('saved_search', fixedId('save', from.seed, name), {
      name,
      type,
      description: '',
      is_shared: true,
      is_user_dependent: false,
      query: null,
      s_query: everything,
      user_id: from.userId,
      organization_id,
      ...dates,
    })
  }
  return settings
}

const PIPELINES: Readonly<Record<string, readonly (readonly [string, 'active' | 'won' | 'lost'])[]>> = {
  Sales: [
    ['Active', 'active'],
    ['Proposal Sent', 'active'],
    ['Won', 'won'],
    ['Lost', 'lost'],
  ],
  Renewals: [
    ['Due', 'active'],
    ['Renewed', 'won'],
    ['Churned', 'lost'],
  ],
}
