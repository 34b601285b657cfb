import { timestamp } from '../clock.ts'
import { type JsonObject, textOf } from '../json.ts'
import { Random } from '../random.ts'
import { anyUser, customValues, type SampleSource } from './sample-source.ts'

/** A seeded custom object. Its type is one of the organization's, by its row. */
export function sampleCustomObject(source: SampleSource, row: number): JsonObject {
  const random = new Random(source.seed, 'custom object', row)
  const rows = source.skeleton.customObjects
  const lead = rows.owner[row] ?? 0
  const type = source.customObjectTypes[row % source.customObjectTypes.length] ?? {}
  const typeId = textOf(type, 'id')
  const createdMs = rows.created[row] ?? 0
  return {
    id: `custobj_${source.ids.custom_object.suffixOf(row)}`,
    organization_id: source.organizationId,
    lead_id: `lead_${source.ids.lead.suffixOf(lead)}`,
    custom_object_type_id: typeId,
    name: `${textOf(type, 'name')} ${random.whole(100, 999)}`,
    ...customValues(source, { objectType: 'custom_object_type', typeId, lead }, random, row < 2, createdMs),
    created_by: anyUser(source, random),
    updated_by: anyUser(source, random),
    date_created: timestamp(createdMs),
    date_updated: timestamp(rows.updated[row] ?? 0),
  }
}
