import { type JsonObject, textOf } from '../json.ts'
import type { TableName } from './organization.ts'
import type { ActivityKind } from './skeleton.ts'

/** One type of activity: its `_type`, its path below /activity/, its word in events and searches. */
export interface ActivityType {
  readonly kind: ActivityKind
  readonly path: string
  readonly word: string
}

export const ACTIVITY_TYPES: readonly ActivityType[] = [
  { kind: 'Note', path: 'note', word: 'note' },
  { kind: 'Call', path: 'call', word: 'call' },
  { kind: 'Email', path: 'email', word: 'email' },
  { kind: 'EmailThread', path: 'emailthread', word: 'email_thread' },
  { kind: 'SMS', path: 'sms', word: 'sms' },
  { kind: 'WhatsAppMessage', path: 'whatsapp_message', word: 'whatsapp_message' },
  { kind: 'Meeting', path: 'meeting', word: 'meeting' },
  { kind: 'LeadStatusChange', path: 'status_change/lead', word: 'lead_status_change' },
  { kind: 'OpportunityStatusChange', path: 'status_change/opportunity', word: 'opportunity_status_change' },
  { kind: 'Created', path: 'created', word: 'created' },
  { kind: 'TaskCompleted', path: 'task_completed', word: 'task_completed' },
  { kind: 'LeadMerge', path: 'lead_merge', word: 'lead_merge' },
  { kind: 'FormSubmission', path: 'form_submission', word: 'form_submission' },
  { kind: 'ImportUpdate', path: 'import_update', word: 'import_update' },
  { kind: 'CustomActivity', path: 'custom', word: 'custom_activity' },
]

/** Activities of which Close documents no events. */
const WITHOUT_EVENTS: readonly string[] = ['Created', 'ImportUpdate']

/** A record's type in the event log: `lead`, `task.lead`, `activity.note`, ...; null when it has no events. */
export function eventTypeOf(table: TableName, record: JsonObject): string | null {
  const kind = textOf(record, '_type')
  if (table === 'task') return `task.${kind ?? 'lead'}`
  if (table !== 'activity') return table
  if (kind !== null && WITHOUT_EVENTS.includes(kind)) return null
  return `activity.${ACTIVITY_TYPES.find((type) => type.kind === kind)?.word ?? 'other'}`
}

/** The records that one word stands for: a table, or its rows of some kinds. */
export interface ObjectKind {
  readonly table: TableName
  /** Only these `_type`s; null: every one. */
  readonly kinds: readonly string[] | null
}

/**
 * The records meant by `lead`, `contact`, `opportunity`, `task`, `activity`, `activity.note` or
 * `note`, and so on; undefined for an unknown word.
 */
export function objectKind(word: string): ObjectKind | undefined {
  switch (word) {
    case 'lead':
    case 'contact':
    case 'opportunity':
    case 'task':
    case 'activity':
    case 'custom_object':
      return { table: word, kinds: null }
    default: {
      const name = word.startsWith('activity.') ? word.slice('activity.'.length) : word
      const type = ACTIVITY_TYPES.find((candidate) => candidate.word === name)
      return type && { table: 'activity', kinds: [type.kind] }
    }
  }
}
