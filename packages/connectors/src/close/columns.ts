import {
  type CloseClient,
  type CustomField,
  type CustomFieldObjectType,
  isCloseError,
  paginate,
} from '@latchwork/close'
import { type Column, outsideLimits } from '@latchwork/contract'
import { columnsOf, type SourceObject } from './objects.ts'

const customTypes: ReadonlyMap<string, Column['type']> = new Map([
  ['number', 'number'],
  ['date', 'date'],
  ['datetime', 'time'],
])

/** A custom field as a column: named by its id as Close names it, labelled as the account does. */
export function customColumn(field: CustomField): Column {
  return {
    name: `custom.${field.id}`,
    label: field.name ?? field.id,
    type: field.accepts_multiple_values === true ? 'json' : (customTypes.get(field.type ?? '') ?? 'text'),
  }
}

/**
 * The custom fields of an object, from the account's own definitions: its own ones and those shared with it.
 * @see https://developer.close.com/api/resources/custom-fields
 */
export async function readCustomFields(
  client: CloseClient,
  objectType: 'lead' | 'contact' | 'opportunity' | 'activity',
): Promise<CustomField[]> {
  const [own, shared] = await Promise.all([
    readAll(client, objectType),
    readAll(client, 'shared').catch((error: unknown) => {
      // Not every plan and role has shared fields; whoever lacks them has none on any record.
      if (isCloseError(error) && ['forbidden', 'not_found', 'plan_limit'].includes(error.code)) return []
      throw error
    }),
  ])
  return [...own, ...shared.filter((field) => isSharedWith(field, objectType))]
}

async function readAll(client: CloseClient, objectType: CustomFieldObjectType): Promise<CustomField[]> {
  const fields: CustomField[] = []
  for await (const field of paginate(
    client.customFields(objectType).list,
    { _limit: 100 },
    undefined,
    outsideLimits.columns,
  ))
    fields.push(field)
  return fields
}

function isSharedWith(field: CustomField, objectType: string): boolean {
  const associations: unknown = 'associations' in field ? field.associations : undefined
  if (!Array.isArray(associations)) return false
  const wanted = objectType === 'activity' ? 'custom_activity_type' : objectType
  return associations.some(
    (association: unknown) =>
      typeof association === 'object' &&
      association !== null &&
      'object_type' in association &&
      association.object_type === wanted,
  )
}

/** All columns of an object: the documented fields and the account's custom fields. */
export async function readColumns(client: CloseClient, object: SourceObject): Promise<Column[]> {
  const columns = columnsOf(object)
  const { customFields } = object
  if (customFields === null) return columns
  return [...columns, ...(await readCustomFields(client, customFields)).map(customColumn)]
}
