import { type CloseClient, isCloseError, type SearchRow } from '@latchwork/close'
import { invalidField, LatchworkError } from '@latchwork/contract'
import { readVerified } from './readers/list.ts'
import { customActivity } from './streams/activity-rows.ts'
import { created } from './streams/days.ts'
import type { Fields } from './streams/fields.ts'
import { leadSmartView, type Parameter, user } from './streams/parameters.ts'
import { customObject } from './streams/record-rows.ts'
import type { CustomFieldSet, StreamRow } from './streams/row.ts'
import { streamRow } from './streams.ts'
import { asUnavailable, isRefusal } from './unavailable.ts'

/** A kind of stream of which an account has one for each type that it has made. */
interface TypedStreams {
  /** That the ids of the types begin with. The stream's name is the id. */
  readonly prefix: string
  readonly path: string
  readonly objectType: string
  /** Of the records: names their type. */
  readonly typeField: string
  readonly group: string
  readonly customFields: CustomFieldSet
  readonly fields: Fields
  /** The stream of all types together. */
  readonly within: string
  readonly parameters: readonly Parameter[]
}

const typed: readonly TypedStreams[] = [
  {
    prefix: 'actitype_',
    path: '/custom_activity/',
    objectType: 'activity.custom_activity',
    typeField: 'custom_activity_type_id',
    group: 'Custom activities',
    customFields: { of: 'activity' },
    fields: customActivity,
    within: 'custom_activities',
    parameters: [user('User'), leadSmartView, ...created],
  },
  {
    prefix: 'cotype_',
    path: '/custom_object_type/',
    objectType: 'custom_object',
    typeField: 'custom_object_type_id',
    group: 'Custom objects',
    customFields: { of: 'custom_object_type' },
    fields: customObject,
    within: 'custom_objects',
    parameters: [leadSmartView, ...created],
  },
]

/** The streams of this account alone: one for each custom activity type and custom object type that it may see. */
export async function readAccountRows(client: CloseClient, signal: AbortSignal): Promise<StreamRow[]> {
  const rows = await Promise.all(
    typed.map(async (streams) => {
      try {
        const types = await readVerified(client, streams.path, {}, { signal })
        return types.map((type) => rowOf(streams, type))
      } catch (error) {
        // Not every plan and role has them; whoever lacks them has none.
        if (isRefusal(error)) return []
        throw error
      }
    }),
  )
  return rows.flat()
}

/**
 * The stream of this name, of the table or of the account.
 * @throws LatchworkError `invalid_input`, `stream_unavailable`
 * @throws CloseError
 */
export async function findStreamRow(
  client: CloseClient,
  name: string,
  signal: AbortSignal,
): Promise<StreamRow> {
  const row = streamRow(name)
  if (row !== undefined) return row
  const streams = typed.find(({ prefix }) => name.startsWith(prefix))
  if (streams === undefined) throw invalidField('object', 'form', 'must name what to read')
  const path = `${streams.path}${name}/`
  try {
    return rowOf(streams, { ...(await client.record(path, {}, { signal })), id: name })
  } catch (error) {
    if (!isCloseError(error) || error.code !== 'not_found') {
      throw asUnavailable(error, { label: streams.group })
    }
    throw new LatchworkError('stream_unavailable', {
      message:
        'The account has no such type any more, so there is nothing to read. What the destination has of it stays.',
      cause: error,
    })
  }
}

function rowOf(
  { objectType, typeField, group, customFields, fields, within, parameters }: TypedStreams,
  type: SearchRow,
): StreamRow {
  const label = typeof type['name'] === 'string' ? type['name'] : type.id
  return {
    name: type.id,
    label,
    group,
    description: `${group} of the type “${label}”, with its own fields as columns.`,
    recommended: false,
    reading: {
      by: 'search',
      types: [objectType],
      only: {
        type: 'field_condition',
        field: { type: 'regular_field', object_type: objectType, field_name: typeField },
        condition: { type: 'term', values: [type.id] },
      },
    },
    ...{ fields, within, parameters },
    customFields: { ...customFields, typeId: type.id },
  }
}
