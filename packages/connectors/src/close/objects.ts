import type { Column } from '@latchwork/contract'
import type { Stream } from '../reading.ts'
import { activity, activityKinds, audit, type Fields } from './activity-fields.ts'

/** One kind of record as the source reads it. */
export interface SourceObject {
  /** What Close calls it in a search; several for activities, which are searched kind by kind. Empty: listed. */
  readonly searchTypes: readonly string[]
  readonly customFields: 'lead' | 'contact' | 'opportunity' | 'activity' | null
  /** Documented fields with their types. */
  readonly fields: Fields
}

/** @see https://developer.close.com/api/resources/leads */
const lead: Fields = {
  id: 'text',
  name: 'text',
  display_name: 'text',
  description: 'text',
  url: 'text',
  html_url: 'text',
  status_id: 'text',
  status_label: 'text',
  addresses: 'json',
  contact_ids: 'json',
  contacts: 'json',
  opportunities: 'json',
  tasks: 'json',
  ...audit,
}

/** @see https://developer.close.com/api/resources/contacts */
const contact: Fields = {
  id: 'text',
  lead_id: 'text',
  name: 'text',
  display_name: 'text',
  title: 'text',
  emails: 'json',
  phones: 'json',
  urls: 'json',
  ...audit,
}

/** @see https://developer.close.com/api/resources/opportunities */
const opportunity: Fields = {
  id: 'text',
  lead_id: 'text',
  lead_name: 'text',
  contact_id: 'text',
  contact_name: 'text',
  user_id: 'text',
  user_name: 'text',
  status_id: 'text',
  status_label: 'text',
  status_type: 'text',
  pipeline_id: 'text',
  pipeline_name: 'text',
  value: 'number',
  value_currency: 'text',
  value_formatted: 'text',
  value_period: 'text',
  confidence: 'number',
  expected_value: 'number',
  annualized_value: 'number',
  annualized_expected_value: 'number',
  date_won: 'date',
  date_lost: 'text',
  note: 'text',
  note_html: 'text',
  ...audit,
}

/** @see https://developer.close.com/api/resources/tasks */
const task: Fields = {
  id: 'text',
  _type: 'text',
  lead_id: 'text',
  lead_name: 'text',
  contact_id: 'text',
  contact_name: 'text',
  assigned_to: 'text',
  assigned_to_name: 'text',
  text: 'text',
  // A date, or a date with a time: kept as Close writes it.
  date: 'text',
  due_date: 'text',
  is_complete: 'boolean',
  is_dateless: 'boolean',
  object_type: 'text',
  object_id: 'text',
  view: 'text',
  priority: 'text',
  created_by_name: 'text',
  updated_by_name: 'text',
  ...audit,
}

/** @see https://developer.close.com/api/resources/users */
const user: Fields = {
  id: 'text',
  email: 'text',
  first_name: 'text',
  last_name: 'text',
  image: 'text',
  last_used_timezone: 'text',
  organizations: 'json',
  date_created: 'time',
  date_updated: 'time',
}

const objects: Readonly<Record<string, SourceObject>> = {
  leads: { searchTypes: ['lead'], customFields: 'lead', fields: lead },
  contacts: { searchTypes: ['contact'], customFields: 'contact', fields: contact },
  opportunities: { searchTypes: ['opportunity'], customFields: 'opportunity', fields: opportunity },
  activities: { searchTypes: activityKinds, customFields: 'activity', fields: activity },
  tasks: { searchTypes: ['task'], customFields: null, fields: task },
  users: { searchTypes: [], customFields: null, fields: user },
}

/** The streams of an account. */
export const closeStreams: readonly Stream[] = Object.keys(objects).map((name) => ({
  name,
  label: labelOf(name),
  group: 'Records',
  description: `All ${name} of the organization.`,
  recommended: true,
  ...changesOf(objects[name]),
  parameters: [],
}))

/** What is searched can be asked for its changes. */
function changesOf(object: SourceObject | undefined): Pick<Stream, 'modes' | 'deletes'> {
  return object === undefined || object.searchTypes.length === 0
    ? { modes: ['full'], deletes: 'none' }
    : { modes: ['full', 'incremental'], deletes: 'events' }
}

/** The kind of record that a source's field `object` names. */
export function sourceObject(name: string): SourceObject | undefined {
  return Object.hasOwn(objects, name) ? objects[name] : undefined
}

/** The documented fields as columns. */
export function columnsOf(object: SourceObject): Column[] {
  return Object.entries(object.fields).map(([name, type]) => ({ name, label: labelOf(name), type }))
}

function labelOf(name: string): string {
  const words = name.replace(/^_/, '').replaceAll('_', ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}
