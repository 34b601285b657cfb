import { audit, boolean, dates, type Fields, json, number, text, time } from './fields.ts'
import { listedChoice, listedYesOrNo } from './parameters.ts'
import { list, rowsOf, type StreamRow } from './row.ts'

const row = rowsOf('People')

/** @see https://developer.close.com/api/resources/users */
const user: Fields = {
  ...text('id', 'email', 'first_name', 'last_name', 'image', 'last_used_timezone'),
  ...json('organizations'),
  ...time('date_created', 'date_updated'),
}

/** People of the organization, and what they send and receive by. */
export const peopleRows: readonly StreamRow[] = [
  row(['users', 'Users'], 'The people of your organization in Close.', list('/user/'), user, {
    recommended: true,
    documentedOnly: true,
  }),
  row(
    ['memberships', 'Memberships'],
    'Who belongs to the organization in which role, active and former members.',
    {
      by: 'single',
      path: '/organization/{organization}/',
      lists: { memberships: { is_active: true }, inactive_memberships: { is_active: false } },
    },
    {
      ...text('id', 'user_id', 'role_id', 'user_email', 'user_first_name', 'user_last_name'),
      ...text('user_full_name', 'user_phone', 'auto_record_calls'),
      ...boolean('is_active', 'track_email_opens'),
      ...json('permissions_granted'),
    },
  ),
  row(['roles', 'Roles'], 'The roles of the organization, and what each may do.', list('/role/'), {
    ...text('id', 'name'),
    ...boolean('editable'),
    ...json('permissions'),
    ...text('visibility_user_lcf_behavior'),
    ...json('visibility_user_lcf_ids'),
    ...audit,
  }),
  row(
    ['groups', 'Groups'],
    'Groups of users, with their members.',
    list('/group/', { detail: ['id', 'name', 'organization_id', 'members'] }),
    { ...text('id', 'name', 'organization_id'), ...json('members') },
  ),
  row(
    ['user_availability', 'User availability'],
    'Who is available for calls at the moment of reading.',
    { by: 'single', path: '/user/availability/', lists: { users: {} } },
    { ...text('id', 'status'), ...json('events') },
  ),
  row(
    ['connected_accounts', 'Connected accounts'],
    'Mailboxes, calendars and meeting services that users have connected, and whether they work.',
    list('/connected_account/'),
    {
      ...text('id', '_type', 'user_id', 'organization_id', 'email'),
      ...json('default_identity', 'identities', 'imap', 'smtp', 'calendly'),
      ...text('receive_status', 'send_status', 'email_receive_status', 'calendar_receive_status'),
      ...json('latest_receive_error', 'latest_send_error', 'available_features', 'enabled_features'),
      ...json('available_calendars', 'synced_calendars'),
      ...boolean('sync_all_calendars', 'is_imap_archive_sync_enabled', 'has_meeting_creation_scopes'),
      ...text('zoom_account_plan'),
      ...time('lead_suggestions_updated_at', 'date_created'),
    },
    { parameters: [listedChoice('user_id', { label: 'User' }, 'users')] },
  ),
  row(
    ['send_as', 'Send as'],
    'Who may send in whose name, as far as it concerns the credential’s own user: Close shows no others.',
    list('/send_as/', { ownUser: ['allowing_user_id', 'allowed_user_id'] }),
    { ...text('id', 'allowing_user_id', 'allowed_user_id'), ...dates },
  ),
  row(
    ['phone_numbers', 'Phone numbers'],
    'The organization’s numbers, with their users, capabilities and forwarding.',
    list('/phone_number/'),
    {
      ...text('id', 'number', 'number_formatted', 'label', 'type', 'country', 'user_id'),
      ...text('carrier', 'carrier_type', 'address_id', 'bundle_id'),
      ...boolean('is_group_number', 'is_premium', 'is_verified', 'mms_enabled', 'sms_enabled', 'was_ported'),
      ...boolean('forward_to_enabled', 'press_1_to_accept'),
      ...text('forward_to', 'forward_to_formatted', 'voicemail_greeting_url'),
      ...json('participants', 'phone_numbers', 'phone_numbers_formatted'),
      ...json('supports_mms_to_countries', 'supports_sms_to_countries'),
      ...number('last_billed_price'),
      // A date in the examples, a date with a time in the description: kept as Close writes it.
      ...text('next_billing_on'),
      ...dates,
    },
    {
      parameters: [
        listedChoice('user_id', { label: 'User' }, 'users'),
        listedYesOrNo('is_group_number', 'Whose number', { yes: 'Of a group', no: 'Of one user' }),
      ],
    },
  ),
  row(
    ['blocked_phone_numbers', 'Blocked phone numbers'],
    'Numbers whose calls are refused, and why.',
    list('/blocked_phone_number/'),
    { ...text('id', 'phone', 'reason'), ...audit },
  ),
  row(
    ['dialer_sessions', 'Dialer sessions'],
    'Sessions of the power and predictive dialer.',
    list('/dialer/'),
    {
      ...text('id', 'type', 'status', 'source_type', 'source_value', 'user_id'),
      ...time('date_last_active'),
      ...audit,
    },
    { parameters: [listedChoice('user_id', { label: 'User' }, 'users')] },
  ),
]
