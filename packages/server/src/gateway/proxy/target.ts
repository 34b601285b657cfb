import { LatchworkError } from '@latchwork/contract'

/** What a request asks for, in the only way that it can be read. */
export interface Target {
  /** After an override. */
  readonly method: string
  /** Begins with a slash. */
  readonly path: string
  /** Without the question mark; empty if there is none. */
  readonly query: string
  /** Whether a body comes with it. */
  readonly hasBody: boolean
  /** Its filters are `_params` in the body of a POST that stands for a GET: see `withParams`. */
  readonly paramsInBody: boolean
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

const mostCharacters = 12_000

/** Parts of letters, digits and signs without another meaning, none of which ends with a dot; a slash may end it. */
const plainPath = /^(?:\/[\w\-.~!$&'()*+,=:@%]*[\w\-~!$&'()*+,=:@%])+\/?$/

/** Names under which some servers take another method than the one of the request. */
const overrides: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'http-method-override',
  'x-method-override',
  'x-http-method',
  'x-method',
])

/** Headers whose second value some servers take, and others the first. */
const single: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'range',
  'transfer-encoding',
])

/**
 * Reads what a request asks for. Refuses all that two servers could read in two ways.
 * @param rawUrl of the request line, after the prefix of the gateway
 * @throws {LatchworkError} `gateway_path_invalid`, `gateway_request_ambiguous`, `method_not_allowed`
 */
export function readTarget(method: string, rawUrl: string, rawHeaders: readonly string[]): Target {
  const { override, hasBody } = readHeaders(rawHeaders)
  const mark = rawUrl.indexOf('?')
  const path = mark === -1 ? rawUrl : rawUrl.slice(0, mark)
  const query = mark === -1 ? '' : rawUrl.slice(mark + 1)
  if (rawUrl.length > mostCharacters) throw new LatchworkError('headers_too_large')
  checkPath(path)
  if (query !== '') checkQuery(query)
  if (!methods.has(method)) throw notAllowed(method)
  const named = override === null ? method : override.toUpperCase()
  if (!methods.has(named)) throw notAllowed(named)
  if (named !== method && method !== 'POST') {
    throw ambiguous('Only a POST can stand for another method.')
  }
  const reads = named === 'GET' || named === 'HEAD'
  if (reads && method !== 'POST' && hasBody) throw ambiguous(`A ${named} has no body.`)
  return { method: named, path, query, hasBody, paramsInBody: reads && hasBody }
}

/**
 * The same request with its filters in the query.
 * @param body as JSON says it: `{"_params": {"name": value}}`
 * @throws {LatchworkError} `gateway_request_ambiguous` for anything else
 */
export function withParams(target: Target, body: unknown): Target {
  if (!target.paramsInBody) return target
  const isObject = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const given = isObject(body) && Object.keys(body).every((name) => name === '_params') ? body : null
  const params: unknown = given === null ? null : Reflect.get(given, '_params')
  if (!isObject(params)) throw ambiguous('The body of a POST that stands for a GET has only "_params".')
  const query = new URLSearchParams(target.query)
  for (const [name, value] of Object.entries(params)) {
    const text = Array.isArray(value) ? value.map(plainText).join() : plainText(value)
    if (query.has(name)) throw ambiguous('A filter stands in the address and in the body.')
    query.set(name, text)
  }
  const text = query.toString()
  checkQuery(text)
  return { ...target, query: text, hasBody: false, paramsInBody: false }
}

function plainText(value: unknown): string {
  if (typeof value === 'object' || value === undefined) {
    throw ambiguous('The filters in "_params" are texts, numbers, true or false.')
  }
  return String(value)
}

function readHeaders(rawHeaders: readonly string[]): { override: string | null; hasBody: boolean } {
  let override: string | null = null
  let seen: Set<string> | null = null
  let length: string | null = null
  let isChunked = false
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    if (name.includes('method') && overrides.has(name.replaceAll('_', '-'))) {
      if (override !== null) throw ambiguous('It names another method twice.')
      override = value.trim()
    }
    if (!single.has(name)) continue
    seen ??= new Set()
    if (seen.has(name)) throw ambiguous(`It has the header ${name} twice.`)
    seen.add(name)
    if (name === 'content-length') length = value.trim()
    if (name !== 'transfer-encoding') continue
    if (value.trim().toLowerCase() !== 'chunked') throw ambiguous('It has an unknown transfer-encoding.')
    isChunked = true
  }
  if (length !== null && (isChunked || !/^\d{1,15}$/.test(length))) {
    throw ambiguous('It says its length in two ways.')
  }
  return { override, hasBody: isChunked || (length !== null && Number(length) > 0) }
}

function checkPath(path: string): void {
  if (!plainPath.test(path)) {
    throw new LatchworkError('gateway_path_invalid')
  }
  if (path.includes('%')) checkEscapes(path, isTwofold)
}

/** Of a character that may stand in a path by itself, or that would end or change a part of it. */
function isTwofold(character: string): boolean {
  return /[\w\-.~/\\?#;%\p{Cc}\p{Cf}]/u.test(character)
}

function checkQuery(query: string): void {
  // All that can be seen, but what ends a query or, for some, a parameter.
  if (!/^[!-~]*$/.test(query) || /[#;\\]/.test(query)) throw new LatchworkError('gateway_path_invalid')
  if (query.includes('%')) checkEscapes(query, (character) => character === '\0')
  if (!/method|%/i.test(query)) return
  for (const name of new URLSearchParams(query).keys()) {
    if (/^[_x-]*(http[_-]?)?method([_-]override)?$/i.test(name)) {
      throw ambiguous('Its query names another method.')
    }
  }
}

function checkEscapes(text: string, isWrong: (character: string) => boolean): void {
  try {
    for (const [run] of text.matchAll(/(?:%[\da-f]{0,2})+/gi)) {
      // It throws where a byte is missing, and for what is no UTF-8.
      if (![...decodeURIComponent(run)].some(isWrong)) continue
      throw new LatchworkError('gateway_path_invalid')
    }
  } catch {
    throw new LatchworkError('gateway_path_invalid')
  }
}

function ambiguous(reason: string): LatchworkError {
  return new LatchworkError('gateway_request_ambiguous', {
    message: `The request can be read in two ways, so it was not passed on. ${reason}`,
  })
}

function notAllowed(method: string): LatchworkError {
  const shown = JSON.stringify(method.slice(0, 20))
  return new LatchworkError('method_not_allowed', {
    message: `Close takes GET, HEAD, POST, PUT, PATCH and DELETE, but not ${shown}.`,
  })
}
