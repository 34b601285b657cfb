import { timestamp } from '../clock.ts'
import { type JsonObject, textOf } from '../json.ts'
import { Random } from '../random.ts'
import { CLASSIC_LENGTH } from '../record-ids.ts'
import { personName, phoneNumber, remark, subjectLine } from './names.ts'
import { formatPhone } from './phones.ts'
import { attachments, callFields, emailFields, type Making, messageFields } from './sample-messages.ts'
import { sampleLeadName } from './sample-records.ts'
import { anyUser, customValues, newerId, type SampleSource, siblingRow } from './sample-source.ts'
import type { ActivityKind } from './skeleton.ts'

export function sampleActivity(source: SampleSource, row: number): JsonObject {
  const random = new Random(source.seed, 'activity', row)
  const rows = source.skeleton.activities
  const lead = rows.owner[row] ?? 0
  const contact = siblingRow(source.skeleton.contacts, lead, random)
  const kind = rows.kinds[row] ?? 'Note'
  const createdMs = rows.created[row] ?? 0
  const userId = anyUser(source, random)
  const contactId = contact === null ? null : `cont_${source.ids.contact.suffixOf(contact)}`
  return {
    _type: kind,
    id: `acti_${source.ids.activity.suffixOf(row)}`,
    organization_id: source.organizationId,
    lead_id: `lead_${source.ids.lead.suffixOf(lead)}`,
    contact_id: null,
    user_id: userId,
    users: [],
    created_by: userId,
    updated_by: userId,
    activity_at: timestamp(createdMs),
    date_created: timestamp(createdMs),
    date_updated: timestamp(rows.updated[row] ?? 0),
    ...PARTS[kind]({ source, random, row, lead, createdMs, contactId, userId }),
  }
}

const PARTS: Readonly<Record<ActivityKind, (making: Making) => JsonObject>> = {
  Created: () => ({ source: 'api' }),
  Note: (making) => ({
    ...noteFields(remark(making.random)),
    attachments: attachments(making, 'photo.jpg', 'image/jpeg', true),
  }),
  Call: callFields,
  Email: emailFields,
  EmailThread: ({ source, random, row, createdMs, contactId }) => ({
    contact_id: contactId,
    latest_normalized_subject: subjectLine(random),
    n_emails: 1,
    emails: [],
    latest_emails: [],
    participants: [{ email: 'sales@mail.example', name: personName(random) }],
    thread_email_ids: [`acti_${source.ids.activity.suffixOf(row - 1)}`],
    latest_activity_at: timestamp(createdMs),
  }),
  SMS: messageFields,
  WhatsAppMessage: ({ random, contactId }) => {
    const text = remark(random)
    const [local, remote] = [phoneNumber(random), phoneNumber(random)]
    return {
      contact_id: contactId,
      external_whatsapp_message_id: `wamid.${random.base62(20)}`,
      message_markdown: text,
      message_html: `<body><p>${text}</p></body>`,
      direction: random.pick(['incoming', 'outgoing']),
      attachments: [],
      integration_link: null,
      integration_name: null,
      local_phone: local,
      local_phone_formatted: formatPhone(local),
      remote_phone: remote,
      remote_phone_formatted: formatPhone(remote),
      response_to_id: null,
      source: 'Close.io',
      text,
    }
  },
  Meeting: (making) => meetingFields(making),
  LeadStatusChange: ({ source, random }) => {
    const before = random.pickAny(source.leadStatuses) ?? {}
    const after = random.pickAny(source.leadStatuses) ?? {}
    return {
      old_status_id: textOf(before, 'id'),
      new_status_id: textOf(after, 'id'),
      old_status_label: textOf(before, 'label'),
      new_status_label: textOf(after, 'label'),
    }
  },
  OpportunityStatusChange: ({ source, random, lead }) => {
    const opportunity = siblingRow(source.skeleton.opportunities, lead, random)
    const before = random.pickAny(source.opportunityStatuses) ?? {}
    const after = random.pickAny(source.opportunityStatuses) ?? {}
    return {
      opportunity_id: opportunity === null ? null : `oppo_${source.ids.opportunity.suffixOf(opportunity)}`,
      old_status_id: textOf(before, 'id'),
      new_status_id: textOf(after, 'id'),
      old_status_label: textOf(before, 'label'),
      new_status_label: textOf(after, 'label'),
      old_status_type: textOf(before, 'type'),
      new_status_type: textOf(after, 'type'),
    }
  },
  TaskCompleted: ({ source, random, lead, userId }) => {
    const task = siblingRow(source.skeleton.tasks, lead, random)
    const prefix = task !== null && source.skeleton.tasks.kinds[task] !== 'lead' ? 'noti' : 'task'
    return {
      task_id: task === null ? null : `${prefix}_${source.ids.task.suffixOf(task)}`,
      task_text: 'Send the proposal',
      task_assigned_to: userId,
    }
  },
  LeadMerge: ({ source, lead }) => ({
    source_lead_id: `lead_${new Random(source.seed, 'merged', lead).base62(43)}`,
    source_display_name: `${sampleLeadName(source, lead)} (old)`,
    destination_lead_id: `lead_${source.ids.lead.suffixOf(lead)}`,
    destination_display_name: sampleLeadName(source, lead),
    merge_status: 'completed',
    error_message: null,
  }),
  FormSubmission: ({ source, random, contactId }) => {
    const message = remark(random)
    return {
      contact_id: contactId,
      form_configuration_id: newerId('formcfg', source, 0),
      form_id: newerId('form', source, 0),
      form_name: 'Contact us',
      ip_address: random.chance(0.5) ? '192.0.2.7' : null,
      origin: 'https://www.acme-rocketry.example',
      source_url: 'https://www.acme-rocketry.example/contact?from=mail',
      source_url_normalized: 'www.acme-rocketry.example/contact',
      values: {
        [newerId('formfld', source, 0)]: message,
        [newerId('formfld', source, 1)]: random.chance(0.5),
      },
      values_by_name: { Message: message, Newsletter: null },
    }
  },
  CustomActivity: ({ source, random, row, lead, createdMs }) => {
    const typeId = textOf(source.customActivityTypes[row % source.customActivityTypes.length] ?? {}, 'id')
    return {
      custom_activity_type_id: typeId,
      status: 'published',
      source: 'ui',
      pinned: false,
      pinned_at: null,
      mentions: [],
      mentions_updated_at: null,
      last_published_at: timestamp(createdMs),
      ...customValues(source, { objectType: 'activity', typeId, lead }, random, false, createdMs),
    }
  },
  ImportUpdate: ({ source }) => ({
    import_id: `impo_${new Random(source.seed, 'import').base62(43)}`,
    import_name: 'Trade fair.csv',
  }),
}

function noteFields(text: string): JsonObject {
  return {
    title: null,
    note: text,
    note_html: `<body><p>${text}</p></body>`,
    note_mentions: [],
    attachments: [],
    pinned: false,
    pinned_at: null,
    source: 'api',
  }
}

function meetingFields({ source, random, contactId, userId, createdMs }: Making): JsonObject {
  const startMs = createdMs - (createdMs % 1_800_000)
  const event = random.base62(26).toLowerCase()
  const email = source.users.find((user) => user.id === userId)?.email ?? 'host@mail.example'
  const attendee = { name: null, status: 'noreply', is_organizer: false }
  return {
    activity_at: timestamp(startMs),
    actual_duration: null,
    attached_call_ids: [],
    attendees: [
      { ...attendee, contact_id: contactId, email: 'guest@inbox.example', user_id: null },
      { ...attendee, contact_id: null, email, is_organizer: true, status: 'yes', user_id: userId },
    ],
    calendar_event_link: `https://calendar.example/event?eid=${event}`,
    calendar_event_uids: [event],
    conference_links: [{ type: 'ZOOM', url: `https://meet.example/${event}` }],
    connected_account_id: newerId('emailacct', source, 0, CLASSIC_LENGTH),
    conversation_type_id: null,
    conversation_type_reason: null,
    duration: 3_600,
    ends_at: timestamp(startMs + 3_600_000),
    integrations: [],
    is_recurring: false,
    location: `https://meet.example/${event}`,
    note: 'You are invited to a meeting.',
    notetaker_id: null,
    outcome_autofill_confidence: null,
    outcome_autofill_reasoning: null,
    outcome_id: null,
    outcome_reason: null,
    playbook_id: null,
    playbook_reason: null,
    provider_calendar_event_id: event,
    provider_calendar_ids: ['primary'],
    provider_calendar_type: 'google',
    source: 'calendar',
    starts_at: timestamp(startMs),
    status: 'completed',
    summary: null,
    title: subjectLine(random),
    user_note: null,
    user_note_date_updated: null,
    user_note_html: null,
    user_note_mentions: [],
    users: userId === null ? [] : [userId],
  }
}
