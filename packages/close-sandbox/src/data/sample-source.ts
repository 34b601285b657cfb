import type { User } from '../accounts/accounts.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
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
  readonly customActivityTypeId: string | null
  readonly skeleton: Skeleton
  readonly ids: {
    readonly lead: RowIds
    readonly contact: RowIds
    readonly opportunity: RowIds
    readonly task: RowIds
    readonly activity: RowIds
  }
}

/** Copies the settings that seeded records refer to. */
export function sampleSettings(
  settings: Settings,
): Pick<SampleSource, 'leadStatuses' | 'opportunityStatuses' | 'customFields' | 'customActivityTypeId'> {
  return {
    leadStatuses: settings.lead_status.all(),
    opportunityStatuses: settings.opportunity_status.all(),
    customFields: settings.custom_field.all(),
    customActivityTypeId: textOf(settings.custom_activity_type.all()[0] ?? {}, 'id'),
  }
}

/** The id of one of the organization's users. */
export function anyUser(source: SampleSource, random: Random): string | null {
  return random.pickAny(source.users)?.id ?? null
}

/** The id of a thing that seeded records mention and the sandbox does not have: a sequence, an outcome. */
export function newerId(prefix: string, source: SampleSource, name: string | number): string {
  return `${prefix}_${new Random(source.seed, prefix, name).base62(NEWER_LENGTH)}`
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

/** A value for each custom field of that object type that this record happens to have filled in. */
export function customValues(
  source: SampleSource,
  objectType: string,
  random: Random,
  always: boolean,
  nowMs: number,
): JsonObject {
  const values: JsonObject = {}
  for (const field of source.customFields) {
    if (!appliesTo(field, objectType)) continue
    const filled = random.chance(0.6)
    if (!filled && !always) continue
    const key = `custom.${textOf(field, 'id')}`
    const choices = Array.isArray(field['choices']) ? field['choices'] : []
    const choice = random.pickAny(choices) ?? 'None'
    switch (field['type']) {
      case 'number':
        values[key] = random.whole(1, 400)
        break
      case 'date':
        values[key] = new Date(nowMs + random.whole(1, 400) * 86_400_000).toISOString().slice(0, 10)
        break
      case 'datetime':
        values[key] = `${new Date(nowMs + random.whole(0, 86_400)).toISOString().slice(0, 19)}+00:00`
        break
      case 'user':
        values[key] = anyUser(source, random)
        break
      case 'choices':
        values[key] =
          field['accepts_multiple_values'] === true ? choices.slice(0, random.whole(1, 3)) : choice
        break
      default:
        values[key] = `${random.pick(['A', 'K', 'X'])}-${random.whole(1_000, 9_999)}`
    }
  }
  return values
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
