import { invalid } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { type ApiRequest, type Handler, ok } from '../api/request.ts'
import { shapeOf } from '../data/changes.ts'
import { TableMemo } from '../data/memo.ts'
import { objectKind } from '../data/object-kinds.ts'
import { type Order, rowsInOrder } from '../data/ordering.ts'
import { present } from '../data/shapes.ts'
import { isObject, type Json, type JsonObject, listOf, numberOf } from '../json.ts'
import type { Cursors, SearchPosition } from './cursors.ts'
import { type CompiledQuery, compileQuery, fieldName, type QueryContext } from './query.ts'
import { recordSubject } from './subjects.ts'

/** The most objects of one walk, however often its cursor is followed. */
const WALK_CAP = 10_000

const MAX_LIMIT = 200
const DEFAULT_LIMIT = 100

/** A search without its page. */
interface Question {
  readonly context: QueryContext
  readonly query: CompiledQuery
  readonly orders: readonly Order[]
  /** How many objects the walk may give in all. */
  readonly cap: number
  readonly body: JsonObject
}

const counts = new TableMemo<number>()

/** The handler of `POST /data/search/`. */
export function searchHandler(cursors: Cursors): Handler {
  return (request) => ok(search(request, cursors))
}

function search(request: ApiRequest, cursors: Cursors): JsonObject {
  const { organization } = request.caller
  const question = readQuestion(request)
  const limit = wholeNumber(request.body, '_limit', DEFAULT_LIMIT)
  if (limit > MAX_LIMIT) throw invalid({ _limit: `Input should be less than or equal to ${MAX_LIMIT}` })
  const token = request.body['cursor']
  if (token !== undefined && token !== null && typeof token !== 'string')
    throw invalid({ cursor: 'Invalid cursor' })
  const start: SearchPosition = token
    ? cursors.take(token, organization.id, question.body, request.nowMs)
    : firstPosition(question)
  const size = Math.min(limit, question.cap - start.given)
  const { rows, next } = walk(question, start, size)
  const answer: JsonObject = { data: rows.map((row) => resultRow(question, row, request.body)) }
  if (request.body['results_limit'] !== 0) {
    answer['cursor'] = next && cursors.issue(organization.id, question.body, next, request.nowMs)
  }
  if (request.body['include_counts'] === true) {
    const total = countMatches(question)
    const wanted = numberOf(request.body, 'results_limit')
    answer['count'] = { limited: Math.min(total, wanted ?? total), total }
  }
  return answer
}

const PARTS = ['query', 'sort', '_fields', '_limit', 'cursor', 'results_limit', 'include_counts']

function readQuestion({ caller, body, nowMs, offsetHours }: ApiRequest): Question {
  const unread = Object.keys(body).find((name) => !PARTS.includes(name))
  if (unread !== undefined) throw notServed(`${unread} here`)
  const context = { organization: caller.organization, userId: caller.user.id, nowMs, offsetHours }
  requireFields(body['_fields'])
  const counts = body['include_counts']
  if (counts !== undefined && counts !== null && typeof counts !== 'boolean')
    throw invalid({ include_counts: 'Input should be a valid boolean' })
  const query = compileQuery(body['query'], context)
  const resultsLimit =
    body['results_limit'] === null ? WALK_CAP : wholeNumber(body, 'results_limit', WALK_CAP)
  const { cursor: _cursor, _limit, ...rest } = body
  return {
    context,
    query,
    orders: readOrders(body['sort'], query, context),
    cap: Math.min(WALK_CAP, resultsLimit),
    body: rest,
  }
}

/** @throws ApiError 400 unless they are lists of names by object type */
function requireFields(fields: Json | undefined): void {
  if (fields === undefined || fields === null) return
  const isNames = (names: Json) => Array.isArray(names) && names.every((name) => typeof name === 'string')
  if (!isObject(fields) || !Object.values(fields).every(isNames))
    throw invalid({ _fields: 'Input should be lists of names by object type' })
  const unknown = Object.keys(fields).find((word) => objectKind(word) === undefined)
  if (unknown !== undefined) throw invalid({ _fields: `Unknown object type: ${unknown}` })
}

/** Results can be sorted by numbers, dates and texts directly on the object. */
function readOrders(sort: Json | undefined, query: CompiledQuery, context: QueryContext): Order[] {
  if (sort === undefined || sort === null) return []
  if (!Array.isArray(sort)) throw invalid({ sort: 'Input should be a valid list' })
  return sort.map((entry) => {
    const direction = isObject(entry) ? entry['direction'] : undefined
    if (!isObject(entry) || (direction !== 'asc' && direction !== 'desc')) {
      throw invalid({ sort: 'Each entry needs a direction (asc or desc) and a field.' })
    }
    return { field: fieldName(entry['field'], query.word, context), descending: direction === 'desc' }
  })
}

const NEWEST_FIRST: Order = { field: 'date_created', descending: true }

/** The index with the wanted order, if there is one. */
function indexedOrder({ query, orders, context }: Question): Order | null {
  const [order = NEWEST_FIRST] = orders
  const { dateFields } = context.organization.tables[query.kind.table]
  return orders.length <= 1 && dateFields.includes(order.field) ? order : null
}

function firstPosition(question: Question): SearchPosition {
  if (indexedOrder(question)) return { after: null, snapshot: null, given: 0 }
  const { context, query, orders } = question
  const rows = rowsInOrder(context.organization, query.kind.table, orders)
  return { after: null, snapshot: { rows, position: 0 }, given: 0 }
}

function walk(
  question: Question,
  start: SearchPosition,
  size: number,
): { rows: number[]; next: SearchPosition | null } {
  const { context, query, cap } = question
  const table = context.organization.tables[query.kind.table]
  const isMatch = rowTest(question)
  const rows: number[] = []
  const given = (): number => start.given + rows.length
  if (start.snapshot) {
    const { rows: order, position } = start.snapshot
    for (let at = position; at < order.length; at += 1) {
      const row = order[at]
      // Rows that were deleted since the walk began are skipped.
      if (row === undefined || !table.exists(row) || !isMatch(row)) continue
      if (rows.length === size)
        return {
          rows,
          next: nextOf({ after: null, snapshot: { rows: order, position: at }, given: given() }, cap, size),
        }
      rows.push(row)
    }
    return { rows, next: null }
  }
  const order = indexedOrder(question) ?? NEWEST_FIRST
  const index = table.inOrder(order.field)
  const [from, to] = bounds(question, order.field)
  const step = order.descending ? -1 : 1
  let at = order.descending ? index.positionOf(to) - 1 : index.positionOf(from)
  if (start.after) {
    const position = index.positionOf(start.after.key, start.after.row)
    const isThere = index.at(position) === start.after.row
    if (order.descending) at = Math.min(at, position - 1)
    else at = Math.max(at, isThere ? position + 1 : position)
  }
  let last = start.after
  for (let row = index.at(at); row !== undefined; at += step, row = index.at(at)) {
    const key = table.dateOf(order.field, row)
    if (order.descending ? key < from : key >= to) break
    if (!isMatch(row)) continue
    if (rows.length === size)
      return { rows, next: nextOf({ after: last, snapshot: null, given: given() }, cap, size) }
    rows.push(row)
    last = { key, row }
  }
  return { rows, next: null }
}

/** At its cap a walk ends as if there were no more results. */
function nextOf(position: SearchPosition, cap: number, size: number): SearchPosition | null {
  return position.given >= cap || size === 0 ? null : position
}

/** The range of the sort field that the query allows. */
function bounds({ query }: Question, field: string): [number, number] {
  const windows = query.windows.filter((window) => window.field === field)
  return [Math.max(...windows.map(({ fromMs }) => fromMs)), Math.min(...windows.map(({ toMs }) => toMs))]
}

/** Tests a row; date ranges and kinds first, since they need no record. */
function rowTest({ context, query }: Question): (row: number) => boolean {
  const { organization } = context
  const { kind, windows, matches } = query
  const table = organization.tables[kind.table]
  return (row) => {
    if (!table.isSearchable(row, context.nowMs)) return false
    if (kind.kinds !== null && !kind.kinds.includes(table.kindOf(row))) return false
    for (const { field, fromMs, toMs } of windows) {
      const time = table.dateOf(field, row)
      if (time < fromMs || time >= toMs) return false
    }
    return matches === null || matches(recordSubject(organization, kind.table, table.record(row)))
  }
}

function countMatches(question: Question): number {
  const table = question.context.organization.tables[question.query.kind.table]
  const count = (): number => {
    const isMatch = rowTest(question)
    let matches = 0
    for (const row of table.rows()) if (isMatch(row)) matches += 1
    return matches
  }
  // The minute is part of the key because a query may refer to now.
  const minute = Math.floor(question.context.nowMs / 60_000)
  return counts.get(
    table,
    JSON.stringify([question.body['query'] ?? null, question.context.userId, minute]),
    count,
  )
}

/** `__object_type`, `id`, and what `_fields` asks for that object type. */
function resultRow({ context, query }: Question, row: number, body: JsonObject): JsonObject {
  const { organization } = context
  const record = organization.tables[query.kind.table].record(row)
  const wanted = isObject(body['_fields']) ? listOf(body['_fields'], query.word) : []
  const fields = new Set(['id', ...wanted.filter((field) => typeof field === 'string')])
  return {
    __object_type: query.word,
    ...present(shapeOf(query.kind.table, record), record, organization, fields),
  }
}

function wholeNumber(body: JsonObject, name: string, fallback: number): number {
  const value = body[name]
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw invalid({ [name]: 'Input should be a valid integer' })
  }
  return value
}
