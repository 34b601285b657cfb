import { timestamp } from '../clock.ts'
import { type JsonObject, textOf } from '../json.ts'
import { classic } from './collection-bases.ts'
import type { SampledResource } from './collection-samples.ts'

/** The accounts through which people send and receive; the list shows the documented fields. */
export const CONNECTED_ACCOUNTS: SampledResource = {
  ...classic,
  path: '/connected_account/',
  collection: 'connected_account',
  idPrefix: 'emailacct',
  eventType: null,
  audit: 'none',
  paging: null,
  filters: ['user_id'],
  seeded: 2,
  sample: ({ organization, number, createdMs }) => {
    const users = organization.accounts.usersOf(organization.id)
    const user = users[number % users.length]
    const identity = { email: user?.email ?? '', name: organization.accounts.nameOf(user?.id ?? null) }
    return {
      _type: number % 2 === 0 ? 'google' : 'custom_email',
      available_calendars: [],
      available_features: ['email_sending', 'email_syncing', 'calendar_syncing'],
      calendar_receive_status: 'ok',
      calendly: null,
      date_created: timestamp(createdMs),
      default_identity: identity,
      email: identity.email,
      email_receive_status: 'ok',
      enabled_features: number % 2 === 0 ? ['email_sending', 'email_syncing'] : [],
      has_meeting_creation_scopes: number % 2 === 0,
      identities: [identity],
      imap: number % 2 === 0 ? null : { host: 'imap.mail.example', port: 993, username: identity.email },
      is_imap_archive_sync_enabled: false,
      latest_receive_error: null,
      latest_send_error: null,
      lead_suggestions_updated_at: null,
      receive_status: 'ok',
      send_status: 'ok',
      smtp: number % 2 === 0 ? null : { host: 'smtp.mail.example', port: 587, username: identity.email },
      sync_all_calendars: false,
      synced_calendars: [],
      user_id: user?.id ?? null,
      zoom_account_plan: null,
    }
  },
  writes: null,
}

/** The part of a connected account that `/me/` shows. */
export function emailAccountOf(account: JsonObject): JsonObject {
  return {
    _type: textOf(account, '_type'),
    id: textOf(account, 'id'),
    identities: account['identities'] ?? [],
    organization_id: textOf(account, 'organization_id'),
    user_id: textOf(account, 'user_id'),
  }
}
