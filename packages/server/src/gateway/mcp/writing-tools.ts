import { z } from 'zod'
import * as f from './fields.ts'
import { type RecordName, recordPath, recordPaths, recordsWith } from './records.ts'
import { creates, defineTool, type Hints, namesOf, overwrites, sends, type Tool } from './tool.ts'

/* Tools that change something in Close. */

const person = { name: f.text.optional(), title: f.text.optional() }
const reachable = { emails: f.emails.optional(), phones: f.phones.optional(), urls: f.urls.optional() }
const ofLead = { lead_id: f.id, contact_id: f.id.optional() }
const message = { ...ofLead, status: f.messageStatus, template_id: f.id.optional() }

interface Created {
  readonly title: string
  readonly description: string
  readonly hints?: Hints
  readonly fields: z.ZodRawShape
}

/** What a new record is made of, as Close documents it. */
const created = {
  lead: {
    title: 'Create a lead',
    description: 'A new company, with its contacts.',
    fields: {
      name: f.text,
      description: f.text.optional(),
      url: f.text.optional(),
      status_id: f.id.optional(),
      contacts: z
        .array(z.strictObject({ ...person, ...reachable }))
        .max(50)
        .optional(),
      custom: f.custom.optional(),
    },
  },
  contact: {
    title: 'Create a contact',
    description: 'A new person of a lead.',
    fields: { lead_id: f.id, ...person, ...reachable, custom: f.custom.optional() },
  },
  opportunity: {
    title: 'Create an opportunity',
    description: 'A new opportunity of a lead. The value is in cents.',
    fields: {
      ...ofLead,
      status_id: f.id.optional(),
      value: z.int().optional(),
      value_period: f.valuePeriod.optional(),
      confidence: z.int().min(0).max(100).optional(),
      date_won: f.time.optional(),
      note: f.text.optional(),
      user_id: f.id.optional(),
      custom: f.custom.optional(),
    },
  },
  task: {
    title: 'Create a task',
    description: 'Something that somebody shall do about a lead.',
    fields: {
      ...ofLead,
      text: f.text,
      date: f.time.describe('when it is due').optional(),
      assigned_to: f.id.describe('a user; left out: the owner of the credential').optional(),
      priority: f.priority.optional(),
    },
  },
  note: {
    title: 'Create a note',
    description: 'A note about a lead.',
    fields: {
      ...ofLead,
      note: f.text,
      title: f.text.optional(),
      pinned: z.boolean().optional(),
    },
  },
  call: {
    title: 'Log a call',
    description: 'Notes that a call was made elsewhere. It calls nobody.',
    fields: {
      ...ofLead,
      direction: z.enum(['inbound', 'outbound']).optional(),
      status: f.callStatus.optional(),
      duration: z.int().min(0).describe('in seconds').optional(),
      phone: f.text.optional(),
      note: f.text.optional(),
      outcome_id: f.id.optional(),
    },
  },
  email: {
    title: 'Create an email',
    description:
      'With the status "draft" it is a draft; with "outbox" or "scheduled" it is sent to the customer for good.',
    hints: sends,
    fields: {
      ...message,
      to: f.addresses.optional(),
      cc: f.addresses.optional(),
      bcc: f.addresses.optional(),
      sender: f.text.optional(),
      subject: f.text.optional(),
      body_text: f.text.optional(),
      body_html: f.text.optional(),
      in_reply_to_id: f.id.optional(),
      date_scheduled: f.time.optional(),
    },
  },
  sms: {
    title: 'Create an SMS',
    description: 'With the status "draft" it is a draft; with "outbox" or "scheduled" it is sent for good.',
    hints: sends,
    fields: {
      ...message,
      text: f.text.optional(),
      local_phone: f.text.optional(),
      remote_phone: f.text.optional(),
      date_scheduled: f.time.optional(),
    },
  },
} as const satisfies Partial<Record<RecordName, Created>>

function createTool(name: keyof typeof created): Tool {
  const { title, description, fields, hints = creates }: Created = created[name]
  const path = recordPaths[name]
  return defineTool({
    ...{ name: `create_${name}`, title, description, hints },
    input: (may) => (may({ method: 'POST', path }) ? z.strictObject(fields) : null),
    work: ({ custom, ...given }) => {
      const values = f.custom.optional().parse(custom)
      return { request: { method: 'POST', path, body: { ...given, ...f.customFields(values) } } }
    },
  })
}

const updateRecord = defineTool({
  name: 'update_record',
  title: 'Change a record',
  description:
    'Gives some fields of one record other values; fields that are left out stay. Custom fields are called custom.cf_...',
  hints: overwrites,
  input: (may) => {
    const objects = namesOf(recordsWith('PUT'), (name) => may({ method: 'PUT', path: recordPath(name) }))
    const values = z.record(z.string().max(200), z.unknown())
    return objects === null ? null : z.strictObject({ object: objects, id: f.id, fields: values })
  },
  work: ({ object, id, fields }) => ({
    request: { method: 'PUT', path: recordPath(object, id), body: fields },
  }),
})

const deleteRecord = defineTool({
  name: 'delete_record',
  title: 'Delete a record',
  description:
    'Deletes one record for good. A lead takes its contacts, opportunities, tasks and activities with it.',
  hints: overwrites,
  input: (may) => {
    const objects = namesOf(recordsWith('DELETE'), (name) =>
      may({ method: 'DELETE', path: recordPath(name) }),
    )
    return objects === null ? null : z.strictObject({ object: objects, id: f.id })
  },
  work: ({ object, id }) => ({ request: { method: 'DELETE', path: recordPath(object, id) } }),
})

const names = ['lead', 'contact', 'opportunity', 'task', 'note', 'call', 'email', 'sms'] as const

export const writingTools: readonly Tool[] = [...names.map(createTool), updateRecord, deleteRecord]
