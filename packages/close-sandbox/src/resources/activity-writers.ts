import type { ApiRequest } from '../api/request.ts'
import { timestamp } from '../clock.ts'
import { formatPhone, normalizePhone } from '../data/phones.ts'
import type { ActivityKind } from '../data/skeleton.ts'
import { type JsonObject, textOf } from '../json.ts'
import { callDefaults, noteDefaults, smsDefaults, whatsAppDefaults } from './activity-defaults.ts'
import { createActivity, pinning, updateActivity } from './activity-write.ts'
import { writeCustomActivity } from './custom-activity-writer.ts'
import { createEmail, updateEmail } from './email-writer.ts'
import { fromRichText, toRichText } from './rich-text.ts'
import {
  anything,
  filledText,
  flag,
  list,
  moment,
  nullable,
  oneOf,
  type Rules,
  recordId,
  richText,
  text,
  wholeNumber,
} from './validate.ts'

/** Creates and changes one type of activity. A type without a writer can only be read. */
export interface ActivityWriter {
  readonly create?: (request: ApiRequest) => JsonObject
  readonly update?: (request: ApiRequest, row: number, record: JsonObject) => JsonObject
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
    create: (request) => createActivity(request, 'Note', NOTE, ['lead_id'], noteDefaults(), pinning),
    update: (request, row, record) => updateActivity(request, row, record, NOTE, pinning),
  },
  Call: {
    create: (request) =>
      createActivity(request, 'Call', CALL, ['lead_id'], callDefaults(), (fields) => ({
        ...phones(fields),
        disposition:
          textOf(fields, 'disposition') ?? (fields['status'] === 'no-answer' ? 'no-answer' : 'answered'),
      })),
    update: (request, row, record) => updateActivity(request, row, record, CALL, phones),
  },
  Email: { create: createEmail, update: updateEmail },
  SMS: {
    create: (request) => {
      const inbox = request.query.get('send_to_inbox') === 'true'
      return createActivity(request, 'SMS', SMS, ['lead_id', 'text'], smsDefaults(), (fields) => ({
        ...bothPhones(fields),
        ...(inbox ? { status: 'inbox', direction: 'inbound' } : {}),
      }))
    },
    update: (request, row, record) => updateActivity(request, row, record, SMS, bothPhones),
  },
  WhatsAppMessage: {
    create: (request) =>
      createActivity(
        request,
        'WhatsAppMessage',
        WHATSAPP,
        ['lead_id', 'external_whatsapp_message_id'],
        whatsAppDefaults(),
        whatsApp,
      ),
    update: (request, row, record) => updateActivity(request, row, record, WHATSAPP, whatsApp),
  },
  Meeting: {
    update: (request, row, record) =>
      updateActivity(
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
      createActivity(request, 'LeadStatusChange', STATUS_CHANGE, ['lead_id', 'new_status_id'], {}, (fields) =>
        labels(request, fields, 'lead_status'),
      ),
  },
  OpportunityStatusChange: {
    create: (request) => {
      const rules = { ...STATUS_CHANGE, opportunity_id: recordId('opportunity') }
      return createActivity(
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
    create: (request) => writeCustomActivity(request),
    update: (request, row, record) => writeCustomActivity(request, row, record),
  },
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

function bothPhones(fields: JsonObject): JsonObject {
  const derived: JsonObject = {}
  for (const side of ['local_phone', 'remote_phone']) {
    const sent = textOf(fields, side)
    if (sent === null) continue
    derived[side] = normalizePhone(sent)
    derived[`${side}_formatted`] = formatPhone(normalizePhone(sent))
  }
  return derived
}

function whatsApp(fields: JsonObject): JsonObject {
  const message = textOf(fields, 'message_markdown')
  return {
    ...bothPhones(fields),
    ...(message === null ? {} : { message_html: toRichText(message), text: message }),
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
