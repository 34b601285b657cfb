import { enumerations } from '@latchwork/close'
import { activity, activityKinds } from '../activity-fields.ts'
import { created, listedFrom } from './days.ts'
import { audit, boolean, type Fields, json, number, text, time } from './fields.ts'
import { chosen, leadSmartView, oneOf, optionsOf, type Parameter, smartView, user } from './parameters.ts'
import { type Reading, rowsOf, type StreamRow, search } from './row.ts'

const row = rowsOf('Activities')

/** What every activity has. */
const common: Fields = {
  ...text('id', '_type', 'lead_id', 'contact_id', 'user_id', 'user_name'),
  ...json('users'),
  ...time('activity_at'),
}

const people: Fields = { ...text('created_by_name', 'updated_by_name'), ...audit }

const of = (...own: readonly Fields[]): Fields => Object.assign({}, common, ...own, people)

const windows = (path: string): Reading => ({ by: 'windows', path })

/** Of which kinds all activities are read. */
const kinds: Parameter = {
  field: {
    name: 'kinds',
    label: 'Kinds of activity',
    kind: 'multiselect',
    required: false,
    help: 'Leave it blank for all of them.',
    options: optionsOf(activityKinds),
  },
  changes: false,
  keeping: { by: 'kinds' },
}

/** @see https://developer.close.com/api/resources/activities/meeting */
const meetingStatuses = [
  ...['upcoming', 'in-progress', 'completed', 'canceled', 'declined-by-lead', 'declined-by-org'],
]

/** What every activity is chosen by. */
const usual: readonly Parameter[] = [user('User'), leadSmartView, ...created]

/** A kind of activity by itself, which all activities together have as well. */
const kind = (...own: readonly Parameter[]) => ({ within: 'activities', parameters: own })
const listedKind = kind(...listedFrom('date_created'))

const direction = (values: readonly string[]) => oneOf('direction', 'Direction', values, false)
const callDirection = direction(enumerations.PhoneActivityDirection)
const messageDirection = direction(enumerations.CommunicationDirection)
const sequenceOf = chosen('sequence_id', { label: 'Sequence' }, 'sequences', null, false)
const outcome = chosen('outcome_id', { label: 'Outcome' }, 'outcomes', null)
const messageStatus = oneOf('status', 'Status', enumerations.MessageStatus, true)

const note: Fields = { ...text('note', 'note_html'), ...json('note_mentions') }
const pinned: Fields = { ...boolean('pinned'), ...time('pinned_at') }
const phones: Fields = text(
  ...['local_phone', 'local_phone_formatted', 'local_country_iso'],
  ...['remote_phone', 'remote_phone_formatted', 'remote_country_iso'],
)
const sequence: Fields = text('sequence_id', 'sequence_name', 'sequence_subscription_id')
const sending: Fields = { ...text('status', 'direction'), ...time('date_sent', 'date_scheduled') }
const statusChange: Fields = text(
  ...['old_status_id', 'old_status_label', 'new_status_id', 'new_status_label'],
)

/** What a custom activity has besides its type's own fields. */
export const customActivity: Fields = of(
  text('custom_activity_type_id', 'status', 'source'),
  pinned,
  json('mentions'),
  time('mentions_updated_at', 'last_published_at'),
)

/**
 * All activities together, and each kind by itself. Kinds that Close documents for its search are read by it, the others
 * by their lists.
 * @see https://developer.close.com/api/resources/activities
 */
export const activityRows: readonly StreamRow[] = [
  row(
    ['activities', 'Activities'],
    'Calls, emails, meetings, notes, messages and status changes of all leads, in one table.',
    search(...activityKinds),
    activity,
    { recommended: true, customFields: { of: 'activity' }, parameters: [kinds, ...usual] },
  ),
  row(
    ['notes', 'Notes'],
    'What people have noted at leads.',
    search('activity.note'),
    of(text('title'), note, pinned, json('attachments'), text('source')),
    kind(smartView('note'), ...usual),
  ),
  row(
    ['calls', 'Calls'],
    'Calls made, received and logged, with length, outcome, note, and the address of the recording.',
    search('activity.call'),
    of(
      text('source', 'status', 'direction', 'disposition', 'call_method', 'outcome_id'),
      number('duration'),
      text('phone', 'cost', 'dialer_id', 'dialer_saved_search_id', 'recording_url', 'voicemail_url'),
      number('voicemail_duration'),
      note,
      phones,
      sequence,
    ),
    kind(
      smartView('call'),
      callDirection,
      oneOf('status', 'Status', enumerations.CallStatus, true),
      outcome,
      ...usual,
    ),
  ),
  row(
    ['emails', 'Emails'],
    'Each email by itself, with its text, whether it was opened, and the sequence that sent it.',
    search('activity.email'),
    of(
      text('subject', 'sender'),
      json('to', 'cc', 'bcc', 'envelope'),
      text('body_text', 'body_html'),
      json('body_text_quoted', 'attachments'),
      sending,
      text('thread_id', 'in_reply_to_id'),
      json('message_ids', 'references', 'opens'),
      text('opens_summary'),
      boolean('has_reply', 'need_smtp_credentials', 'followup_sequence_add_cc_bcc'),
      number('followup_sequence_delay'),
      text('followup_sequence_id', 'template_id', 'template_name', 'send_as_id', 'bulk_email_action_id'),
      text('email_account_id'),
      json('send_attempts'),
      sequence,
    ),
    kind(smartView('email'), messageDirection, messageStatus, sequenceOf, ...usual),
  ),
  row(
    ['email_threads', 'Email threads'],
    'Conversations by email: subject, number of emails, participants.',
    windows('/activity/emailthread/'),
    of(
      text('latest_normalized_subject'),
      number('n_emails'),
      json('emails', 'latest_emails', 'participants', 'thread_email_ids'),
      time('latest_activity_at'),
    ),
    listedKind,
  ),
  row(
    ['sms', 'SMS'],
    'Text messages sent and received.',
    search('activity.sms'),
    of(
      text('text', 'source', 'cost', 'error_message', 'template_id'),
      sending,
      json('attachments'),
      phones,
      sequence,
    ),
    kind(smartView('sms'), callDirection, messageStatus, ...usual),
  ),
  row(
    ['whatsapp_messages', 'WhatsApp messages'],
    'WhatsApp messages sent and received.',
    search('activity.whatsapp_message'),
    of(
      text('text', 'message_markdown', 'message_html', 'source', 'direction'),
      text('external_whatsapp_message_id', 'response_to_id', 'integration_link', 'integration_name'),
      json('attachments'),
      text('local_phone', 'local_phone_formatted', 'remote_phone', 'remote_phone_formatted'),
      sequence,
    ),
    kind(smartView('whatsapp_message'), messageDirection, ...usual),
  ),
  row(
    ['meetings', 'Meetings'],
    'Meetings of the synced calendars, with attendees, outcome and notes.',
    search('activity.meeting'),
    of(
      text('title', 'status', 'source', 'location', 'outcome_id', 'outcome_reason'),
      time('starts_at', 'ends_at'),
      number('duration', 'actual_duration'),
      json('attendees', 'attached_call_ids', 'integrations', 'conference_links'),
      boolean('is_recurring'),
      text('calendar_event_link', 'provider_calendar_event_id', 'provider_calendar_type'),
      json('calendar_event_uids', 'provider_calendar_ids'),
      text('connected_account_id', 'conversation_type_id', 'conversation_type_reason', 'notetaker_id'),
      text('playbook_id', 'playbook_reason', 'outcome_autofill_reasoning'),
      number('outcome_autofill_confidence'),
      text('note', 'summary', 'user_note', 'user_note_html'),
      json('user_note_mentions'),
      time('user_note_date_updated'),
    ),
    kind(smartView('meeting'), oneOf('status', 'Status', meetingStatuses, true), outcome, ...usual),
  ),
  row(
    ['form_submissions', 'Form submissions'],
    'What visitors have sent by Close’s forms, with the values of their fields.',
    search('activity.form_submission'),
    of(
      text('form_id', 'form_name', 'form_configuration_id', 'ip_address', 'origin'),
      text('source_url', 'source_url_normalized'),
      json('values', 'values_by_name'),
    ),
    kind(
      smartView('form_submission'),
      chosen('form_id', { label: 'Form' }, 'forms', null, false),
      leadSmartView,
      ...created,
    ),
  ),
  row(
    ['custom_activities', 'Custom activities'],
    'Activities of your own types, of all types together, with their custom fields.',
    search('activity.custom_activity'),
    customActivity,
    {
      customFields: { of: 'activity' },
      ...kind(
        smartView('custom_activity'),
        chosen('custom_activity_type_id', { label: 'Type' }, 'custom_activity_types', null, false),
        ...usual,
      ),
    },
  ),
  row(
    ['lead_status_changes', 'Lead status changes'],
    'When a lead got another status: the one before and the one after.',
    windows('/activity/status_change/lead/'),
    of(statusChange),
    listedKind,
  ),
  row(
    ['opportunity_status_changes', 'Opportunity status changes'],
    'When an opportunity got another status: the one before and the one after.',
    windows('/activity/status_change/opportunity/'),
    of(
      text('opportunity_id'),
      statusChange,
      text('old_status_type', 'new_status_type', 'opportunity_value_period'),
      number('opportunity_value', 'opportunity_confidence'),
      { opportunity_date_won: 'date' },
    ),
    listedKind,
  ),
  row(
    ['lead_creations', 'Lead creations'],
    'How each lead came into Close: by hand, by an import, by the API.',
    windows('/activity/created/'),
    of(text('source', 'import_id')),
    listedKind,
  ),
  row(
    ['task_completions', 'Task completions'],
    'When a task was done, and by whom.',
    windows('/activity/task_completed/'),
    of(text('task_id', 'task_text', 'task_assigned_to')),
    listedKind,
  ),
  row(
    ['lead_merges', 'Lead merges'],
    'Which lead was merged into which.',
    windows('/activity/lead_merge/'),
    of(
      text('merge_status', 'source_lead_id', 'source_display_name'),
      text('destination_lead_id', 'destination_display_name', 'error_message'),
    ),
    listedKind,
  ),
  row(
    ['import_updates', 'Import updates'],
    'Which leads an import has changed.',
    windows('/activity/import_update/'),
    of(text('import_id', 'import_name')),
    listedKind,
  ),
]
