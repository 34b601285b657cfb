import { invalid } from '../api/errors.ts'
import type { ApiRequest } from '../api/request.ts'
import { naiveTimestamp } from '../clock.ts'
import { remark, subjectLine } from '../data/names.ts'
import { newerId } from '../data/sample-source.ts'
import { type JsonObject, objectsOf, textOf } from '../json.ts'
import { NEWER_LENGTH } from '../record-ids.ts'
import { classic, classicWrites, newerWrites, SMALL_PAGES } from './collection-bases.ts'
import type { SampledResource } from './collection-samples.ts'
import { filledText, flag, list, text } from './validate.ts'

/** At least one of these parameters has to be there. */
function anyOf(names: readonly string[]) {
  return ({ query }: ApiRequest): null => {
    if (names.some((name) => query.get(name))) return null
    throw invalid({}, [`At least one of ${names.join(', ')} is required.`])
  }
}

/** Exactly one of these parameters has to be there. */
function oneOfThese(names: readonly string[]) {
  return ({ query }: ApiRequest): null => {
    if (names.filter((name) => query.get(name)).length === 1) return null
    throw invalid({}, [`Exactly one of ${names.join(', ')} must be provided.`])
  }
}

/** Templates, sequences with their subscriptions, and addresses that want no mail. */
export const MESSAGE_RESOURCES: readonly SampledResource[] = [
  {
    ...classic,
    path: '/email_template/',
    collection: 'email_template',
    idPrefix: 'tmpl',
    eventType: 'email_template',
    paging: SMALL_PAGES,
    order: 'latest',
    filters: ['is_archived', 'is_shared'],
    seeded: 4,
    sample: ({ random, number }) => ({
      name: ['Welcome', 'Second try', 'Proposal', 'Thanks'][number] ?? `Template ${number + 1}`,
      subject: subjectLine(random),
      body: `<p>${remark(random)}</p>`,
      attachments: [],
      is_shared: number % 2 === 0,
      is_archived: number === 3,
    }),
    writes: {
      ...classicWrites,
      permission: null,
      rules: {
        name: filledText,
        subject: text,
        body: text,
        is_shared: flag,
        is_archived: flag,
        attachments: list,
      },
      required: ['name'],
      defaults: () => ({ subject: '', body: '', attachments: [], is_shared: false, is_archived: false }),
    },
  },
  {
    ...classic,
    path: '/sms_template/',
    collection: 'sms_template',
    idPrefix: 'smstmpl',
    idLength: NEWER_LENGTH,
    eventType: 'sms_template',
    paging: SMALL_PAGES,
    selectsFields: false,
    order: 'latest',
    seeded: 2,
    sample: ({ random, number }) => ({
      name: ['On our way', 'Reminder'][number] ?? `Text ${number + 1}`,
      text: remark(random),
      is_shared: number % 2 === 0,
      status: number === 1 ? 'archived' : 'active',
    }),
    writes: {
      ...newerWrites,
      permission: null,
      rules: { name: filledText, text, is_shared: flag },
      required: ['name'],
      defaults: () => ({ text: '', is_shared: false, status: 'active' }),
    },
  },
  {
    ...classic,
    path: '/sequence/',
    collection: 'sequence',
    idPrefix: 'seq',
    idLength: NEWER_LENGTH,
    eventType: 'sequence',
    audit: 'by_id',
    paging: SMALL_PAGES,
    selectsFields: false,
    order: 'latest',
    seeded: 2,
    sample: ({ number, random, anyId, user, createdMs, updatedMs }) => ({
      name: ['Calls after a fair', 'Three mails'][number] ?? `Sequence ${number + 1}`,
      status: number === 0 ? 'active' : random.pick(['active', 'paused', 'draft']),
      schedule: null,
      timezone: 'America/Denver',
      steps: [0, 1].map((step) => ({
        id: newerId('seqstep', { seed: number }, `${step} ${user.id}`),
        created_by_id: user.id,
        updated_by_id: user.id,
        date_created: naiveTimestamp(createdMs),
        date_updated: naiveTimestamp(updatedMs),
        delay: step * 86_400,
        email_template_id: step === 0 ? anyId('email_template') : null,
        required: true,
        step_allowed_delay: null,
        step_type: step === 0 ? 'email' : 'call',
        threading: step === 0 ? 'new_thread' : null,
      })),
    }),
    writes: null,
  },
  {
    ...classic,
    path: '/sequence_subscription/',
    collection: 'sequence_subscription',
    idPrefix: 'sub',
    idLength: NEWER_LENGTH,
    eventType: 'sequence_subscription',
    audit: 'by_id',
    paging: SMALL_PAGES,
    selectsFields: false,
    order: 'latest',
    filters: ['contact_id', 'lead_id', 'sequence_id'],
    scope: anyOf(['sequence_id', 'contact_id', 'lead_id']),
    seeded: 4,
    sample: ({ organization, number, random, anyId, anyRecord, user }) => {
      const contact = anyRecord('contact')
      const email = textOf(objectsOf(contact, 'emails')[0] ?? {}, 'email')
      return {
        calls_assigned_to: number % 2 === 0 ? [user.id] : null,
        contact_email: email,
        contact_id: textOf(contact, 'id'),
        lead_id: textOf(contact, 'lead_id'),
        sender_account_id: anyId('connected_account'),
        sender_email: user.email,
        sender_name: organization.accounts.nameOf(user.id),
        sequence_id: anyId('sequence'),
        start_date: null,
        status: random.pick(['active', 'paused', 'finished', 'goal', 'error']),
        status_reason: null,
      }
    },
    writes: null,
  },
  {
    ...classic,
    path: '/unsubscribe/email/',
    collection: 'unsubscribed_email',
    idPrefix: 'unsub',
    idLength: NEWER_LENGTH,
    eventType: 'unsubscribed_email',
    audit: 'dates',
    paging: null,
    selectsFields: false,
    hasSingle: false,
    seeded: 2,
    sample: ({ number }) => ({ email: `no-more-${number + 1}@inbox.example` }),
    writes: null,
  },
]

/** What people say about records: threads, and the comments in them. */
export const COMMENT_RESOURCES: readonly SampledResource[] = [
  {
    ...classic,
    path: '/comment_thread/',
    collection: 'comment_thread',
    idPrefix: 'thread',
    idLength: NEWER_LENGTH,
    eventType: 'comment_thread',
    paging: SMALL_PAGES,
    selectsFields: false,
    order: 'latest',
    scope: ({ query }) => {
      const ids = namesIn(query, 'ids')
      const objects = namesIn(query, 'object_ids')
      return (record) =>
        (ids.length === 0 || ids.includes(textOf(record, 'id') ?? '')) &&
        (objects.length === 0 || objects.includes(textOf(record, 'object_id') ?? ''))
    },
    show: (thread, { settings }) => ({
      ...thread,
      comment_ids: settings.comment
        .all()
        .filter((comment) => comment['thread_id'] === thread['id'])
        .map((comment) => textOf(comment, 'id')),
    }),
    seeded: 2,
    sample: ({ anyRecord }) => {
      const activity = anyRecord('activity')
      return {
        object_id: textOf(activity, 'id'),
        object_type: 'activity',
        lead_id: textOf(activity, 'lead_id'),
      }
    },
    writes: null,
  },
  {
    ...classic,
    path: '/comment/',
    collection: 'comment',
    idPrefix: 'comm',
    idLength: NEWER_LENGTH,
    eventType: 'comment',
    paging: null,
    selectsFields: false,
    filters: ['thread_id', 'object_id'],
    scope: oneOfThese(['thread_id', 'object_id']),
    seeded: 4,
    sample: ({ organization, number, random }) => {
      const threads = organization.settings.comment_thread.all()
      const thread: JsonObject = threads[number % Math.max(1, threads.length)] ?? {}
      return {
        thread_id: textOf(thread, 'id'),
        object_id: textOf(thread, 'object_id'),
        object_type: textOf(thread, 'object_type'),
        lead_id: textOf(thread, 'lead_id'),
        body: `<body><p>${remark(random)}</p></body>`,
      }
    },
    writes: null,
  },
]

/** The values of a list parameter, given once with commas or several times. */
function namesIn(query: URLSearchParams, name: string): string[] {
  return query.get(name) ? query.getAll(name).flatMap((value) => value.split(',')) : []
}
