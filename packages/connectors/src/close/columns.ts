import { type CloseClient, type CustomField, type CustomFieldObjectType, paginate } from '@latchwork/close'
import { type Column, outsideLimits } from '@latchwork/contract'
import { plainItems } from './streams/list-items.ts'
import type { CustomFieldSet, StreamRow } from './streams/row.ts'
import { columnsOf } from './streams.ts'
import { isRefusal } from './unavailable.ts'

const customTypes: ReadonlyMap<string, Column['type']> = new Map([
  ['number', 'number'],
  ['date', 'date'],
  ['datetime', 'time'],
])

/** A custom field as a column: named by its id as Close names it, labelled as the account does. */
export function customColumn(field: CustomField): Column {
  const called = { name: `custom.${field.id}`, label: field.name ?? field.id }
  const type = customTypes.get(field.type ?? '') ?? 'text'
  return field.accepts_multiple_values === true
    ? { ...called, type: 'json', items: plainItems(type) }
    : { ...called, type }
}

/**
 * The custom fields of an object, from the account's own definitions: its own ones and those shared with it.
 * @see https://developer.close.com/api/resources/custom-fields
 */
export async function readCustomFields(client: CloseClient, set: CustomFieldSet): Promise<CustomField[]> {
  const [own, shared] = await Promise.all([
    readAll(client, set.of),
    readAll(client, 'shared').catch((error: unknown) => {
      // Not every plan and role has shared fields; whoever lacks them has none on any record.
      if (isRefusal(error)) return []
      throw error
    }),
  ])
  return [
    ...own.filter((field) => isOfType(field, set)),
    ...shared.filter((field) => isSharedWith(field, set)),
  ]
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

/** What a definition, or an association of a shared one, calls the object, and the field that names the type. */
const typed = {
  activity: { objectType: 'custom_activity_type', typeField: 'custom_activity_type_id' },
  custom_object_type: { objectType: 'custom_object_type', typeField: 'custom_object_type_id' },
} as const

function isOfType(field: object, { of, typeId }: CustomFieldSet): boolean {
  if (typeId === undefined || (of !== 'activity' && of !== 'custom_object_type')) return true
  return Reflect.get(field, typed[of].typeField) === typeId
}

function isSharedWith(field: CustomField, set: CustomFieldSet): boolean {
  const associations: unknown = 'associations' in field ? field.associations : undefined
  if (!Array.isArray(associations)) return false
  const { of } = set
  const wanted = of === 'activity' || of === 'custom_object_type' ? typed[of].objectType : of
  return associations.some(
    (association: unknown) =>
      typeof association === 'object' &&
      association !== null &&
      'object_type' in association &&
      association.object_type === wanted &&
      isOfType(association, set),
  )
}

/** The columns of a stream: the documented fields and the account's custom fields. */
export interface StreamColumns {
  readonly columns: Column[]
  /** What could not be found out, as a sentence; null if nothing. */
  readonly note: string | null
}

/** Custom fields that the account may not read are left out. @throws CloseError */
export async function readColumns(client: CloseClient, row: StreamRow): Promise<StreamColumns> {
  const columns = columnsOf(row)
  if (row.customFields === null) return { columns, note: null }
  try {
    const custom = await readCustomFields(client, row.customFields)
    return { columns: [...columns, ...custom.map(customColumn)], note: null }
  } catch (error) {
    if (!isRefusal(error)) throw error
    const note = `The custom fields of ${row.label} are left out: Close does not let this credential read them.`
    return { columns, note }
  }
}
