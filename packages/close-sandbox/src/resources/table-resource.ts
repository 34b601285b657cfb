import { invalid, notFound } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { type ApiRequest, changeContext, type Endpoints, fieldsOf, type Handler, ok } from '../api/request.ts'
import { deleteRecord, shapeOf } from '../data/changes.ts'
import type { TableName } from '../data/organization.ts'
import { present } from '../data/shapes.ts'
import { type JsonObject, textOf } from '../json.ts'
import { readFilters } from './filters.ts'
import { type ListQuery, listPage } from './listing.ts'
import { type PageLimits, pageRequest } from './paging.ts'

/** The endpoints of records that live in a table. */
export interface TableResource {
  readonly path: string
  readonly table: TableName
  /** The `_type`s it serves; null: all. */
  readonly kinds: readonly string[] | null
  readonly limits: PageLimits
  /** Documented filter parameters, with their suffixes. */
  readonly filters: readonly string[]
  /** Fields by which `_order_by` may sort. */
  readonly orders: readonly string[]
  readonly defaultOrder: string
  /** Adjusts the list query: kinds from `_type`, and conditions beyond plain comparisons. */
  readonly refine?: (request: ApiRequest, query: ListQuery) => ListQuery
  /** More members of the list's envelope. */
  readonly extras?: (request: ApiRequest, query: ListQuery) => JsonObject
  /** Fields of a list row that depend on the request. */
  readonly rowExtras?: (record: JsonObject, request: ApiRequest) => JsonObject
  readonly create?: (request: ApiRequest) => JsonObject
  /** Newer resources answer 201 with the place of the new record, and 204 to a deletion. */
  readonly isNewer?: boolean
  readonly update?: (request: ApiRequest, row: number, record: JsonObject) => JsonObject
  /** Checks whether the caller may delete; null: there is no DELETE. */
  readonly remove: ((request: ApiRequest, record: JsonObject) => void) | null
}

/** The list, create, get, update and delete endpoints that the resource has. */
export function tableEndpoints(resource: TableResource): Endpoints {
  const collection: Record<string, Handler> = { GET: (request) => ok(list(resource, request)) }
  const single: Record<string, Handler> = {
    GET: (request) => {
      const { record } = find(resource, request)
      return ok(shown(resource, record, request))
    },
  }
  const { create, update, remove } = resource
  if (create) {
    collection['POST'] = (request) => {
      const record = create(request)
      const body = shown(resource, record, request)
      if (!resource.isNewer) return ok(body)
      return { status: 201, body, headers: { location: `${request.path}${textOf(record, 'id')}/` } }
    }
  }
  if (update) {
    single['PUT'] = (request) => {
      const { row, record } = find(resource, request)
      return ok(shown(resource, update(request, row, record), request))
    }
  }
  if (remove) {
    single['DELETE'] = (request) => {
      const { row, record } = find(resource, request)
      remove(request, record)
      deleteRecord(changeContext(request), resource.table, row)
      return resource.isNewer ? { status: 204 } : ok({})
    }
  }
  return { [resource.path]: collection, [`${resource.path}{id}/`]: single }
}

/** The record named by the path. @throws ApiError 404 */
export function find(
  { table, kinds }: Pick<TableResource, 'table' | 'kinds'>,
  { caller, params }: ApiRequest,
): { row: number; record: JsonObject } {
  const rows = caller.organization.tables[table]
  const row = rows.rowOf(params['id'] ?? '')
  if (row === undefined || (kinds !== null && !kinds.includes(rows.kindOf(row)))) throw notFound()
  return { row, record: rows.record(row) }
}

/** The list query of a request. @throws ApiError 400 */
export function listQuery(resource: TableResource, request: ApiRequest): ListQuery {
  const order = request.query.get('_order_by') ?? resource.defaultOrder
  const field = order.replace(/^-/, '')
  if (request.query.get('_order_by') && !resource.orders.includes(field)) {
    if (resource.orders.length === 0) throw notServed('the parameter _order_by here')
    throw invalid({ _order_by: `Input should be one of: ${resource.orders.join(', ')}` })
  }
  const query: ListQuery = {
    table: resource.table,
    kinds: resource.kinds,
    filters: readFilters(request.query, resource.filters),
    order: { field, descending: order.startsWith('-') },
    conditions: [],
  }
  return resource.refine?.(request, query) ?? query
}

function list(resource: TableResource, request: ApiRequest): JsonObject {
  const { organization } = request.caller
  const page = pageRequest(request.query, resource.limits)
  const query = listQuery(resource, request)
  const { rows, hasMore } = listPage(organization, query, page)
  const fields = fieldsOf(request)
  const data = rows.map((row) => {
    const record = organization.tables[resource.table].record(row)
    const shownRow = present(shapeOf(resource.table, record), record, organization, fields)
    return fields || !resource.rowExtras ? shownRow : { ...shownRow, ...resource.rowExtras(record, request) }
  })
  return { data, has_more: hasMore, ...resource.extras?.(request, query) }
}

function shown(resource: TableResource, record: JsonObject, request: ApiRequest): JsonObject {
  return present(shapeOf(resource.table, record), record, request.caller.organization, fieldsOf(request))
}
