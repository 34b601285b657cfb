import { type Clock, respelled, type TimestampSpelling } from '../clock.ts'
import { type HttpAnswer, type HttpRequest, jsonAnswer, mediaType, redirectAnswer } from '../http/http.ts'
import type { LogNotes } from '../http/request-log.ts'
import { isObject, type JsonObject, parseJson } from '../json.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import type { Refusals } from '../limits/refusals.ts'
import { fixedId, NEWER_LENGTH } from '../record-ids.ts'
import { type Authorities, authenticate } from './authenticate.ts'
import { ApiError, forbidden, invalid, invalidJson, planLimit, unsupportedMediaType } from './errors.ts'
import { notServed } from './not-served.ts'
import { QueryParams } from './query-params.ts'
import type { ApiRequest, Caller } from './request.ts'
import type { Router } from './router.ts'

export const API_ROOT = '/api/v1'

/** What the REST API works with. */
export interface ApiContext extends Authorities {
  readonly clock: Clock
  readonly limits: RateLimits
  readonly refusals: Refusals
  /** How every date and time of an answer is written. */
  readonly timestamps: TimestampSpelling
  readonly router: Router
  readonly seed: string
}

/** Answers a request below `/api/v1`. Refusals come back as answers, in one of Close's two shapes. */
export function answerApi(
  request: HttpRequest,
  requestNumber: number,
  context: ApiContext,
  notes: LogNotes,
): HttpAnswer {
  let limitHeaders: Readonly<Record<string, string>> = {}
  try {
    const path = request.url.pathname.slice(API_ROOT.length)
    if (!path.endsWith('/')) return redirectAnswer(308, `${request.url.pathname}/${request.url.search}`)
    const nowMs = context.clock.now()
    const caller = authenticate(request, context, nowMs)
    noteCaller(notes, caller)
    const verdict = takeFromLimits(request.method, path, caller, context, nowMs)
    limitHeaders = verdict.headers
    notes.askedToWaitMs = verdict.askedToWaitMs
    if (!verdict.allowed) throw new ApiError(429, { error: 'Too many requests. Wait before calling again.' })
    const refusal = context.refusals.of(request.method, request.url.pathname, caller.organization.id)
    if (refusal) throw refusal.status === 402 ? planLimit(refusal.error) : forbidden(refusal.error)
    const sentBody = readJsonBody(request)
    const overridden = request.headers['x-http-method-override']?.toString().toUpperCase() === 'GET'
    const isRead = request.method === 'HEAD' || (request.method === 'POST' && overridden)
    const method = isRead ? 'GET' : request.method
    const sentQuery = request.url.searchParams
    const query = new QueryParams(overridden ? withParams(sentQuery, sentBody) : sentQuery)
    const { handler, params } = context.router.find(method, path)
    // A bulk update of tasks is found by its parameters.
    if (method !== 'GET' && path !== '/task/') query.refuseInWrite()
    const apiRequest: ApiRequest = {
      caller,
      method: request.method,
      path: request.url.pathname,
      params,
      query,
      body: sentBody,
      nowMs,
      requestId: fixedId('req', context.seed, String(requestNumber), NEWER_LENGTH),
      offsetHours: offsetOf(request),
    }
    const { status, body, headers } = handler(apiRequest)
    if (method === 'GET') query.refuseUnread()
    const answer = jsonAnswer(status, body, { ...limitHeaders, ...headers })
    return { ...answer, body: respelled(answer.body, context.timestamps) }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return jsonAnswer(error.status, error.body, { ...limitHeaders, ...error.headers })
  }
}

function noteCaller(notes: LogNotes, caller: Caller): void {
  notes.apiKeyId = caller.apiKeyId
  notes.clientId = caller.oauthClientId
  notes.grantId = caller.grantId
  notes.userId = caller.user.id
  notes.organizationId = caller.organization.id
}

function takeFromLimits(method: string, path: string, caller: Caller, { limits }: ApiContext, nowMs: number) {
  const callerId = caller.apiKeyId ?? caller.grantId ?? ''
  const group = `${method} ${path.split('/')[1] ?? ''}`
  return limits.take(callerId, caller.organization.id, group, nowMs)
}

/** @throws ApiError 415 when the body is not declared as JSON, 400 when it is not a JSON object */
function readJsonBody(request: HttpRequest): JsonObject {
  if (request.body === '' || request.method === 'GET') return {}
  if (mediaType(request) !== 'application/json') throw unsupportedMediaType()
  const body = parseJson(request.body)
  if (!isObject(body)) throw invalidJson()
  return body
}

/** `x-http-method-override: GET` on a POST: the filters travel in `_params` of the body. */
function withParams(query: URLSearchParams, body: JsonObject): URLSearchParams {
  const merged = new URLSearchParams(query)
  const { _params: params = {}, ...others } = body
  const [unread] = Object.keys(others)
  if (unread !== undefined) throw notServed(`${unread} beside _params`)
  if (!isObject(params)) throw invalid({ _params: 'Input should be a valid object' })
  for (const [name, value] of Object.entries(params)) {
    merged.set(name, Array.isArray(value) ? value.join() : String(value))
  }
  return merged
}

/** @throws ApiError 400: the days of the answer would be others */
function offsetOf(request: HttpRequest): number {
  const hours = Number(request.headers['x-tz-offset'] ?? 0)
  if (!Number.isFinite(hours) || Math.abs(hours) > 14)
    throw invalid({}, ['x-tz-offset should be a number of hours.'])
  return hours
}
