import type { Organization } from '../data/organization.ts'
import { type JsonObject, textOf } from '../json.ts'

/** A pipeline with its statuses. */
export function pipelineRecord(pipeline: JsonObject, { settings }: Organization): JsonObject {
  const statuses = settings.opportunity_status
    .all()
    .filter((status) => status['pipeline_id'] === pipeline['id'])
    .map((status) => ({
      id: textOf(status, 'id'),
      label: textOf(status, 'label'),
      type: textOf(status, 'type'),
    }))
  return { ...pipeline, statuses }
}
