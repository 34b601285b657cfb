import type { Permission } from '../accounts/roles.ts'
import { notFound } from '../api/errors.ts'
import {
  type ApiRequest,
  changeContext,
  type Endpoints,
  fieldsOf,
  type Handler,
  ok,
  requirePermission,
} from '../api/request.ts'
import { naiveTimestamp, timestamp } from '../clock.ts'
import type { Organization } from '../data/organization.ts'
import type { CollectionName } from '../data/settings.ts'
import { type JsonObject, textOf } from '../json.ts'
import { fixedId } from '../record-ids.ts'
import { passes, readFilters } from './filters.ts'
import { pageRequest, UNPUBLISHED_LIMITS } from './paging.ts'
import { checkedFields, type Rules } from './validate.ts'

/** The endpoints of a small collection: statuses, custom fields, smart views, ... */
export interface CollectionResource {
  readonly path: string
  readonly collection: CollectionName
  readonly idPrefix: string
  readonly idLength: number
  /** Its type in the event log. */
  readonly eventType: string
  /** Newer resources: a list without `has_more`, dates without an offset. */
  readonly isNewer: boolean
  readonly createStatus: 200 | 201
  readonly deleteStatus: 200 | 204
  readonly rules: Rules
  readonly required: readonly string[]
  readonly permission: Permission | null
  readonly hasDates: boolean
  readonly filters?: readonly string[]
  /** Selects the records of the collection that belong to this path. */
  readonly includes?: (record: JsonObject) => boolean
  /** Values for the fields of a new record that were not sent. */
  readonly defaults: (request: ApiRequest, fields: JsonObject) => JsonObject
  /** Makes the answer of a record. */
  readonly show?: (record: JsonObject, organization: Organization) => JsonObject
  /** Fields that depend on the change: recomputed after every update. */
  readonly derive?: (request: ApiRequest, fields: JsonObject) => JsonObject
  readonly checkList?: (request: ApiRequest) => void
  /** @throws ApiError when it cannot be deleted */
  readonly checkRemove?: (request: ApiRequest, record: JsonObject) => void
}

export function collectionEndpoints(resource: CollectionResource): Endpoints {
  const collection: Record<string, Handler> = {
    GET: (request) => ok(listRecords(resource, request)),
    POST: (request) => {
      const record = createRecord(resource, request)
      const body = show(resource, record, request)
      if (resource.createStatus === 200) return ok(body)
      const location = `${request.path}${textOf(record, 'id')}/`
      return { status: 201, body, headers: { location } }
    },
  }
  const single: Record<string, Handler> = {
    GET: (request) => ok(show(resource, findRecord(resource, request), request)),
    PUT: (request) => ok(show(resource, changeRecord(resource, request), request)),
    DELETE: (request) => {
      const record = findRecord(resource, request)
      if (resource.permission) requirePermission(request, resource.permission)
      resource.checkRemove?.(request, record)
      request.caller.organization.settings[resource.collection].remove(textOf(record, 'id') ?? '')
      log(resource, request, record, 'deleted', record)
      return resource.deleteStatus === 204 ? { status: 204 } : ok({})
    },
  }
  return { [resource.path]: collection, [`${resource.path}{id}/`]: single }
}

function listRecords(resource: CollectionResource, request: ApiRequest): JsonObject {
  resource.checkList?.(request)
  const { organization } = request.caller
  const filters = readFilters(request.query, resource.filters ?? [])
  const records = organization.settings[resource.collection]
    .all()
    .filter((record) => resource.includes?.(record) ?? true)
    .filter((record) => filters.every((filter) => passes(filter, record, (of, field) => of[field])))
  if (resource.isNewer) return { data: records.map((record) => show(resource, record, request)) }
  const { limit, skip } = pageRequest(request.query, UNPUBLISHED_LIMITS)
  return {
    data: records.slice(skip, skip + limit).map((record) => show(resource, record, request)),
    has_more: records.length > skip + limit,
  }
}

function createRecord(resource: CollectionResource, request: ApiRequest): JsonObject {
  if (resource.permission) requirePermission(request, resource.permission)
  const { organization, user } = request.caller
  const fields = checkedFields(request.body, resource.rules, organization, resource.required)
  const id = fixedId(
    resource.idPrefix,
    organization.id,
    `${request.requestId} ${resource.path}`,
    resource.idLength,
  )
  const now = resource.isNewer ? naiveTimestamp(request.nowMs) : timestamp(request.nowMs)
  const record: JsonObject = {
    id,
    organization_id: organization.id,
    ...(resource.hasDates
      ? { created_by: user.id, updated_by: user.id, date_created: now, date_updated: now }
      : {}),
    ...resource.defaults(request, fields),
    ...fields,
    ...resource.derive?.(request, fields),
  }
  organization.settings[resource.collection].put(id, record)
  log(resource, request, record, 'created', {})
  return record
}

function changeRecord(resource: CollectionResource, request: ApiRequest): JsonObject {
  const before = findRecord(resource, request)
  if (resource.permission) requirePermission(request, resource.permission)
  const { organization, user } = request.caller
  const fields = checkedFields(request.body, resource.rules, organization)
  const now = resource.isNewer ? naiveTimestamp(request.nowMs) : timestamp(request.nowMs)
  const after: JsonObject = {
    ...before,
    ...fields,
    ...resource.derive?.(request, fields),
    ...(resource.hasDates ? { updated_by: user.id, date_updated: now } : {}),
  }
  const previous: JsonObject = {}
  for (const field of Object.keys(fields)) previous[field] = before[field] ?? null
  organization.settings[resource.collection].put(textOf(after, 'id') ?? '', after)
  log(resource, request, after, 'updated', previous)
  return after
}

function findRecord(resource: CollectionResource, { caller, params }: ApiRequest): JsonObject {
  const record = caller.organization.settings[resource.collection].get(params['id'] ?? '')
  if (!record || resource.includes?.(record) === false) throw notFound()
  return record
}

function show(resource: CollectionResource, record: JsonObject, request: ApiRequest): JsonObject {
  const shown = resource.show?.(record, request.caller.organization) ?? record
  const fields = resource.isNewer ? undefined : fieldsOf(request)
  if (!fields) return shown
  return Object.fromEntries(Object.entries(shown).filter(([field]) => fields.has(field)))
}

function log(
  resource: CollectionResource,
  request: ApiRequest,
  record: JsonObject,
  action: 'created' | 'updated' | 'deleted',
  previous: JsonObject,
): void {
  const { organization } = request.caller
  organization.events.record(
    organization.id,
    {
      action,
      objectType: resource.eventType,
      objectId: textOf(record, 'id') ?? '',
      leadId: textOf(record, 'lead_id'),
      data: action === 'deleted' ? null : show(resource, record, request),
      previous,
    },
    changeContext(request).actor,
    request.nowMs,
  )
}
