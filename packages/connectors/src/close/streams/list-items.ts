import type { Column } from '@latchwork/contract'
import { boolean, type Fields, number, text } from './fields.ts'

/*
 * The fields of Close that are lists, and what their items have as far as Close documents it. Lists of records that are a
 * stream of their own (the contacts, opportunities and tasks of a lead) are not among them: they are read there.
 */

type Items = Readonly<Record<string, Fields>>

/** A plain item, as the only column. */
const plain = text('value')
const unknown: Fields = {}
const each = (items: Fields, ...names: readonly string[]): Items =>
  Object.fromEntries(names.map((name) => [name, items]))

/** @see https://developer.close.com/api/resources/leads, contacts, activities, users */
const ofFields: Items = {
  addresses: text('label', 'address_1', 'address_2', 'city', 'state', 'zipcode', 'country'),
  emails: { ...text('email', 'type'), ...boolean('is_unsubscribed') },
  phones: text('phone', 'phone_formatted', 'type', 'country'),
  urls: text('url', 'type'),
  attendees: { ...text('name', 'email', 'status', 'user_id', 'contact_id'), ...boolean('is_organizer') },
  attachments: { ...text('filename', 'content_type', 'url'), ...number('size') },
  conference_links: text('type', 'url'),
  statuses: text('id', 'label', 'type'),
  ...each(plain, 'contact_ids', 'comment_ids', 'changed_fields', 'to', 'cc', 'bcc', 'message_ids'),
  ...each(plain, 'references', 'thread_email_ids', 'attached_call_ids', 'calendar_event_uids'),
  ...each(plain, 'provider_calendar_ids', 'permissions_granted', 'permissions', 'visibility_user_lcf_ids'),
  ...each(plain, 'choices', 'editable_with_roles', 'custom_field_ids', 'outcome_ids', 'calls_assigned_to'),
  ...each(plain, 'phone_numbers', 'phone_numbers_formatted', 'supports_mms_to_countries'),
  ...each(plain, 'supports_sms_to_countries', 'available_features', 'enabled_features'),
  ...each(unknown, 'users', 'mentions', 'note_mentions', 'user_note_mentions', 'opens', 'send_attempts'),
  ...each(unknown, 'body_text_quoted', 'latest_emails', 'participants', 'members', 'organizations'),
  ...each(unknown, 'identities', 'available_calendars', 'synced_calendars', 'associations', 'steps'),
  ...each(unknown, 'back_reference_fields'),
}

/** Where a field is something else than in the other streams. */
const ofStreams: Readonly<Record<string, Items>> = { email_threads: { emails: unknown } }

/** What the items of a field have; undefined: it is no list, or nobody knows. */
export function itemsOf(stream: string, field: string): Fields | undefined {
  return ofStreams[stream]?.[field] ?? ofFields[field]
}

/** A custom field with several values. */
export function plainItems(type: Column['type']): Column['items'] {
  return [{ name: 'value', label: 'Value', type }]
}
