import type { JsonObject } from '../json.ts'

/** Values for the fields of a new one that are not sent. */
export function noteDefaults(): JsonObject {
  return {
    title: null,
    note: '',
    note_html: '<body><p></p></body>',
    note_mentions: [],
    attachments: [],
    pinned: false,
    pinned_at: null,
    source: 'api',
  }
}

/** Values for the fields of a new one that are not sent. */
export function callDefaults(): JsonObject {
  return {
    call_method: 'external',
    cost: '0',
    dialer_id: null,
    dialer_saved_search_id: null,
    direction: 'outbound',
    disposition: 'answered',
    duration: 0,
    local_country_iso: '',
    local_phone: null,
    local_phone_formatted: null,
    note: '',
    note_html: '<body><p></p></body>',
    outcome_id: null,
    phone: null,
    recording_url: null,
    remote_country_iso: '',
    remote_phone: null,
    remote_phone_formatted: null,
    source: 'External',
    status: 'completed',
    voicemail_duration: null,
    voicemail_url: null,
  }
}

/** Values for the fields of a new one that are not sent. */
export function smsDefaults(): JsonObject {
  return {
    attachments: [],
    cost: null,
    date_scheduled: null,
    date_sent: null,
    direction: 'outbound',
    error_message: null,
    local_country_iso: 'US',
    local_phone: null,
    local_phone_formatted: null,
    remote_country_iso: 'US',
    remote_phone: null,
    remote_phone_formatted: null,
    source: 'External',
    status: 'draft',
    template_id: null,
    text: '',
  }
}

/** Values for the fields of a new one that are not sent. */
export function whatsAppDefaults(): JsonObject {
  return {
    attachments: [],
    direction: 'outgoing',
    integration_link: null,
    integration_name: null,
    local_phone: '',
    local_phone_formatted: '',
    message_html: '<body><p></p></body>',
    message_markdown: '',
    remote_phone: '',
    remote_phone_formatted: '',
    response_to_id: null,
    source: 'External',
    text: '',
  }
}

/** Values for the fields of a new one that are not sent. */
export function emailDefaults(): JsonObject {
  return {
    attachments: [],
    bcc: [],
    body_html: '',
    body_text: '',
    body_text_quoted: [],
    bulk_email_action_id: null,
    cc: [],
    date_scheduled: null,
    date_sent: null,
    direction: 'outgoing',
    followup_sequence_add_cc_bcc: false,
    followup_sequence_delay: null,
    has_reply: false,
    in_reply_to_id: null,
    need_smtp_credentials: false,
    opens: [],
    opens_summary: null,
    references: [],
    send_as_id: null,
    send_attempts: [],
    sender: null,
    sequence_id: null,
    sequence_name: null,
    sequence_subscription_id: null,
    status: 'draft',
    subject: '',
    template_id: null,
    thread_id: null,
    to: [],
  }
}
