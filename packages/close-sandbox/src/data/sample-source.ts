import type { User } from '../accounts/accounts.ts'
import { isObject, type Json, type JsonObject, textOf } from '../json.ts'
import { Random } from '../random.ts'
import { NEWER_LENGTH, type RowIds } from '../record-ids.ts'
import type { Settings } from './settings.ts'
import type { Skeleton } from './skeleton.ts'

/** The source of sample records. */
export interface SampleSource {
  readonly seed: number
  readonly organizationId: string
  readonly users: readonly User[]
  /** The settings as they were at the start: later changes must not change seeded records. */
  readonly leadStatuses: readonly JsonObject[]
  readonly opportunityStatuses: readonly JsonObject[]
  readonly customFields: readonly JsonObject[]
  readonly customActivityTypes: readonly JsonObject[]
  readonly customObjectTypes: readonly JsonObject[]
  readonly skeleton: Skeleton
  readonly ids: {
    readonly lead: RowIds
    readonly contact: RowIds
    readonly opportunity: RowIds
    readonly task: RowIds
    readonly activity: RowIds
    readonly custom_object: RowIds
  }
}

/** Copies the settings that seeded records refer to. */
export function sampleSettings(
  settings: Settings,
): Pick<
  SampleSource,
  'leadStatuses' | 'opportunityStatuses' | 'customFields' | 'customActivityTypes' | 'customObjectTypes'
> {
  return {
    leadStatuses: settings.lead_status.all(),
    opportunityStatuses: settings.opportunity_status.all(),
    customFields: settings.custom_field.all(),
    customActivityTypes: settings.custom_activity_type.all(),
    customObjectTypes: settings.custom_object_type.all(),
  }
}

/** The id of one of the organization's users. */
export function anyUser(source: SampleSource, random: Random): string | null {
  return random.pickAny(source.users)?.id ?? null
}

/** The id of a thing that seeded records mention: of a small collection, the record with that number. */
export function newerId(
  prefix: string,
  { seed }: Pick<SampleSource, 'seed'>,
  name: string | number,
  length: number = NEWER_LENGTH,
): string {
  return `${prefix}_${new Random(seed, prefix, name).base62(length)}`
}

/** A random child of the same lead, or null when it has none. */
export function siblingRow(
  rows: { readonly first: Uint32Array },
  lead: number,
  random: Random,
): number | null {
  const first = rows.first[lead] ?? 0
  const count = (rows.first[lead + 1] ?? first) - first
  return count === 0 ? null : first + random.whole(0, count - 1)
}

/** A record that has custom fields: which definitions are its own, and the lead under which its references lie. */
interface CustomFieldsOwner {
  readonly objectType: string
  /** Of an activity or a custom object: its type. */
  readonly typeId?: string | null
  readonly lead: number
}

/** A value for each custom field of the owner that this record happens to have filled in. */
export function customValues(
  source: SampleSource,
  owner: CustomFieldsOwner,
  random: Random,
  always: boolean,
  nowMs: number,
): JsonObject {
  const values: JsonObject = {}
  for (const field of source.customFields) {
    if (!appliesTo(field, owner.objectType) || !isOfType(field, owner.typeId)) continue
    const filled = random.chance(0.6)
    if (!filled && !always && field['required'] !== true) continue
    const value = customValue(source, field, owner.lead, random, nowMs)
    if (value !== null) values[`custom.${textOf(field, 'id')}`] = value
  }
  return values
}

function customValue(
  source: SampleSource,
  field: JsonObject,
  lead: number,
  random: Random,
  nowMs: number,
): Json {
  const several = field['accepts_multiple_values'] === true
  const choices = Array.isArray(field['choices']) ? field['choices'] : []
  switch (field['type']) {
    case 'number':
      return random.whole(1, 400)
    case 'date':
      return new Date(nowMs + random.whole(1, 400) * 86_400_000).toISOString().slice(0, 10)
    case 'datetime':
      return `${new Date(nowMs + random.whole(0, 86_400)).toISOString().slice(0, 19)}+00:00`
    case 'user': {
      const user = anyUser(source, random)
      return several ? [...new Set([user, anyUser(source, random)])] : user
    }
    case 'choices': {
      const choice = random.pickAny(choices) ?? 'None'
      return several ? choices.slice(0, random.whole(1, 3)) : choice
    }
    case 'contact':
      return reference(source, 'contact', source.skeleton.contacts, lead, random, several)
    case 'custom_object':
      return reference(source, 'custom_object', source.skeleton.customObjects, lead, random, several)
    default:
      return `${random.pick(['A', 'K', 'X'])}-${random.whole(1_000, 9_999)}`
  }
}

const REFERENCE_PREFIXES = { contact: 'cont', custom_object: 'custobj' } as const

/** A sibling of the record under the same lead; null when there is none. */
function reference(
  source: SampleSource,
  table: 'contact' | 'custom_object',
  rows: { readonly first: Uint32Array },
  lead: number,
  random: Random,
  several: boolean,
): Json {
  const row = siblingRow(rows, lead, random)
  if (row === null) return null
  const id = `${REFERENCE_PREFIXES[table]}_${source.ids[table].suffixOf(row)}`
  return several ? [id] : id
}

/** Whether a definition is for records of that custom activity type or custom object type. */
function isOfType(field: JsonObject, typeId: string | null | undefined): boolean {
  const of = field['custom_activity_type_id'] ?? field['custom_object_type_id']
  return of === undefined || typeId === undefined || of === typeId
}

/** Whether a custom field definition belongs to records of that type, directly or as a shared field. */
export function appliesTo(field: JsonObject, objectType: string): boolean {
  if (field['object_type'] === objectType) return true
  const associations = field['associations']
  return (
    Array.isArray(associations) &&
    associations.some((association) => isObject(association) && association['object_type'] === objectType)
  )
}
