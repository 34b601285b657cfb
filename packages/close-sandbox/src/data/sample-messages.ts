import { timestamp } from '../clock.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { phoneNumber, remark, subjectLine } from './names.ts'
import { formatPhone } from './phones.ts'
import { newerId, type SampleSource } from './sample-source.ts'

/** The parts of an activity of any kind. */
export interface Making {
  readonly source: SampleSource
  readonly random: Random
  readonly row: number
  readonly lead: number
  readonly createdMs: number
  readonly contactId: string | null
  readonly userId: string | null
}

/** A file for every activity of the first lead, and for a few others. */
export function attachments(
  { source, random, row, lead }: Making,
  filename: string,
  content_type: string,
  withThumbnail: boolean,
): JsonObject[] {
  if (lead !== 0 && !random.chance(0.05)) return []
  const url = `https://app.close.com/go/file/persisted/${source.organizationId}/${newerId('file', source, row)}/${filename}/`
  const thumbnail: JsonObject = withThumbnail ? { thumbnail_url: `${url}thumbnail/` } : {}
  return [{ content_type, filename, size: random.whole(2_000, 900_000), url, ...thumbnail }]
}

export function callFields({ source, random, lead, contactId }: Making): JsonObject {
  const remote = phoneNumber(random)
  const local = phoneNumber(random)
  const answered = random.chance(0.7)
  const note = random.chance(0.5) ? remark(random) : ''
  return {
    contact_id: contactId,
    direction: random.pick(['inbound', 'outbound']),
    status: answered ? 'completed' : 'no-answer',
    disposition: answered ? 'answered' : 'no-answer',
    duration: answered ? random.whole(10, 1_800) : 0,
    call_method: 'regular',
    source: 'Close.io',
    cost: String(random.whole(0, 40)),
    dialer_id: null,
    dialer_saved_search_id: null,
    local_country_iso: 'US',
    local_phone: local,
    local_phone_formatted: formatPhone(local),
    note,
    note_html: `<body><p>${note}</p></body>`,
    outcome_id: lead === 0 || random.chance(0.3) ? newerId('outcome', source, 0) : null,
    phone: remote,
    recording_url: null,
    remote_country_iso: 'US',
    remote_phone: remote,
    remote_phone_formatted: formatPhone(remote),
    voicemail_duration: null,
    voicemail_url: null,
  }
}

export function messageFields(making: Making): JsonObject {
  const { source, random, row, contactId, createdMs } = making
  const local = phoneNumber(random)
  const remote = phoneNumber(random)
  const outbound = random.chance(0.5)
  return {
    contact_id: contactId,
    attachments: attachments(making, 'picture.png', 'image/png', true).map((file) => ({
      ...file,
      media_id: newerId('media', source, row),
    })),
    cost: '1',
    date_scheduled: null,
    date_sent: outbound ? timestamp(createdMs) : null,
    direction: outbound ? 'outbound' : 'inbound',
    error_message: null,
    local_country_iso: 'US',
    local_phone: local,
    local_phone_formatted: formatPhone(local),
    remote_country_iso: 'US',
    remote_phone: remote,
    remote_phone_formatted: formatPhone(remote),
    source: 'Close.io',
    status: outbound ? 'sent' : 'inbox',
    template_id: null,
    text: remark(random),
  }
}

export function emailFields(making: Making): JsonObject {
  const { source, random, row, lead, createdMs, contactId } = making
  const inSequence = lead === 0 || random.chance(0.1)
  const text = remark(random)
  const sender = 'sales@mail.example'
  const recipient = `${random.base62(6).toLowerCase()}@inbox.example`
  const messageId = `<${random.base62(20)}@mail.example>`
  const subject = subjectLine(random)
  return {
    contact_id: contactId,
    thread_id: `acti_${source.ids.activity.suffixOf(row + 1)}`,
    attachments: attachments(making, 'offer.pdf', 'application/pdf', false),
    bcc: [],
    body_html: `${text}<br>`,
    body_text: text,
    body_text_quoted: [{ expand: true, text }],
    bulk_email_action_id: null,
    cc: [],
    date_scheduled: null,
    date_sent: timestamp(createdMs),
    direction: 'outgoing',
    envelope: {
      bcc: [],
      cc: [],
      date: new Date(createdMs).toUTCString().replace('GMT', '+0000'),
      from: [{ email: sender, name: 'Sales' }],
      in_reply_to: null,
      message_id: messageId,
      reply_to: [],
      sender: [{ email: sender, name: 'Sales' }],
      subject,
      to: [{ email: recipient, name: '' }],
    },
    followup_sequence_add_cc_bcc: false,
    followup_sequence_delay: null,
    has_reply: random.chance(0.3),
    in_reply_to_id: null,
    message_ids: [messageId],
    need_smtp_credentials: false,
    opens: [],
    opens_summary: null,
    references: [],
    send_as_id: null,
    send_attempts: [],
    sender,
    sequence_id: inSequence ? newerId('seq', source, 1) : null,
    sequence_name: inSequence ? 'First contact' : null,
    sequence_subscription_id: inSequence ? newerId('sub', source, lead) : null,
    status: 'sent',
    subject,
    template_id: null,
    to: [recipient],
  }
}
