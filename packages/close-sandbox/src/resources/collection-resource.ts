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
import { type JsonObject, numberOf, textOf } from '../json.ts'
import { type CollectionKind, changeIn, insertInto, removeFrom, updatedAt } from './collection-changes.ts'
import { passes, readFilters } from './filters.ts'
import { type PageLimits, pageRequest } from './paging.ts'
import { checkedFields, type Rules } from './validate.ts'

/** How records of a small collection are made and changed through the API. */
export interface CollectionWrites {
  readonly createStatus: 200 | 201
  readonly deleteStatus: 200 | 204
  readonly rules: Rules
  readonly required: readonly string[]
  readonly permission: Permission | null
  /** Values for the fields of a new record that were not sent. */
  readonly defaults: (request: ApiRequest, fields: JsonObject) => JsonObject
  /** Fields that depend on the change: recomputed after every update. */
  readonly derive?: (request: ApiRequest, fields: JsonObject) => JsonObject
  /** @throws ApiError when it cannot be deleted */
  readonly checkRemove?: (request: ApiRequest, record: JsonObject) => void
}

/** The endpoints of a small collection: statuses, custom fields, smart views, ... */
export interface CollectionResource extends CollectionKind {
  readonly path: string
  /** Null: the whole list is one answer, whatever `_limit` and `_skip` say. */
  readonly paging: PageLimits | null
  /** Whether the list says `has_more`. */
  readonly hasMore: boolean
  /** Whether `_fields` selects fields. */
  readonly selectsFields: boolean
  readonly filters?: readonly string[]
  /** Of a list: the latest change first, so that records move while somebody pages; or by position. Default: as created. */
  readonly order?: 'latest' | 'position'
  /** Who may read it; default everybody. */
  readonly readPermission?: Permission
  /** Whether a record has an address of its own; default yes. */
  readonly hasSingle?: boolean
  /** A further condition on the records of a list. @throws ApiError 400 when a filter is missing */
  readonly scope?: (request: ApiRequest) => ((record: JsonObject) => boolean) | null
  /** The answer of one record, where it says more than a row of the list. */
  readonly showOne?: (record: JsonObject, request: ApiRequest) => JsonObject
  /** Null: it can only be read. */
  readonly writes: CollectionWrites | null
}

export function collectionEndpoints(resource: CollectionResource): Endpoints {
  const { writes } = resource
  const collection: Record<string, Handler> = { GET: (request) => ok(listRecords(resource, request)) }
  const single: Record<string, Handler> = {
    GET: (request) => {
      if (resource.readPermission) requirePermission(request, resource.readPermission)
      return ok(showOne(resource, findRecord(resource, request), request))
    },
  }
  if (writes) {
    collection['POST'] = (request) => {
      const record = createRecord(resource, writes, request)
      const body = showOne(resource, record, request)
      if (writes.createStatus === 200) return ok(body)
      return { status: 201, body, headers: { location: `${request.path}${textOf(record, 'id')}/` } }
    }
    single['PUT'] = (request) => ok(showOne(resource, updateRecord(resource, writes, request), request))
    single['DELETE'] = (request) => {
      const record = findRecord(resource, request)
      if (writes.permission) requirePermission(request, writes.permission)
      writes.checkRemove?.(request, record)
      removeFrom(resource, changeContext(request), record)
      return writes.deleteStatus === 204 ? { status: 204 } : ok({})
    }
  }
  if (resource.hasSingle === false) return { [resource.path]: collection }
  return { [resource.path]: collection, [`${resource.path}{id}/`]: single }
}

/** They must be numbers, and count for nothing. */
const unpaged: PageLimits = { maxLimit: Number.POSITIVE_INFINITY, maxSkip: Number.POSITIVE_INFINITY }

function listRecords(resource: CollectionResource, request: ApiRequest): JsonObject {
  const { organization } = request.caller
  if (resource.readPermission) requirePermission(request, resource.readPermission)
  const inScope = resource.scope?.(request)
  const filters = readFilters(request.query, resource.filters ?? [])
  const records = organization.settings[resource.collection]
    .all()
    .filter((record) => resource.includes?.(record) ?? true)
    .filter((record) => inScope?.(record) ?? true)
    .filter((record) => filters.every((filter) => passes(filter, record, (of, field) => of[field])))
  sort(resource, records)
  const asked = pageRequest(request.query, resource.paging ?? unpaged)
  const { limit, skip } = resource.paging ? asked : { limit: records.length, skip: 0 }
  return {
    data: records.slice(skip, skip + limit).map((record) => show(resource, record, request)),
    ...(resource.hasMore ? { has_more: records.length > skip + limit } : {}),
  }
}

function sort(resource: CollectionResource, records: JsonObject[]): void {
  if (resource.order === 'position') {
    records.sort((left, right) => (numberOf(left, 'position') ?? 0) - (numberOf(right, 'position') ?? 0))
  }
  if (resource.order === 'latest') {
    records.reverse().sort((left, right) => {
      const [first, second] = [updatedAt(resource, left), updatedAt(resource, right)]
      return first === second ? 0 : first < second ? 1 : -1
    })
  }
}

function createRecord(
  resource: CollectionResource,
  { permission, rules, required, defaults, derive }: CollectionWrites,
  request: ApiRequest,
): JsonObject {
  if (permission) requirePermission(request, permission)
  const fields = checkedFields(request.body, rules, request.caller.organization, required)
  return insertInto(resource, changeContext(request), {
    ...defaults(request, fields),
    ...fields,
    ...derive?.(request, fields),
  })
}

function updateRecord(
  resource: CollectionResource,
  { permission, rules, derive }: CollectionWrites,
  request: ApiRequest,
): JsonObject {
  const before = findRecord(resource, request)
  if (permission) requirePermission(request, permission)
  const fields = checkedFields(request.body, rules, request.caller.organization)
  return changeIn(resource, changeContext(request), before, { ...fields, ...derive?.(request, fields) })
}

/** The record that the path names. @throws ApiError 404 */
function findRecord(resource: CollectionResource, { caller, params }: ApiRequest): JsonObject {
  const record = caller.organization.settings[resource.collection].get(params['id'] ?? '')
  if (!record || resource.includes?.(record) === false) throw notFound()
  return record
}

function show(resource: CollectionResource, record: JsonObject, request: ApiRequest): JsonObject {
  return selected(resource, resource.show?.(record, request.caller.organization) ?? record, request)
}

function showOne(resource: CollectionResource, record: JsonObject, request: ApiRequest): JsonObject {
  if (!resource.showOne) return show(resource, record, request)
  return selected(resource, resource.showOne(record, request), request)
}

function selected(resource: CollectionResource, shown: JsonObject, request: ApiRequest): JsonObject {
  const fields = resource.selectsFields ? fieldsOf(request) : undefined
  if (!fields) return shown
  return Object.fromEntries(Object.entries(shown).filter(([field]) => fields.has(field)))
}
