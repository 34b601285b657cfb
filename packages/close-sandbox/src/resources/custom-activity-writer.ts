import { invalid } from '../api/errors.ts'
import type { ApiRequest } from '../api/request.ts'
import { timestamp } from '../clock.ts'
import { type JsonObject, textOf } from '../json.ts'
import { createActivity, pinning, updateActivity } from './activity-write.ts'
import { customValuesOf } from './custom-values.ts'
import { flag, oneOf, type Rules, settingId } from './validate.ts'

/** Custom activities: drafts may be incomplete, published ones need their required fields. */
export function writeCustomActivity(request: ApiRequest, row?: number, before: JsonObject = {}): JsonObject {
  const { organization } = request.caller
  const custom = customValuesOf(request.body, 'activity', organization, before)
  const rules: Rules = {
    custom_activity_type_id: settingId('custom_activity_type'),
    status: oneOf(['draft', 'published']),
    pinned: flag,
  }
  const body = { status: 'published', ...before, ...request.body, ...custom }
  if (body['status'] === 'published') requireFields(request, body)
  const published = body['status'] === 'published' ? { last_published_at: timestamp(request.nowMs) } : {}
  if (row !== undefined) {
    return updateActivity(
      request,
      row,
      before,
      { status: oneOf(['draft', 'published']), pinned: flag },
      (fields) => ({
        ...custom,
        ...pinning(fields, request),
        ...published,
      }),
    )
  }
  const defaults = {
    status: 'published',
    source: 'api',
    pinned: false,
    pinned_at: null,
    mentions: [],
    mentions_updated_at: null,
    last_published_at: null,
  }
  return createActivity(
    request,
    'CustomActivity',
    rules,
    ['lead_id', 'custom_activity_type_id'],
    defaults,
    (fields) => ({
      ...custom,
      ...pinning(fields, request),
      ...published,
    }),
  )
}

function requireFields({ caller }: ApiRequest, body: JsonObject): void {
  const problems: Record<string, string> = {}
  for (const field of caller.organization.settings.custom_field.all()) {
    if (field['required'] !== true) continue
    if (field['custom_activity_type_id'] !== body['custom_activity_type_id']) continue
    const key = `custom.${textOf(field, 'id')}`
    if ((body[key] ?? null) === null) problems[key] = 'This field is required.'
  }
  if (Object.keys(problems).length > 0) throw invalid(problems)
}
