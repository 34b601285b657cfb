import { audit, boolean, date, type Fields, json, number, text, time } from './fields.ts'
import { rowsOf, type StreamRow, search } from './row.ts'

const row = rowsOf('Records')

/** @see https://developer.close.com/api/resources/leads */
const lead: Fields = {
  ...text('id', 'name', 'display_name', 'description', 'url', 'html_url', 'status_id', 'status_label'),
  ...json('addresses', 'contact_ids', 'contacts', 'opportunities', 'tasks'),
  ...audit,
}

/** @see https://developer.close.com/api/resources/contacts */
const contact: Fields = {
  ...text('id', 'lead_id', 'name', 'display_name', 'title'),
  ...json('emails', 'phones', 'urls'),
  ...audit,
}

/** @see https://developer.close.com/api/resources/opportunities */
const opportunity: Fields = {
  ...text('id', 'lead_id', 'lead_name', 'contact_id', 'contact_name', 'user_id', 'user_name'),
  ...text('status_id', 'status_label', 'status_type', 'pipeline_id', 'pipeline_name'),
  ...number('value'),
  ...text('value_currency', 'value_formatted', 'value_period'),
  ...number('confidence', 'expected_value', 'annualized_value', 'annualized_expected_value'),
  ...date('date_won'),
  ...text('date_lost', 'note', 'note_html'),
  ...audit,
}

/** @see https://developer.close.com/api/resources/tasks */
const task: Fields = {
  ...text('id', '_type', 'lead_id', 'lead_name', 'contact_id', 'contact_name'),
  ...text('assigned_to', 'assigned_to_name', 'text'),
  // A date, or a date with a time: kept as Close writes it.
  ...text('date', 'due_date'),
  ...boolean('is_complete', 'is_dateless'),
  ...text('object_type', 'object_id', 'view', 'priority', 'created_by_name', 'updated_by_name'),
  ...audit,
}

/** @see https://developer.close.com/api/resources/custom-objects */
export const customObject: Fields = {
  ...text('id', 'lead_id', 'custom_object_type_id', 'name'),
  ...audit,
}

/** @see https://developer.close.com/api/resources/comments */
export const recordRows: readonly StreamRow[] = [
  row(
    ['leads', 'Leads'],
    'Companies and people you sell to, with their contacts, addresses and your custom fields.',
    search('lead'),
    lead,
    { recommended: true, customFields: { of: 'lead' } },
  ),
  row(
    ['contacts', 'Contacts'],
    'People at your leads, with email addresses, phone numbers and your custom fields.',
    search('contact'),
    contact,
    { recommended: true, customFields: { of: 'contact' } },
  ),
  row(
    ['opportunities', 'Opportunities'],
    'Deals with value, status, pipeline and confidence, and your custom fields.',
    search('opportunity'),
    opportunity,
    { recommended: true, customFields: { of: 'opportunity' } },
  ),
  row(
    ['tasks', 'Tasks'],
    'To-dos and reminders of every type, with assignee, due date and whether they are done.',
    search('task'),
    task,
    { recommended: true },
  ),
  row(
    ['custom_objects', 'Custom objects'],
    'Your own kinds of object, of all types together, with their custom fields.',
    search('custom_object'),
    customObject,
    { customFields: { of: 'custom_object_type' } },
  ),
  row(
    ['comment_threads', 'Comment threads'],
    'Which activities and records people have commented on, with the ids of the comments.',
    { by: 'list', path: '/comment_thread/' },
    {
      ...text('id', 'object_type', 'object_id', 'lead_id'),
      ...json('comment_ids'),
      ...audit,
    },
  ),
  row(
    ['comments', 'Comments'],
    'What people have written in the threads, thread by thread.',
    { by: 'list', path: '/comment/', parent: { path: '/comment_thread/', parameter: 'thread_id' } },
    { ...text('id', 'thread_id', 'object_type', 'object_id', 'lead_id', 'body'), ...audit },
  ),
  row(
    ['event_log', 'Event log'],
    'What happened to records in the last 30 days: each change with what it changed. Close keeps no more.',
    { by: 'events' },
    {
      ...text('id', 'object_type', 'object_id', 'lead_id', 'action', 'user_id', 'request_id', 'api_key_id'),
      ...text('oauth_client_id', 'organization_id'),
      ...json('changed_fields', 'data', 'previous_data', 'meta'),
      ...time('date_created', 'date_updated'),
    },
  ),
]
