import { outsideText, type PassField, type PassObjectName, type User } from '@latchwork/contract'
import { type AccountParts, askAccount } from './account.ts'

/** The stream that has the records of an object, and so its fields. The others have none that we know of. */
const streams: Readonly<Partial<Record<PassObjectName, string>>> = {
  lead: 'leads',
  contact: 'contacts',
  opportunity: 'opportunities',
  task: 'tasks',
  note: 'notes',
  email: 'emails',
  call: 'calls',
  sms: 'sms',
  whatsapp: 'whatsapp_messages',
  meeting: 'meetings',
  custom_activity: 'custom_activities',
  comment: 'comments',
  custom_object: 'custom_objects',
  smart_view: 'saved_searches',
  sequence: 'sequences',
  template: 'email_templates',
  form: 'form_submissions',
  playbook: 'playbooks',
  user: 'users',
  organization: 'organization',
  connected_account: 'connected_accounts',
  phone_number: 'phone_numbers',
  unsubscribe: 'unsubscribed_emails',
  integration_link: 'integration_links',
  webhook: 'webhooks',
}

/** It gathers what has no name, and `id` can always be read. */
const noFields: ReadonlySet<string> = new Set(['id', 'other_fields'])
const longestLabel = 200

/**
 * The fields of an object: those that Close documents, and the account's own by their labels.
 * @throws {LatchworkError} as `askAccount`
 */
export function accountFields(
  parts: AccountParts,
  credentialId: string,
  object: PassObjectName,
  user: User,
): Promise<PassField[]> {
  const stream = streams[object]
  return askAccount(parts, credentialId, user, async ({ columns }) => {
    const found = stream === undefined ? [] : ((await columns?.(stream)) ?? [])
    return found
      .filter(({ name }) => !noFields.has(name))
      .map(({ name, label }) => ({ name, label: outsideText(label, { max: longestLabel }) }))
  })
}
