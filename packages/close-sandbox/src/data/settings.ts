import { naiveTimestamp, timestamp } from '../clock.ts'
import type { Json, JsonObject } from '../json.ts'
import { fixedId, NEWER_LENGTH } from '../record-ids.ts'
import { Collection } from './collection.ts'

const COLLECTIONS = [
  'lead_status',
  'opportunity_status',
  'pipeline',
  'custom_field',
  'custom_activity_type',
  'custom_object_type',
  'custom_object',
  'saved_search',
  'webhook',
  'phone_number',
  'email_account',
] as const

export type CollectionName = (typeof COLLECTIONS)[number]

/** The configuration of one organization: everything but its leads and their children. */
export type Settings = Readonly<Record<CollectionName, Collection>>

/** The author, the organization and the time of new settings. */
export interface SettingsSeed {
  readonly seed: string
  readonly organizationId: string
  readonly userId: string
  readonly userEmail: string
  readonly userName: string
  readonly createdMs: number
}

/** The statuses, pipelines, custom fields, types and smart views that a new organization starts with. */
export function seedSettings(from: SettingsSeed): Settings {
  const settings = {
    lead_status: new Collection(),
    opportunity_status: new Collection(),
    pipeline: new Collection(),
    custom_field: new Collection(),
    custom_activity_type: new Collection(),
    custom_object_type: new Collection(),
    custom_object: new Collection(),
    saved_search: new Collection(),
    webhook: new Collection(),
    phone_number: new Collection(),
    email_account: new Collection(),
  } satisfies Settings
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

  const activityType = fixedId('actitype', from.seed, 'Site Visit', NEWER_LENGTH)
  add('custom_activity_type', activityType, {
    name: 'Site Visit',
    description: 'A visit at the customer’s place',
    api_create_only: false,
    editable_with_roles: [],
    is_archived: false,
    ...audit,
    ...naiveDates,
  })
  const objectType = fixedId('cotype', from.seed, 'Contract', NEWER_LENGTH)
  add('custom_object_type', objectType, {
    name: 'Contract',
    name_plural: 'Contracts',
    description: null,
    api_create_only: false,
    editable_with_roles: [],
    ...audit,
    ...naiveDates,
  })

  for (const field of CUSTOM_FIELDS) {
    const extras: JsonObject = {}
    if (field.of === 'activity')
      Object.assign(extras, { custom_activity_type_id: activityType, required: field.required ?? false })
    if (field.of === 'custom_object_type')
      Object.assign(extras, { custom_object_type_id: objectType, required: false })
    if (field.of === 'shared') {
      extras['associations'] = ['lead', 'contact'].map((object_type) => ({
        object_type,
        editable_with_roles: [],
        required: false,
      }))
    }
    add('custom_field', fixedId('cf', from.seed, `${field.of} ${field.name}`), {
      name: field.name,
      description: field.description ?? null,
      type: field.type,
      choices: field.choices ? [...field.choices] : null,
      accepts_multiple_values: field.many ?? false,
      editable_with_roles: [...(field.roles ?? [])],
      ...audit,
      ...dates,
      ...extras,
      object_type: field.of,
    })
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
  add('phone_number', fixedId('phon', from.seed, 'main'), {
    number: '+12025550100',
    organization_id,
    ...dates,
  })
  add('email_account', fixedId('emailacct', from.seed, 'main'), {
    _type: 'google',
    identities: [{ email: from.userEmail, name: from.userName }],
    organization_id,
    user_id: from.userId,
  })
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

/** A custom field before it has an id. */
interface SeededField {
  readonly of: 'lead' | 'contact' | 'opportunity' | 'activity' | 'custom_object_type' | 'shared'
  readonly name: string
  readonly type: string
  readonly description?: string
  readonly choices?: readonly string[]
  readonly many?: boolean
  readonly required?: boolean
  readonly roles?: readonly string[]
}

const CUSTOM_FIELDS: readonly SeededField[] = [
  { of: 'lead', name: '# of seats', type: 'number', description: 'How many people would use it' },
  {
    of: 'lead',
    name: 'Industry',
    type: 'choices',
    choices: ['Retail', 'Crafts', 'Health', 'Software', 'Énergie'],
  },
  {
    of: 'lead',
    name: 'Interests',
    type: 'choices',
    choices: ['Reports', 'Calling', 'E-mail', 'API'],
    many: true,
  },
  { of: 'lead', name: 'Renewal date', type: 'date' },
  { of: 'lead', name: 'Last seen', type: 'datetime' },
  {
    of: 'lead',
    name: 'External ID',
    type: 'text',
    description: 'Number in the order system',
    roles: ['admin'],
  },
  { of: 'lead', name: 'Account manager', type: 'user' },
  { of: 'contact', name: 'Department', type: 'text' },
  { of: 'contact', name: 'Newsletter', type: 'choices', choices: ['Yes', 'No'] },
  { of: 'opportunity', name: 'Contract number', type: 'text' },
  { of: 'opportunity', name: 'Probability notes', type: 'text' },
  { of: 'activity', name: 'Result', type: 'choices', choices: ['Good', 'Fair', 'Poor'], required: true },
  { of: 'activity', name: 'Report', type: 'textarea' },
  { of: 'custom_object_type', name: 'Signed on', type: 'date' },
  {
    of: 'custom_object_type',
    name: 'Products',
    type: 'choices',
    choices: ['Basic', 'Plus', 'Support'],
    many: true,
  },
  { of: 'shared', name: 'Owner', type: 'user', description: 'Who looks after them' },
]
