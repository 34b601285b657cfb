import { reported } from './days.ts'
import { audit, auditById, boolean, dates, type Fields, json, number, text } from './fields.ts'
import { listedChoice, listedYesOrNo, type Parameter } from './parameters.ts'
import { list, rowsOf, type StreamRow } from './row.ts'

const outreach = rowsOf('Outreach')
const work = rowsOf('Exports and bulk actions')
const report = rowsOf('Reports')

/** What every bulk action says of its records and its progress. */
const progress: Fields = {
  ...number('n_leads', 'n_leads_processed', 'n_objects', 'n_objects_processed', 'results_limit'),
  ...text('query'),
  ...json('s_query', 'sort'),
  ...boolean('send_done_email'),
  ...audit,
}

const bulk = (kind: string, words: string, own: Fields, parameters: readonly Parameter[] = []): StreamRow =>
  work(
    [`bulk_${kind}s`, `Bulk ${words}`],
    `Bulk ${words}: which records, by whom, and how far they have come.`,
    list(`/bulk_action/${kind}/`),
    { ...text('id', 'status'), ...own, ...progress },
    { parameters },
  )

const statusReport = (of: 'lead' | 'opportunity') => `/report/statuses/${of}/{organization}/`

const parametersOf = (of: 'lead' | 'opportunity'): { parameters: readonly Parameter[] } => ({
  parameters: [
    ...reported,
    listedChoice('smart_view', { label: 'Smart view' }, { smartViews: of }, 'smart_view_id'),
    ...(of === 'opportunity' ? [listedChoice('user_id', { label: 'Owner' }, 'users')] : []),
  ],
})

const statusReports = (of: 'lead' | 'opportunity', words: string): StreamRow[] => [
  report(
    [`${of}_status_report`, `${words}: statuses`],
    `How many ${words.toLowerCase()} are in each status, have entered it and have left it, over all time or in a range of days.`,
    { by: 'single', path: statusReport(of), lists: { status_overview: {} }, identity: ['status_id'] },
    {
      ...text('id', 'status_id', 'status_label'),
      ...boolean('status_is_deleted'),
      ...number('started', 'ended', 'gained', 'lost', 'entered', 'left', 'change', 'change_percent'),
    },
    parametersOf(of),
  ),
  report(
    [`${of}_status_transitions`, `${words}: ways between statuses`],
    `How many ${words.toLowerCase()} have gone from each status to each other, over all time or in a range of days.`,
    {
      by: 'single',
      path: statusReport(of),
      lists: { status_transitions: {} },
      identity: ['from_status_id', 'to_status_id'],
    },
    {
      ...text('id', 'from_status_id', 'from_status_label', 'to_status_id', 'to_status_label'),
      ...boolean('from_status_is_deleted', 'to_status_is_deleted'),
      ...number('count'),
    },
    parametersOf(of),
  ),
]

/** What goes out to people, work in the background, and reports. */
export const outreachRows: readonly StreamRow[] = [
  outreach(
    ['email_templates', 'Email templates'],
    'Templates of emails, archived ones too.',
    list('/email_template/'),
    {
      ...text('id', 'name', 'subject', 'body'),
      ...json('attachments'),
      ...boolean('is_shared', 'is_archived'),
      ...audit,
    },
    {
      parameters: [
        listedYesOrNo('is_archived', 'Archived', { yes: 'Archived ones', no: 'Those in use' }),
        listedYesOrNo('is_shared', 'Shared', { yes: 'Shared ones', no: 'Private ones' }),
      ],
    },
  ),
  outreach(['sms_templates', 'SMS templates'], 'Templates of text messages.', list('/sms_template/'), {
    ...text('id', 'name', 'text', 'status'),
    ...boolean('is_shared'),
    ...audit,
  }),
  outreach(
    ['sequences', 'Sequences'],
    'Workflows that contact people step by step, with their steps.',
    list('/sequence/'),
    {
      ...text('id', 'name', 'status', 'timezone'),
      ...json('schedule', 'steps'),
      ...auditById,
    },
  ),
  outreach(
    ['sequence_subscriptions', 'Sequence subscriptions'],
    'Which contact is in which sequence, and how far, sequence by sequence.',
    list('/sequence_subscription/', { parent: { path: '/sequence/', parameter: 'sequence_id' } }),
    {
      ...text('id', 'sequence_id', 'contact_id', 'lead_id', 'contact_email', 'status', 'status_reason'),
      ...text('sender_account_id', 'sender_email', 'sender_name'),
      ...json('calls_assigned_to'),
      // A date in the examples, a date with a time in the description: kept as Close writes it.
      ...text('start_date'),
      ...auditById,
    },
    {
      parameters: [
        {
          field: {
            ...{ name: 'sequence_id', label: 'Sequence', kind: 'multiselect', required: false },
            ...{ help: 'Leave it blank for all sequences.', optionsFrom: 'account' },
          },
          ...{ choices: 'sequences', changes: false, parents: true },
        },
      ],
    },
  ),
  outreach(
    ['unsubscribed_emails', 'Unsubscribed emails'],
    'Addresses that want no mail.',
    list('/unsubscribe/email/'),
    {
      ...text('id', 'email'),
      ...dates,
    },
  ),
  outreach(
    ['scheduling_links', 'Scheduling links of users'],
    'Pages on which people book a meeting with one user.',
    list('/scheduling_link/'),
    { ...text('id', 'name', 'description', 'url', 'user_id'), ...audit },
  ),
  outreach(
    ['shared_scheduling_links', 'Shared scheduling links'],
    'Pages on which people book a meeting with one of several users.',
    list('/shared_scheduling_link/'),
    { ...text('id', 'name', 'description', 'url'), ...audit },
  ),
  work(
    ['exports', 'Exports'],
    'Exports of leads and opportunities that were asked for. The addresses of their files are not read.',
    list('/export/'),
    {
      ...text('id', 'type', 'format', 'date_format', 'status'),
      ...json('fields'),
      ...number('n_docs', 'n_docs_processed', 'results_limit'),
      ...boolean('send_done_email'),
      ...audit,
    },
    { secretFields: ['download_url'] },
  ),
  bulk('edit', 'edits', text('type', 'lead_status_id', 'custom_field_name', 'custom_field_value')),
  bulk('delete', 'deletions', text('bulk_object_type')),
  bulk('email', 'emails', text('contact_preference', 'email_account_id', 'sender', 'template_id'), [
    listedChoice('template_id', { label: 'Template' }, 'email_templates'),
  ]),
  bulk('sequence_subscription', 'sequence subscriptions', {
    ...text('action_type', 'contact_preference', 'from_phone_number_id'),
    ...text('sender_account_id', 'sender_email', 'sender_name', 'sequence_id'),
    ...json('calls_assigned_to'),
  }),
  ...statusReports('lead', 'Leads'),
  ...statusReports('opportunity', 'Opportunities'),
]
