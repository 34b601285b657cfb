import type { PassObjectName } from '@latchwork/contract'

/*
 * Close names the kinds of its records in several manners: `_type: 'EmailThread'` in an activity, `activity.email_thread`
 * in an event, `email_thread` or `contact_email` in a search.
 */

/** By the name in snake case, without what stands before a dot. */
const objects: Readonly<Record<string, PassObjectName>> = {
  lead: 'lead',
  address: 'lead',
  contact: 'contact',
  contact_email: 'contact',
  contact_phone: 'contact',
  contact_url: 'contact',
  opportunity: 'opportunity',
  task: 'task',
  note: 'note',
  call: 'call',
  email: 'email',
  email_thread: 'email',
  sms: 'sms',
  whatsapp_message: 'whatsapp',
  meeting: 'meeting',
  custom_activity: 'custom_activity',
  // So a list of activities is asked for them.
  custom: 'custom_activity',
  custom_object: 'custom_object',
  created: 'activity',
  import_update: 'activity',
  lead_merge: 'activity',
  lead_status_change: 'activity',
  opportunity_status_change: 'activity',
  task_completed: 'activity',
  form_submission: 'form',
  comment: 'comment',
  comment_thread: 'comment',
  sequence_subscription: 'sequence',
  sequence: 'sequence',
  saved_search: 'smart_view',
  email_template: 'template',
  sms_template: 'template',
  custom_activity_type: 'custom_field',
  custom_object_type: 'custom_field',
  unsubscribed_email: 'unsubscribe',
  membership: 'user',
  group: 'user',
  phone_number: 'phone_number',
}

/** By what stands before the dot, whatever stands after it. */
const families: Readonly<Record<string, PassObjectName>> = {
  task: 'task',
  status: 'status',
  custom_fields: 'custom_field',
  export: 'export',
  bulk_action: 'bulk_action',
}

/** The object that a pass is given for records of this type; null for a type that we do not know. */
export function objectOfType(type: string): PassObjectName | null {
  if (/^actitype_\w+$/.test(type)) return 'custom_activity'
  const [family = '', name] = snakeCase(type).split('.')
  if (name === undefined) return Object.hasOwn(objects, family) ? (objects[family] ?? null) : null
  if (Object.hasOwn(families, family)) return families[family] ?? null
  if (family !== 'activity') return null
  return Object.hasOwn(objects, name) ? (objects[name] ?? null) : null
}

/** `EmailThread` is `email_thread`, `SMS` is `sms`, `WhatsAppMessage` is `whatsapp_message`. */
function snakeCase(type: string): string {
  if (type.length > 60) return ''
  return type
    .replace('WhatsApp', 'Whatsapp')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
}
