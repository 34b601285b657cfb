import { enumerations } from '@latchwork/close'
import { taskTypes } from '../close-events.ts'
import { changed, created, due, listedFrom, won } from './days.ts'
import { audit, boolean, date, type Fields, json, number, text, time } from './fields.ts'
import {
  chosen,
  foundYesOrNo,
  leadSmartView,
  listed,
  listedChoice,
  oneOf,
  ownerIn,
  type Parameter,
  smartView,
  user,
  wordsOf,
  yesOrNo,
} from './parameters.ts'
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

/** Of what the log has events. @see https://developer.close.com/resources/event-log/ */
const eventTypes = [
  ...['lead', 'contact', 'opportunity', 'custom_object', 'comment', 'comment_thread'],
  ...taskTypes.map((type) => `task.${type}`),
  ...['email', 'email_thread', 'call', 'sms', 'whatsapp_message', 'note', 'meeting', 'form_submission'].map(
    (kind) => `activity.${kind}`,
  ),
  ...[
    'custom_activity',
    'lead_status_change',
    'opportunity_status_change',
    'task_completed',
    'lead_merge',
  ].map((kind) => `activity.${kind}`),
  ...['status.lead', 'status.opportunity', 'custom_activity_type', 'custom_object_type'],
  ...['membership', 'group', 'saved_search', 'phone_number', 'email_template', 'sms_template'],
  ...['sequence', 'sequence_subscription', 'import', 'export.lead', 'export.opportunity'],
  ...['bulk_action.delete', 'bulk_action.edit', 'bulk_action.email', 'bulk_action.sequence_subscription'],
  'unsubscribed_email',
]

const eventActions = [
  ...['created', 'updated', 'deleted', 'merged', 'completed', 'sent', 'answered', 'scheduled', 'started'],
  ...['canceled', 'activated', 'deactivated', 'paused', 'reverting', 'reverted'],
]

function eventWords(type: string): string {
  const words = type.replaceAll(/[._]/g, ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** An event is put together with later ones, so the date of its last change counts. */
function renamed(parameter: Parameter): Parameter {
  const isFrom = parameter.field.name === 'created_from'
  return {
    ...parameter,
    field: {
      ...parameter.field,
      name: isFrom ? 'from' : 'to',
      label: isFrom ? 'From' : 'Until',
      help: isFrom
        ? 'Only events of this day or later. Days begin at midnight UTC.'
        : 'This day is included.',
    },
  }
}

/** @see https://developer.close.com/api/resources/comments */
export const recordRows: readonly StreamRow[] = [
  row(
    ['leads', 'Leads'],
    'Companies and people you sell to, with their contacts, addresses and your custom fields.',
    search('lead'),
    lead,
    {
      recommended: true,
      customFields: { of: 'lead' },
      parameters: [
        smartView('lead'),
        chosen('status_id', { label: 'Status' }, 'lead_statuses', 'status.lead'),
        ownerIn('lead'),
        user('Created by', 'created_by'),
        ...created,
        ...changed,
      ],
    },
  ),
  row(
    ['contacts', 'Contacts'],
    'People at your leads, with email addresses, phone numbers and your custom fields.',
    search('contact'),
    contact,
    {
      recommended: true,
      customFields: { of: 'contact' },
      parameters: [smartView('contact'), leadSmartView, ownerIn('contact'), ...created, ...changed],
    },
  ),
  row(
    ['opportunities', 'Opportunities'],
    'Deals with value, status, pipeline and confidence, and your custom fields.',
    search('opportunity'),
    opportunity,
    {
      recommended: true,
      customFields: { of: 'opportunity' },
      parameters: [
        smartView('opportunity'),
        leadSmartView,
        chosen('pipeline_id', { label: 'Pipeline' }, 'pipelines', 'pipeline'),
        chosen('status_id', { label: 'Status' }, 'opportunity_statuses', 'status.opportunity'),
        oneOf('status_type', 'Kind of status', enumerations.OpportunityStatusType, true),
        user('Owner'),
        oneOf('value_period', 'Period of the value', enumerations.OpportunityValuePeriod, true),
        foundYesOrNo('is_stalled', 'Stalled', { yes: 'Stalled ones', no: 'Those that move' }),
        ...won,
        ...created,
        ...changed,
      ],
    },
  ),
  row(
    ['tasks', 'Tasks'],
    'To-dos and reminders of every type, with assignee, due date and whether they are done.',
    search('task'),
    task,
    {
      recommended: true,
      parameters: [
        oneOf('_type', 'Type', taskTypes, false),
        user('Assigned to', 'assigned_to'),
        yesOrNo('is_complete', 'Done', { yes: 'Done', no: 'Open' }),
        leadSmartView,
        ...due,
        ...created,
        ...changed,
      ],
    },
  ),
  row(
    ['custom_objects', 'Custom objects'],
    'Your own kinds of object, of all types together, with their custom fields.',
    search('custom_object'),
    customObject,
    {
      customFields: { of: 'custom_object_type' },
      parameters: [
        chosen('custom_object_type_id', { label: 'Type' }, 'custom_object_types', null, false),
        leadSmartView,
        ...created,
      ],
    },
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
    {
      parameters: [
        ...listedFrom('date_updated').map(renamed),
        listed({
          field: {
            ...{ name: 'object_type', label: 'Kind of record', kind: 'select', required: false },
            help: 'Close takes it together with what happened, or with a user.',
            options: eventTypes.map((value) => ({ value, label: eventWords(value) })),
          },
        }),
        listed({
          field: {
            ...{ name: 'action', label: 'What happened', kind: 'select', required: false },
            help: 'Close takes it together with the kind of record.',
            options: eventActions.map((value) => ({ value, label: wordsOf(value) })),
          },
        }),
        listedChoice('user_id', { label: 'User' }, 'users'),
      ],
    },
  ),
]
