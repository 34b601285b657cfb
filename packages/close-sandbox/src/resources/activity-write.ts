import { type ApiRequest, changeContext } from '../api/request.ts'
import { parseMoment, timestamp } from '../clock.ts'
import { insertRecord, updateRecord } from '../data/changes.ts'
import type { ActivityKind } from '../data/skeleton.ts'
import { type JsonObject, textOf } from '../json.ts'
import { fromRichText, toRichText } from './rich-text.ts'
import { checkedFields, moment, nullable, type Rules, recordId, userId } from './validate.ts'

const COMMON: Rules = {
  lead_id: recordId('lead'),
  contact_id: nullable(recordId('contact')),
  user_id: userId,
  created_by: userId,
  date_created: moment,
  activity_at: moment,
}

/** Computes fields from the others. */
export type Derive = (fields: JsonObject, request: ApiRequest) => JsonObject

/** Checks and adds an activity of that kind. @throws ApiError 400 */
export function createActivity(
  request: ApiRequest,
  kind: ActivityKind,
  rules: Rules,
  required: readonly string[],
  defaults: JsonObject,
  derive: Derive = () => ({}),
): JsonObject {
  const { organization, user } = request.caller
  const fields = checkedFields(request.body, { ...COMMON, ...rules }, organization, required)
  for (const field of ['date_created', 'activity_at']) {
    const sent = textOf(fields, field)
    if (sent !== null) fields[field] = timestamp(parseMoment(sent) ?? request.nowMs)
  }
  return insertRecord(changeContext(request), 'activity', {
    _type: kind,
    contact_id: null,
    user_id: user.id,
    users: [],
    ...defaults,
    ...fields,
    ...richNote(fields),
    ...derive(fields, request),
    date_updated: textOf(fields, 'date_created') ?? timestamp(request.nowMs),
  })
}

/** Checks and changes an activity. @throws ApiError 400 */
export function updateActivity(
  request: ApiRequest,
  row: number,
  before: JsonObject,
  rules: Rules,
  derive: Derive = () => ({}),
): JsonObject {
  const fields = checkedFields(request.body, rules, request.caller.organization)
  const changes = { ...fields, ...richNote(fields), ...derive({ ...before, ...fields }, request) }
  return updateRecord(changeContext(request), 'activity', row, changes)
}

/** One of note and note_html overwrites the other; note_html wins. */
function richNote(fields: JsonObject): JsonObject {
  const html = textOf(fields, 'note_html')
  if (html !== null) return { note_html: html, note: fromRichText(html) }
  const note = textOf(fields, 'note')
  return note === null ? {} : { note, note_html: toRichText(note) }
}

/** Pinning also sets the time of the pin. */
export function pinning(fields: JsonObject, { nowMs }: ApiRequest): JsonObject {
  if (fields['pinned'] === true) return { pinned_at: textOf(fields, 'pinned_at') ?? timestamp(nowMs) }
  return fields['pinned'] === false ? { pinned_at: null } : {}
}
