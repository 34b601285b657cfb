import { invalid } from '../api/errors.ts'
import { type ApiRequest, changeContext } from '../api/request.ts'
import { timestamp } from '../clock.ts'
import { insertRecord } from '../data/changes.ts'
import { type JsonObject, listOf, textOf } from '../json.ts'
import { emailDefaults } from './activity-defaults.ts'
import { createActivity, updateActivity } from './activity-write.ts'
import { filledText, list, moment, nullable, oneOf, type Rules, text } from './validate.ts'

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

/** A new email and, for the first of a conversation, its thread. */
export function createEmail(request: ApiRequest): JsonObject {
  const { organization } = request.caller
  const status = textOf(request.body, 'status') ?? 'draft'
  const needsSender = ['inbox', 'scheduled', 'outbox', 'error'].includes(status)
  const email = createActivity(
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

/** Only drafts can be changed. */
export function updateEmail(request: ApiRequest, row: number, record: JsonObject): JsonObject {
  if (record['status'] !== 'draft') throw invalid({ status: 'Only drafts can be edited.' })
  return updateActivity(request, row, record, EMAIL)
}
