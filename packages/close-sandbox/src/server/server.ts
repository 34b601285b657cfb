import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { API_ROOT, answerApi } from '../api/api.ts'
import { CONTROL_ROOT, type ControlApi } from '../control/control-api.ts'
import type { Fault } from '../control/faults.ts'
import {
  BodyTooLarge,
  type HttpAnswer,
  type HttpRequest,
  jsonAnswer,
  readBody,
  sendAnswer,
} from '../http/http.ts'
import type { LoggedRequest } from '../http/request-log.ts'
import { isObject, listOf, parseJson } from '../json.ts'
import { authorizeEndpoint } from '../oauth/authorize-endpoint.ts'
import { authorizationServerMetadata } from '../oauth/metadata.ts'
import { registerEndpoint } from '../oauth/register-endpoint.ts'
import { revokeEndpoint, tokenEndpoint } from '../oauth/token-endpoint.ts'
import { apiKeysPage } from '../pages/api-keys-page.ts'
import { oauthAppsPage } from '../pages/oauth-apps-page.ts'
import { appsPath, keysPath } from '../pages/settings-frame.ts'
import type { World } from '../world.ts'
import { indexPage } from './index-page.ts'

const BODY_LIMIT_BYTES = 10 * 1024 * 1024

/** The HTTP server of a sandbox, not listening yet. */
export function createSandboxServer(world: World, control: ControlApi): Server {
  const server = createServer((request, response) => {
    serve(world, control, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : 'unknown'
      if (!response.headersSent)
        sendAnswer(response, jsonAnswer(500, { error: `The sandbox failed: ${message}` }))
      else response.destroy()
    })
  })
  // Longer than clients keep idle connections, so that none is closed just as a client uses it again.
  server.keepAliveTimeout = 75_000
  return server
}

async function serve(
  world: World,
  control: ControlApi,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = requestUrl(incoming)
  if (!url) return sendAnswer(response, jsonAnswer(400, { error: 'The URL cannot be read.' }))
  const method = incoming.method ?? 'GET'
  if (url.pathname.startsWith(CONTROL_ROOT)) {
    const request = {
      method,
      url,
      headers: incoming.headers,
      body: await readBody(incoming, BODY_LIMIT_BYTES),
    }
    return sendAnswer(response, control.answer(request))
  }
  const entry = world.log.begin(method, url.pathname, url.search.slice(1), world.clock.now())
  response.setHeader('date', new Date(world.clock.now()).toUTCString())
  response.on('close', () => {
    if (entry.outcome === 'open') entry.outcome = 'abandoned'
  })
  let body: string
  try {
    body = await readBody(incoming, BODY_LIMIT_BYTES)
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error
    return finish(
      response,
      entry,
      jsonAnswer(413, { error: 'The request is too large.' }, { connection: 'close' }),
    )
  }
  const request = { method, url, headers: incoming.headers, body }
  const fault = world.faults.take(method, url.pathname, body)
  entry.fault = fault?.kind ?? null
  const waitMs =
    (isTimed(url.pathname) ? world.latencyMs : 0) + (fault?.kind === 'delay' ? (fault.delayMs ?? 0) : 0)
  if (waitMs > 0) await delay(waitMs)
  if (fault && !isPlayedOnAnswer(fault)) return play(fault, response, entry)
  const answer = answerFor(world, request, entry, requestOrigin(incoming))
  if (answer.status === 200) world.listPageScripts.pageRead(method, url.pathname)
  if (fault && fault.kind !== 'delay') return play(fault, response, entry, answer)
  finish(response, entry, answer)
}

function answerFor(world: World, request: HttpRequest, entry: LoggedRequest, origin: string): HttpAnswer {
  const { pathname } = request.url
  if (pathname.startsWith(`${API_ROOT}/`)) return answerApi(request, entry.number, world, entry)
  // Close's own pages are found with and without their last slash.
  switch (pathname.startsWith('/settings/') ? pathname.replace(/\/?$/, '/') : pathname) {
    case '/':
      return indexPage(world, origin)
    case '/oauth2/authorize/':
      if (request.method !== 'GET' && request.method !== 'POST') return methodNotAllowed('GET, POST')
      return authorizeEndpoint(request, world)
    case keysPath:
      if (request.method !== 'GET' && request.method !== 'POST') return methodNotAllowed('GET, POST')
      return apiKeysPage(request, world)
    case appsPath:
      if (request.method !== 'GET' && request.method !== 'POST') return methodNotAllowed('GET, POST')
      return oauthAppsPage(request, world)
    case '/oauth2/token/':
      if (request.method !== 'POST') return methodNotAllowed('POST')
      return tokenEndpoint(request, world.grants, world.clock, entry)
    case '/oauth2/revoke/':
      if (request.method !== 'POST') return methodNotAllowed('POST')
      return revokeEndpoint(request, world.grants, entry)
    case '/oauth2/register/':
      if (request.method !== 'POST') return methodNotAllowed('POST')
      return registerEndpoint(request, world.grants, world.clock.now())
    case '/.well-known/oauth-authorization-server':
      return jsonAnswer(200, authorizationServerMetadata(origin))
    default:
      return jsonAnswer(404, {
        error: 'The requested URL was not found on the server. Check the spelling of the path.',
      })
  }
}

/** Whether the request takes effect before the fault. */
function isPlayedOnAnswer({ kind, when }: Fault): boolean {
  return when === 'after' || kind === 'delay' || kind === 'cut' || kind === 'omit' || kind === 'twice'
}

/** Plays the ordered fault on a request. */
function play(fault: Fault, response: ServerResponse, entry: LoggedRequest, answer?: HttpAnswer): void {
  switch (fault.kind) {
    case 'cut':
      entry.outcome = 'dropped'
      cutAnswer(response, answer)
      return
    case 'omit':
    case 'twice':
      if (answer) finish(response, entry, { ...answer, body: spoilt(fault, answer.body) })
      return
    case 'hang':
      entry.outcome = 'hanging'
      return
    case 'drop':
      entry.outcome = 'dropped'
      response.destroy()
      return
    case 'nonsense':
      finish(response, entry, {
        status: 200,
        headers: { 'content-type': 'application/json', ...fault.headers },
        body: fault.body ?? '{"token_type": "Bea\u0000<html>',
      })
      return
    default: {
      const status = fault.status ?? 500
      const body = fault.body ?? JSON.stringify({ error: 'This fault was ordered.' })
      finish(response, entry, {
        status,
        headers: { 'content-type': 'application/json', ...fault.headers },
        body,
      })
    }
  }
}

/** All headers, half the body, and the end of the connection. */
function cutAnswer(response: ServerResponse, answer: HttpAnswer | undefined): void {
  const bytes = Buffer.from(answer?.body ?? '{}')
  response.writeHead(answer?.status ?? 200, { ...answer?.headers, 'content-length': bytes.length })
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}

/** The answer's body without some members, or with its first record twice. */
function spoilt({ kind, members = [] }: Fault, body: string): string {
  const value = parseJson(body)
  if (!isObject(value)) return body
  const list = listOf(value, 'data')
  const changed = kind === 'twice' ? { ...value, data: [...list.slice(0, 1), ...list] } : value
  return JSON.stringify(
    Object.fromEntries(Object.entries(changed).filter(([name]) => !members.includes(name))),
  )
}

function finish(response: ServerResponse, entry: LoggedRequest, answer: HttpAnswer): void {
  entry.status = answer.status
  entry.outcome = 'answered'
  sendAnswer(response, answer)
}

function isTimed(path: string): boolean {
  return path.startsWith(API_ROOT) || path === '/oauth2/token/' || path === '/oauth2/revoke/'
}

function requestUrl(incoming: IncomingMessage): URL | null {
  const target = incoming.url ?? '/'
  return target.startsWith('/') && URL.canParse(target, 'http://sandbox')
    ? new URL(target, 'http://sandbox')
    : null
}

/** The address under which the client reached the sandbox. */
function requestOrigin(incoming: IncomingMessage): string {
  const origin = `http://${incoming.headers.host ?? 'localhost'}`
  return URL.canParse(origin) ? new URL(origin).origin : 'http://localhost'
}

function methodNotAllowed(allow: string): HttpAnswer {
  return jsonAnswer(405, { error: 'The method is not allowed for the requested URL.' }, { allow })
}
