import { parseMoment, timestamp } from '../clock.ts'
import { insertRecord, updateRecord } from '../data/changes.ts'
import { formatPhone, normalizePhone } from '../data/phones.ts'
import type { ActivityKind } from '../data/skeleton.ts'
import { isObject, type JsonObject, listOf, textOf } from '../json.ts'
import { customValuesOf } from './custom-values.ts'
import { invalid } from './errors.ts'
import { type ApiRequest, changeContext } from './request.ts'
import { fromRichText, toRichText } from './rich-text.ts'
import {
  anything,
  checkedFields,
  filledText,
  flag,
  list,
  moment,
  nullable,
  oneOf,
  type Rules,
  recordId,
  richText,
  settingId,
  text,
  userId,
  wholeNumber,
} from './validate.ts'

/** How one type of activity is created and changed; a type without one can only be read. */
export interface ActivityWriter {
  readonly create?: (request: ApiRequest) => JsonObject
  readonly update?: (request: ApiRequest, row: number, record: JsonObject) => JsonObject
}

const COMMON: Rules = {
  lead_id: recordId('lead'),
  contact_id: nullable(recordId('contact')),
  user_id: userId,
  created_by: userId,
  date_created: moment,
  activity_at: moment,
}

const NOTE: Rules = {
  title: nullable(text),
  note: text,
  note_html: richText,
  pinned: flag,
  attachments: list,
}

const CALL: Rules = {
  note: text,
  note_html: richText,
  phone: nullable(text),
  duration: wholeNumber,
  direction: oneOf(['inbound', 'outbound', 'incoming', 'outgoing']),
  status: oneOf(['created', 'in-progress', 'completed', 'cancel', 'no-answer', 'busy', 'failed', 'timeout']),
  disposition: nullable(
    oneOf(['answered', 'no-answer', 'vm-answer', 'vm-left', 'busy', 'blocked', 'error', 'abandoned']),
  ),
  recording_url: nullable(text),
  outcome_id: nullable(text),
}

const EMAIL: Rules = {
  subject: text,
  body_text: text,
  body_html: text,
  sender: filledText,
  to: list,
  cc: list,
  bcc: list,
  attachments: list,
  template_id: nullable(text),
  status: oneOf(['inbox', 'draft', 'scheduled', 'outbox', 'sent', 'error']),
  direction: oneOf(['incoming', 'outgoing']),
  date_scheduled: nullable(moment),
  date_sent: nullable(moment),
}

const SMS: Rules = {
  text,
  local_phone: text,
  remote_phone: text,
  template_id: nullable(text),
  attachments: list,
  direction: oneOf(['inbound', 'outbound']),
  status: oneOf(['inbox', 'draft', 'scheduled', 'outbox', 'sent', 'error']),
  date_scheduled: nullable(moment),
}

const WHATSAPP: Rules = {
  external_whatsapp_message_id: filledText,
  message_markdown: text,
  direction: oneOf(['incoming', 'outgoing']),
  attachments: list,
  local_phone: text,
  remote_phone: text,
  integration_link: nullable(text),
  response_to_id: nullable(text),
}

const STATUS_CHANGE: Rules = { old_status_id: anything, new_status_id: anything }

export const ACTIVITY_WRITERS: Readonly<Partial<Record<ActivityKind, ActivityWriter>>> = {
  Note: {
    create: (request) => create(request, 'Note', NOTE, ['lead_id'], noteDefaults(), pinning),
    update: (request, row, record) => update(request, row, record, NOTE, pinning),
  },
  Call: {
    create: (request) =>
      create(request, 'Call', CALL, ['lead_id'], callDefaults(), (fields) => ({
        ...phones(fields),
        disposition:
          textOf(fields, 'disposition') ?? (fields['status'] === 'no-answer' ? 'no-answer' : 'answered'),
      })),
    update: (request, row, record) => update(request, row, record, CALL, phones),
  },
  Email: {
    create: createEmail,
    update: (request, row, record) => {
      if (record['status'] !== 'draft') throw invalid({ status: 'Only drafts can be edited.' })
      return update(request, row, record, EMAIL)
    },
  },
  SMS: {
    create: (request) => {
      const inbox = request.query.get('send_to_inbox') === 'true'
      return create(request, 'SMS', SMS, ['lead_id', 'text'], smsDefaults(), (fields) => ({
        ...smsPhones(fields),
        ...(inbox ? { status: 'inbox', direction: 'inbound' } : {}),
      }))
    },
    update: (request, row, record) => update(request, row, record, SMS, smsPhones),
  },
  WhatsAppMessage: {
    create: (request) =>
      create(
        request,
        'WhatsAppMessage',
        WHATSAPP,
        ['lead_id', 'external_whatsapp_message_id'],
        whatsAppDefaults(),
        markdown,
      ),
    update: (request, row, record) => update(request, row, record, WHATSAPP, markdown),
  },
  Meeting: {
    update: (request, row, record) =>
      update(
        request,
        row,
        record,
        { user_note_html: nullable(richText), outcome_id: nullable(text) },
        (fields) => {
          const html = textOf(fields, 'user_note_html')
          return html === null
            ? {}
            : { user_note: fromRichText(html), user_note_date_updated: timestamp(request.nowMs) }
        },
      ),
  },
  LeadStatusChange: {
    create: (request) =>
      create(request, 'LeadStatusChange', STATUS_CHANGE, ['lead_id', 'new_status_id'], {}, (fields) =>
        labels(request, fields, 'lead_status'),
      ),
  },
  OpportunityStatusChange: {
    create: (request) => {
      const rules = { ...STATUS_CHANGE, opportunity_id: recordId('opportunity') }
      return create(
        request,
        'OpportunityStatusChange',
        rules,
        ['lead_id', 'opportunity_id', 'new_status_id'],
        {},
        (fields) => labels(request, fields, 'opportunity_status'),
      )
    },
  },
  CustomActivity: {
    create: (request) => writeCustom(request),
    update: (request, row, record) => writeCustom(request, row, record),
  },
}

type Derive = (fields: JsonObject, request: ApiRequest) => JsonObject

function create(
  request: ApiRequest,
  kind: ActivityKind,
  rules: Rules,
  required: readonly string[],
  defaults: JsonObject,
  derive: Derive = () => ({}),
): JsonObject {
  const { organization, user } = request.caller
  const fields = checkedFields(request.body, { ...COMMON, ...rules }, organization, required)
  for (const field of ['date_created', 'activity_at']) {
    const sent = textOf(fields, field)
    if (sent !== null) fields[field] = timestamp(parseMoment(sent) ?? request.nowMs)
  }
  return insertRecord(changeContext(request), 'activity', {
    _type: kind,
    contact_id: null,
    user_id: user.id,
    users: [],
    ...defaults,
    ...fields,
    ...richNote(fields),
    ...derive(fields, request),
    date_updated: textOf(fields, 'date_created') ?? timestamp(request.nowMs),
  })
}

function update(
  request: ApiRequest,
  row: number,
  before: JsonObject,
  rules: Rules,
  derive: Derive = () => ({}),
): JsonObject {
  const fields = checkedFields(request.body, rules, request.caller.organization)
  const changes = { ...fields, ...richNote(fields), ...derive({ ...before, ...fields }, request) }
  return updateRecord(changeContext(request), 'activity', row, changes)
}

/** One of note and note_html overwrites the other; note_html wins. */
function richNote(fields: JsonObject): JsonObject {
  const html = textOf(fields, 'note_html')
  if (html !== null) return { note_html: html, note: fromRichText(html) }
  const note = textOf(fields, 'note')
  return note === null ? {} : { note, note_html: toRichText(note) }
}

function pinning(fields: JsonObject, { nowMs }: ApiRequest): JsonObject {
  if (fields['pinned'] === true) return { pinned_at: textOf(fields, 'pinned_at') ?? timestamp(nowMs) }
  return fields['pinned'] === false ? { pinned_at: null } : {}
}

function noteDefaults(): JsonObject {
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

function callDefaults(): JsonObject {
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

function phones(fields: JsonObject): JsonObject {
  const sent = textOf(fields, 'phone')
  if (sent === null) return {}
  const phone = normalizePhone(sent)
  return {
    phone,
    remote_phone: phone,
    remote_phone_formatted: formatPhone(phone),
    remote_country_iso: phone.startsWith('+1') ? 'US' : '',
  }
}

function smsDefaults(): JsonObject {
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

function smsPhones(fields: JsonObject): JsonObject {
  const derived: JsonObject = {}
  for (const side of ['local_phone', 'remote_phone']) {
    const sent = textOf(fields, side)
    if (sent === null) continue
    derived[side] = normalizePhone(sent)
    derived[`${side}_formatted`] = formatPhone(normalizePhone(sent))
  }
  return derived
}

function whatsAppDefaults(): JsonObject {
  return {
    attachments: [],
    direction: 'outgoing',
    integration_link: null,
    local_phone: null,
    message_html: '<body><p></p></body>',
    message_markdown: '',
    remote_phone: null,
    response_to_id: null,
  }
}

function markdown(fields: JsonObject): JsonObject {
  const message = textOf(fields, 'message_markdown')
  return message === null ? {} : { message_html: toRichText(message) }
}

/** A new email and, for the first of a conversation, its thread. */
function createEmail(request: ApiRequest): JsonObject {
  const { organization } = request.caller
  const status = textOf(request.body, 'status') ?? 'draft'
  const needsSender = ['inbox', 'scheduled', 'outbox', 'error'].includes(status)
  const email = create(
    request,
    'Email',
    EMAIL,
    ['lead_id', ...(needsSender ? ['sender'] : [])],
    emailDefaults(),
    (fields) => {
      const people = (field: string) => listOf(fields, field).map((address) => ({ email: address, name: '' }))
      const sender = textOf(fields, 'sender')
      const from = sender === null ? [] : [{ email: sender, name: '' }]
      return {
        // An outbox email leaves at once.
        ...(status === 'outbox' ? { status: 'sent', date_sent: timestamp(request.nowMs) } : {}),
        envelope: {
          bcc: people('bcc'),
          cc: people('cc'),
          date: new Date(request.nowMs).toUTCString().replace('GMT', '+0000'),
          from,
          in_reply_to: null,
          message_id: `<${request.requestId}@mail.example>`,
          reply_to: [],
          sender: from,
          subject: textOf(fields, 'subject') ?? '',
          to: people('to'),
        },
        message_ids: [`<${request.requestId}@mail.example>`],
      }
    },
  )
  const emailId = textOf(email, 'id')
  const context = changeContext(request)
  const thread = insertRecord(context, 'activity', {
    _type: 'EmailThread',
    lead_id: email['lead_id'] ?? null,
    contact_id: email['contact_id'] ?? null,
    user_id: context.actor.userId,
    users: [],
    latest_normalized_subject: textOf(email, 'subject'),
    n_emails: 1,
    emails: [],
    latest_emails: [],
    participants: listOf(email, 'to').map((address) => ({ email: address, name: '' })),
    thread_email_ids: [emailId],
    latest_activity_at: email['activity_at'] ?? null,
  })
  const rows = organization.tables.activity
  const row = rows.rowOf(emailId ?? '')
  const threaded = { ...email, thread_id: textOf(thread, 'id') }
  if (row !== undefined) rows.replace(row, threaded)
  return threaded
}

function emailDefaults(): JsonObject {
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

function labels(
  { caller }: ApiRequest,
  fields: JsonObject,
  collection: 'lead_status' | 'opportunity_status',
): JsonObject {
  const statuses = caller.organization.settings[collection]
  const derived: JsonObject = {}
  for (const side of ['old', 'new']) {
    const status = statuses.get(textOf(fields, `${side}_status_id`) ?? '') ?? {}
    derived[`${side}_status_id`] = textOf(fields, `${side}_status_id`)
    derived[`${side}_status_label`] = textOf(status, 'label')
    if (collection === 'opportunity_status') derived[`${side}_status_type`] = textOf(status, 'type')
  }
  return derived
}

/** Custom activities: drafts may be incomplete, published ones need their required fields. */
function writeCustom(request: ApiRequest, row?: number, before: JsonObject = {}): JsonObject {
  const { organization } = request.caller
  const custom = customValuesOf(request.body, 'activity', organization, before)
  const rules: Rules = {
    custom_activity_type_id: settingId('custom_activity_type'),
    status: oneOf(['draft', 'published']),
    pinned: flag,
  }
  const body = { status: 'published', ...before, ...request.body, ...custom }
  if (body['status'] === 'published') requireFields(request, body)
  const published = body['status'] === 'published' ? { last_published_at: timestamp(request.nowMs) } : {}
  if (row !== undefined) {
    return update(
      request,
      row,
      before,
      { status: oneOf(['draft', 'published']), pinned: flag },
      (fields) => ({
        ...custom,
        ...pinning(fields, request),
        ...published,
      }),
    )
  }
  const defaults = {
    status: 'published',
    source: 'api',
    pinned: false,
    pinned_at: null,
    mentions: [],
    mentions_updated_at: null,
    last_published_at: null,
  }
  return create(
    request,
    'CustomActivity',
    rules,
    ['lead_id', 'custom_activity_type_id'],
    defaults,
    (fields) => ({
      ...custom,
      ...pinning(fields, request),
      ...published,
    }),
  )
}

function requireFields({ caller }: ApiRequest, body: JsonObject): void {
  const problems: Record<string, string> = {}
  for (const field of caller.organization.settings.custom_field.all()) {
    if (!isObject(field) || field['required'] !== true) continue
    if (field['custom_activity_type_id'] !== body['custom_activity_type_id']) continue
    const key = `custom.${textOf(field, 'id')}`
    if ((body[key] ?? null) === null) problems[key] = 'This field is required.'
  }
  if (Object.keys(problems).length > 0) throw invalid(problems)
}
