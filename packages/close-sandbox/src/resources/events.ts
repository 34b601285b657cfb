import { ApiError, invalid, notFound } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { type ApiRequest, type Endpoints, ok } from '../api/request.ts'
import { parseMoment } from '../clock.ts'
import type { EventLog } from '../events/event-log.ts'
import { type JsonObject, textOf } from '../json.ts'
import { type Filter, passes, readFilters, requireChoice, valuesOf } from './filters.ts'

const MAX_LIMIT = 50
const ADMIN_ONLY_AFTER_MS = 3_600_000

const EXACT = ['object_type', 'object_id', 'action', 'lead_id', 'user_id', 'request_id']

const RANGES = ['date_updated__lt', 'date_updated__lte', 'date_updated__gt', 'date_updated__gte']

const ACTIONS = [
  ...['created', 'updated', 'deleted', 'merged', 'completed', 'sent', 'answered', 'scheduled', 'started'],
  ...['canceled', 'activated', 'deactivated', 'paused', 'reverting', 'reverted'],
]

/** The exact filters that may be combined; dates may join any of them. */
const COMBINATIONS = [
  '',
  'object_id,object_type',
  'action,object_type',
  'action,object_id',
  'lead_id',
  'lead_id,object_type',
  'action,lead_id,object_type',
  'lead_id,user_id',
  'lead_id,object_type,user_id',
  'action,lead_id,object_type,user_id',
  'user_id',
  'object_id,user_id',
  'action,object_id,user_id',
  'object_type,user_id',
  'action,object_type,user_id',
  'request_id',
]

export const eventEndpoints: Endpoints = {
  '/event/': { GET: (request) => ok(listEvents(request)) },
  '/event/{id}/': {
    GET: (request) => {
      const event = recentEvents(request).find((each) => each['id'] === request.params['id'])
      if (!event) throw notFound()
      return ok(visible(event, request))
    },
  },
}

function recentEvents({ caller, nowMs }: ApiRequest): readonly JsonObject[] {
  const log: EventLog = caller.organization.events
  return log.recent(nowMs)
}

/**
 * Newest first. A cursor names the event where the page continues, so events that are logged meanwhile shift nothing.
 */
function listEvents(request: ApiRequest): JsonObject {
  if (request.query.has('_skip')) throw notServed('the parameter _skip here')
  const limitText = request.query.get('_limit') ?? String(MAX_LIMIT)
  const limit = /^\d+$/.test(limitText) ? Number(limitText) : 0
  if (limit < 1 || limit > MAX_LIMIT) throw invalid({ _limit: `Input should be between 1 and ${MAX_LIMIT}` })
  const filters = readFilters(request.query, [...EXACT, ...RANGES])
  checkCombination(filters)
  for (const filter of filters) {
    if (filter.field === 'action') requireChoice('action', valuesOf(filter), ACTIONS)
  }
  const matching = recentEvents(request)
    .filter((event) => filters.every((filter) => passes(filter, event, (of, field) => of[field])))
    .toReversed()
  const start = startOf(request.query.get('_cursor'), matching, limit)
  const data = matching.slice(start, start + limit)
  const last = data.at(-1)
  const [first] = data
  return {
    data: data.map((event) => visible(event, request)),
    cursor_next: last && start + limit < matching.length ? cursorFor('older', last) : null,
    cursor_previous: first && start > 0 ? cursorFor('newer', first) : null,
  }
}

function checkCombination(filters: readonly Filter[]): void {
  const names = filters.filter(({ comparison }) => comparison === 'is').map(({ field }) => field)
  if (!COMBINATIONS.includes(names.sort().join())) {
    throw invalid({}, [`These filters cannot be combined: ${names.join(', ')}`])
  }
}

function cursorFor(direction: 'older' | 'newer', event: JsonObject): string {
  const place = [direction, textOf(event, 'date_updated'), textOf(event, 'id')].join('|')
  return Buffer.from(place).toString('base64url')
}

function startOf(cursor: string | null, matching: readonly JsonObject[], limit: number): number {
  if (cursor === null || cursor === '') return 0
  const [direction, date, id] = Buffer.from(cursor, 'base64url').toString('utf8').split('|')
  const timeMs = parseMoment(date ?? '')
  if ((direction !== 'older' && direction !== 'newer') || timeMs === null) {
    throw new ApiError(400, { 'field-errors': { _cursor: 'Invalid cursor' } })
  }
  // A consolidated event moves to the front. Then its earlier place counts.
  const known = matching.findIndex((event) => event['id'] === id)
  const place =
    known >= 0
      ? known
      : matching.findIndex((event) => (parseMoment(textOf(event, 'date_updated') ?? '') ?? 0) <= timeMs)
  if (direction === 'older') {
    if (known >= 0) return known + 1
    return place < 0 ? matching.length : place
  }
  return Math.max(0, (place < 0 ? matching.length : place) - limit)
}

/** A member who is not an admin sees the content of an object only for an hour. */
function visible(event: JsonObject, { caller, nowMs }: ApiRequest): JsonObject {
  const { accounts, id } = caller.organization
  if (accounts.hasPermission(caller.user.id, id, 'manage_organization')) return event
  const ageMs = nowMs - (parseMoment(textOf(event, 'date_updated') ?? '') ?? 0)
  if (ageMs < ADMIN_ONLY_AFTER_MS) return event
  const { data: _data, previous_data: _previous, ...rest } = event
  return rest
}
