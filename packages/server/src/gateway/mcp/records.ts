import { endpoints } from '@latchwork/close'

/* Where Close has the records and lists that tools name in words. */

/** Records that can be read one by one; the lists of these paths find them. */
export const recordPaths = {
  lead: '/lead/',
  contact: '/contact/',
  opportunity: '/opportunity/',
  task: '/task/',
  note: '/activity/note/',
  call: '/activity/call/',
  email: '/activity/email/',
  email_thread: '/activity/emailthread/',
  sms: '/activity/sms/',
  whatsapp_message: '/activity/whatsapp_message/',
  meeting: '/activity/meeting/',
  custom_activity: '/activity/custom/',
  custom_object: '/custom_object/',
  comment: '/comment/',
  smart_view: '/saved_search/',
  email_template: '/email_template/',
  sms_template: '/sms_template/',
  sequence: '/sequence/',
  sequence_subscription: '/sequence_subscription/',
  user: '/user/',
} as const
export type RecordName = keyof typeof recordPaths

/** Kinds of activity that can be listed. */
export const activityPaths = {
  note: recordPaths.note,
  call: recordPaths.call,
  email: recordPaths.email,
  email_thread: recordPaths.email_thread,
  sms: recordPaths.sms,
  whatsapp_message: recordPaths.whatsapp_message,
  meeting: recordPaths.meeting,
  custom_activity: recordPaths.custom_activity,
  lead_status_change: '/activity/status_change/lead/',
  opportunity_status_change: '/activity/status_change/opportunity/',
  task_completed: '/activity/task_completed/',
  form_submission: '/activity/form_submission/',
} as const

/** What an organization has set up, which other tools ask for by id. */
export const settingPaths = {
  me: '/me/',
  users: '/user/',
  lead_statuses: '/status/lead/',
  opportunity_statuses: '/status/opportunity/',
  pipelines: '/pipeline/',
  call_and_meeting_outcomes: '/outcome/',
  lead_custom_fields: '/custom_field/lead/',
  contact_custom_fields: '/custom_field/contact/',
  opportunity_custom_fields: '/custom_field/opportunity/',
  custom_activity_types: '/custom_activity/',
  custom_object_types: '/custom_object_type/',
  smart_views: '/saved_search/',
  email_templates: '/email_template/',
  sms_templates: '/sms_template/',
  sequences: '/sequence/',
  connected_accounts: '/connected_account/',
} as const

export function keysOf<Table extends object>(table: Table): (keyof Table)[] {
  return Object.keys(table) as (keyof Table)[] // of a table that is written here
}

interface Documented {
  readonly query?: readonly string[]
  readonly success?: number
}
const catalogue: Readonly<Record<string, Readonly<Record<string, Documented>>>> = endpoints

/** Whether Close documents this method for a path. */
function has(method: string, path: string): boolean {
  return Object.hasOwn(catalogue[path] ?? {}, method)
}

/** The parameters that Close documents for the query of an operation. */
export function queryOf(method: string, path: string): readonly string[] {
  return catalogue[path]?.[method]?.query ?? []
}

/** Stands for an id that is not known yet. */
const someId = 'id'

export function recordPath(name: RecordName, id = someId): string {
  return `${recordPaths[name]}${id}/`
}

/** The records that Close has such a method for. */
export function recordsWith(method: string): RecordName[] {
  return keysOf(recordPaths).filter((name) => has(method, `${recordPaths[name]}{id}/`))
}
