import type { CloseClient, CustomField } from '@latchwork/close'
import type { Column } from '@latchwork/contract'
import { customColumn, readCustomFields } from './columns.ts'

/** A kind of record that can be written. */
export interface TargetObject {
  /** What Close calls it in a search and in its custom fields. */
  readonly searchType: 'lead' | 'contact' | 'opportunity'
  /** In a message. */
  readonly word: string
  readonly columns: readonly Column[]
  /** Only taken when a record is created; Close ignores or refuses it in an update. */
  readonly createOnly: readonly string[]
}

const target = (name: string, label: string, type: Column['type'] = 'text'): Column => ({ name, label, type })

const objects: Readonly<Record<string, TargetObject>> = {
  leads: {
    searchType: 'lead',
    word: 'lead',
    columns: [
      target('name', 'Name'),
      target('description', 'Description'),
      target('url', 'URL'),
      target('status_id', 'Status, by id'),
      target('status', 'Status, by label'),
      target('addresses', 'Addresses', 'json'),
      target('contacts', 'Contacts', 'json'),
    ],
    createOnly: ['contacts'],
  },
  contacts: {
    searchType: 'contact',
    word: 'contact',
    columns: [
      target('lead_id', 'Lead, by id (empty: a lead of the same name is made)'),
      target('name', 'Name'),
      target('title', 'Title'),
      target('emails', 'Email addresses', 'json'),
      target('phones', 'Phone numbers', 'json'),
      target('urls', 'URLs', 'json'),
    ],
    createOnly: [],
  },
  opportunities: {
    searchType: 'opportunity',
    word: 'opportunity',
    columns: [
      target('lead_id', 'Lead, by id'),
      target('contact_id', 'Contact, by id'),
      target('user_id', 'User, by id'),
      target('pipeline_id', 'Pipeline, by id'),
      target('status_id', 'Status, by id'),
      target('note', 'Note'),
      target('value', 'Value, in cents', 'number'),
      target('value_period', 'Value period (one_time, monthly, annual)'),
      target('confidence', 'Confidence, in percent', 'number'),
      target('date_won', 'Date won', 'date'),
    ],
    createOnly: ['pipeline_id'],
  },
}

/** The kind of record that a destination's field `object` names. */
export function targetObject(name: string): TargetObject | undefined {
  return Object.hasOwn(objects, name) ? objects[name] : undefined
}

/** All fields that can be written: the documented ones and the account's custom fields, and the id to update by. */
export async function readTargets(
  client: CloseClient,
  object: TargetObject,
): Promise<{ targets: Column[]; custom: CustomField[] }> {
  const custom = await readCustomFields(client, { of: object.searchType })
  return {
    targets: [target('id', 'Id (to update by)'), ...object.columns, ...custom.map(customColumn)],
    custom,
  }
}
