import { CloseError } from './errors.ts'

export type CloseMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One query parameter; a list is joined by commas, `null` and `undefined` are left out. */
export type QueryValue = string | number | boolean | readonly (string | number)[] | null | undefined

export type CloseQuery = Readonly<Record<string, QueryValue>>

/** A request before authentication. `path` is below `/api/v1`, such as `/lead/` or `/lead/lead_.../`. */
export type CloseRequest = {
  method: CloseMethod
  path: string
  query?: CloseQuery | undefined
  /** Besides those that the client sends itself; see `isOwnHeader`. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Sent as JSON. */
  body?: unknown
}

/** A request ready for `fetch`, except for its `Authorization` header. */
export type BuiltRequest = {
  url: string
  method: CloseMethod
  headers: Record<string, string>
  bodyText?: string
}

const RECORD_ID = /^[A-Za-z0-9_-]{1,128}$/
// Control characters, and the characters that could end the path, change the host or be decoded a second time.
const HOSTILE_SEGMENT = /[\p{Cc}\p{Cf}?#\\%;]/u
// As `isLoopbackHost` of the contract: this package is published alone and imports nothing of ours.
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Checks a record id before it becomes a part of an address.
 * @throws CloseError `invalid` with `fieldErrors.id`
 */
export function recordId(id: string): string {
  if (typeof id !== 'string' || !RECORD_ID.test(id)) {
    throw invalid('id', 'must be letters, digits, "_" and "-", at most 128 characters')
  }
  return id
}

/** Where the gateway of a Latchwork server is, below its origin. */
const GATEWAY_PATH = '/close'

/**
 * Where requests go, and nowhere else: an origin, or the gateway of a Latchwork server, `https://HOST/close`.
 * @throws CloseError `invalid` unless it is https (http is accepted for the machine itself, or with `allowPlainHttp`)
 */
export function apiAddress(apiUrl: string, allowPlainHttp: boolean): string {
  if (!URL.canParse(apiUrl)) throw invalid('apiUrl', 'must be an address such as https://api.close.com')
  const url = new URL(apiUrl)
  const isGateway = url.pathname === GATEWAY_PATH
  if (
    url.username !== '' ||
    url.password !== '' ||
    (url.pathname !== '/' && !isGateway) ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw invalid(
      'apiUrl',
      `must be an origin, or one with ${GATEWAY_PATH} after it for a gateway, without user, query or fragment`,
    )
  }
  const plainAllowed = url.protocol === 'http:' && (allowPlainHttp || LOOPBACK_HOST.test(url.hostname))
  if (url.protocol !== 'https:' && !plainAllowed) throw invalid('apiUrl', 'must use https')
  return isGateway ? `${url.origin}${GATEWAY_PATH}` : url.origin
}

/**
 * Builds the address, headers and body of a request. Pure.
 *
 * The path is split into segments and each is encoded; a trailing slash is added, since every documented
 * address has one.
 *
 * @throws CloseError `invalid` when a segment is empty, `.`, `..`, or holds `?`, `#`, `%`, `;`, `\` or control
 *   characters, when a header is the client's own, or when the body cannot be written as JSON
 */
export function buildRequest(address: string, request: CloseRequest, userAgent: string): BuiltRequest {
  const url = `${address}/api/v1${encodePath(request.path)}${encodeQuery(request.query)}`
  const headers: Record<string, string> = {
    ...furtherHeaders(request.headers),
    ...{ accept: 'application/json', 'user-agent': userAgent },
  }
  if (request.body === undefined) return { url, method: request.method, headers }
  if (request.method === 'GET') throw invalid('body', 'a GET request has none')
  headers['content-type'] = 'application/json'
  return { url, method: request.method, headers, bodyText: writeJson(request.body) }
}

const HEADER_NAME = /^[A-Za-z0-9-]{1,64}$/
const HEADER_VALUE = /^[\x20-\x7e]{1,500}$/
// Who asks, where it goes, how the message is framed, and what would make another request of it.
const OWN_HEADER =
  /^(accept|accept-(charset|encoding|ranges)|authorization|connection|content-.*|cookie2?|date|expect|forwarded|host|http2-.*|if-.*|keep-alive|origin|proxy-.*|range|referer|sec-.*|set-cookie2?|te|trailer|transfer-encoding|upgrade|user-agent|via|x-(forwarded|original|real|rewrite)-.*|x-http-method.*|x-method-override|close-.*)$/

/**
 * Whether a header is none that a caller may add: it says who asks, where the request goes, how it is framed, or makes
 * another request of it.
 */
export function isOwnHeader(name: string): boolean {
  return !HEADER_NAME.test(name) || OWN_HEADER.test(name.toLowerCase())
}

/** Whether a text can be the value of a header: plain, and one line. */
export function isHeaderValue(value: string): boolean {
  return HEADER_VALUE.test(value)
}

function furtherHeaders(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  for (const [name, value] of Object.entries(given)) {
    if (isOwnHeader(name))
      throw invalid('headers', "have one that is the client's own, or no name of a header")
    if (!isHeaderValue(value)) throw invalid('headers', 'have a value that is not one line of plain text')
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
}

function encodePath(path: string): string {
  if (!path.startsWith('/')) throw invalid('path', 'must start with "/"')
  const trimmed = path.endsWith('/') ? path.slice(1, -1) : path.slice(1)
  const segments = trimmed.split('/').map((segment) => {
    if (segment === '' || /^\.+$/.test(segment) || HOSTILE_SEGMENT.test(segment) || !segment.isWellFormed()) {
      throw invalid(
        'path',
        'has a segment that is empty, made of dots, or holds characters not allowed there',
      )
    }
    return encodeURIComponent(segment)
  })
  return `/${segments.join('/')}/`
}

function encodeQuery(query: CloseQuery | undefined): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue
    parameters.append(name, typeof value === 'object' ? value.join(',') : String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

function writeJson(body: unknown): string {
  try {
    const text = JSON.stringify(body)
    if (typeof text === 'string') return text
  } catch {
    // A cycle or a BigInt: reported below in one way.
  }
  throw invalid('body', 'cannot be written as JSON')
}

function invalid(field: string, rule: string): CloseError {
  return new CloseError('invalid', `The request to Close was not sent: ${field} ${rule}.`, {
    fieldErrors: { [field]: rule },
  })
}
