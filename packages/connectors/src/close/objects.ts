import type { Column } from '@latchwork/contract'

type ColumnType = Column['type']
type Fields = Readonly<Record<string, ColumnType>>

/** One kind of record as the source reads it. */
export interface SourceObject {
  /** What Close calls it in a search; several for activities, which are searched kind by kind. Empty: listed. */
  readonly searchTypes: readonly string[]
  readonly customFields: 'lead' | 'contact' | 'opportunity' | 'activity' | null
  /** Documented fields with their types. */
  readonly fields: Fields
}

const audit: Fields = {
  organization_id: 'text',
  created_by: 'text',
  updated_by: 'text',
  date_created: 'time',
  date_updated: 'time',
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

/**
 * What the kinds of activity have, in one table: each record has the fields of its kind.
 * @see https://developer.close.com/api/resources/activities
 */
const activity: Fields = {
  id: 'text',
  _type: 'text',
  lead_id: 'text',
  contact_id: 'text',
  user_id: 'text',
  user_name: 'text',
  users: 'json',
  activity_at: 'time',
  source: 'text',
  status: 'text',
  direction: 'text',
  created_by_name: 'text',
  updated_by_name: 'text',
  // notes, calls and meetings
  title: 'text',
  note: 'text',
  note_html: 'text',
  note_mentions: 'json',
  pinned: 'boolean',
  pinned_at: 'time',
  attachments: 'json',
  outcome_id: 'text',
  // calls
  call_method: 'text',
  disposition: 'text',
  duration: 'number',
  phone: 'text',
  cost: 'text',
  dialer_id: 'text',
  recording_url: 'text',
  voicemail_url: 'text',
  voicemail_duration: 'number',
  // calls and messages
  local_phone: 'text',
  local_phone_formatted: 'text',
  local_country_iso: 'text',
  remote_phone: 'text',
  remote_phone_formatted: 'text',
  remote_country_iso: 'text',
  text: 'text',
  error_message: 'text',
  message_markdown: 'text',
  message_html: 'text',
  external_whatsapp_message_id: 'text',
  // emails and threads
  subject: 'text',
  sender: 'text',
  to: 'json',
  cc: 'json',
  bcc: 'json',
  envelope: 'json',
  body_text: 'text',
  body_html: 'text',
  date_sent: 'time',
  date_scheduled: 'time',
  thread_id: 'text',
  in_reply_to_id: 'text',
  message_ids: 'json',
  references: 'json',
  opens: 'json',
  opens_summary: 'text',
  has_reply: 'boolean',
  template_id: 'text',
  sequence_id: 'text',
  sequence_name: 'text',
  sequence_subscription_id: 'text',
  latest_normalized_subject: 'text',
  emails: 'json',
  n_emails: 'number',
  // meetings
  starts_at: 'time',
  ends_at: 'time',
  location: 'text',
  attendees: 'json',
  is_recurring: 'boolean',
  calendar_event_link: 'text',
  provider_calendar_event_id: 'text',
  summary: 'text',
  user_note: 'text',
  user_note_html: 'text',
  // changes of status, merges, tasks, imports
  old_status_id: 'text',
  old_status_label: 'text',
  old_status_type: 'text',
  new_status_id: 'text',
  new_status_label: 'text',
  new_status_type: 'text',
  opportunity_id: 'text',
  opportunity_value: 'number',
  opportunity_value_period: 'text',
  opportunity_confidence: 'number',
  opportunity_date_won: 'date',
  merge_status: 'text',
  source_lead_id: 'text',
  destination_lead_id: 'text',
  task_id: 'text',
  task_text: 'text',
  task_assigned_to: 'text',
  import_id: 'text',
  // forms and custom activities
  form_id: 'text',
  custom_activity_type_id: 'text',
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

/** Every kind of activity, by the word that Close's searches and events use for it. */
export const activityKinds = [
  'activity.note',
  'activity.call',
  'activity.email',
  'activity.email_thread',
  'activity.sms',
  'activity.whatsapp_message',
  'activity.meeting',
  'activity.lead_status_change',
  'activity.opportunity_status_change',
  'activity.created',
  'activity.task_completed',
  'activity.lead_merge',
  'activity.form_submission',
  'activity.import_update',
  'activity.custom_activity',
] as const

const objects: Readonly<Record<string, SourceObject>> = {
  leads: { searchTypes: ['lead'], customFields: 'lead', fields: lead },
  contacts: { searchTypes: ['contact'], customFields: 'contact', fields: contact },
  opportunities: { searchTypes: ['opportunity'], customFields: 'opportunity', fields: opportunity },
  activities: { searchTypes: activityKinds, customFields: 'activity', fields: activity },
  tasks: { searchTypes: ['task'], customFields: null, fields: task },
  users: { searchTypes: [], customFields: null, fields: user },
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
