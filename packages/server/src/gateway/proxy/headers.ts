import { readTarget, type Target } from './target.ts'

/** Headers of a request that mean to Close what they mean to us. No other one goes on. */
const passedOn: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'user-agent',
  'x-tz-offset',
])

/** An answer that is cut is asked for whole and plain, and nothing is said that tells of its whole. */
const wholeOnly = /^(accept-encoding|range|if-.*)$/

/** Headers of an answer that concern a connection, a browser or a store on the way. They don't come back. */
const withheld =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|set-cookie2?|strict-transport-security|content-security-policy.*|x-frame-options|x-content-type-options|x-xss-protection|referrer-policy|permissions-policy|feature-policy|cross-origin-.*|access-control-.*|origin-agent-cluster|clear-site-data|alt-svc|public-key-pins.*|nel|report-to|reporting-endpoints|expect-ct|refresh|link|location|content-location|server|x-powered-by|via|cache-control|expires|pragma|age|x-accel-.*|x-sendfile)$/

const aboutWhole =
  /^(content-length|content-encoding|content-range|accept-ranges|content-md5|(content-|repr-)?digest|etag|last-modified)$/

/** An answer of Close stands at the address of our page, so a browser must make nothing of it. */
const ours = [
  ...['cache-control', 'no-store'],
  ...['content-security-policy', "default-src 'none'; sandbox; frame-ancestors 'none'"],
  ...['x-content-type-options', 'nosniff'],
]

/**
 * The headers of the request to Close, by pairs.
 * @param isCut whether the answer will be cut
 */
export function requestHeaders(
  rawHeaders: readonly string[],
  authorization: string,
  isCut: boolean,
): string[] {
  const headers = ['authorization', authorization]
  let named: ReadonlySet<string> | null = null
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (name === 'connection') named = namedBy(rawHeaders)
    if (!passedOn.has(name) || (isCut && wholeOnly.test(name))) continue
    headers.push(name, rawHeaders[index + 1] ?? '')
  }
  if (isCut) headers.push('accept-encoding', 'identity')
  return named === null || named.size === 0 ? headers : without(headers, named)
}

/**
 * The headers of the answer to the client, by pairs.
 * @param extra those of ours; they take the place of Close's, except where Close asks to wait
 */
export function answerHeaders(
  status: number,
  rawHeaders: readonly string[],
  extra: Readonly<Record<string, string>>,
  isCut: boolean,
): string[] {
  const headers = [...ours]
  const named = namedBy(rawHeaders)
  const own = status === 429 ? {} : extra
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (withheld.test(name) || (isCut && aboutWhole.test(name)) || Object.hasOwn(own, name)) continue
    if (named?.has(name)) continue
    headers.push(name, rawHeaders[index + 1] ?? '')
  }
  for (const name of Object.keys(own)) headers.push(name, own[name] ?? '')
  return headers
}

/**
 * Where a redirect within Close leads, as an address of the gateway. Close redirects so where a slash is missing, and
 * clients are used to follow that; the gateway itself follows none.
 * @returns null for any other place
 */
export function gatewayLocation(
  location: string,
  origin: URL,
  { path }: Target,
  prefix: string,
): string | null {
  const url = URL.parse(location, origin.origin + path)
  if (url === null || url.origin !== origin.origin || url.username !== '' || url.password !== '') return null
  try {
    readTarget('GET', url.pathname + url.search, [])
  } catch {
    return null
  }
  return prefix + url.pathname + url.search
}

/** The headers that `Connection` names; null: none. */
function namedBy(rawHeaders: readonly string[]): ReadonlySet<string> | null {
  let named: Set<string> | null = null
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if ((rawHeaders[index] ?? '').toLowerCase() !== 'connection') continue
    const value = (rawHeaders[index + 1] ?? '').toLowerCase()
    if (value === 'keep-alive' || value === 'close') continue
    named ??= new Set()
    for (const each of value.split(',')) named.add(each.trim())
  }
  return named
}

function without(headers: readonly string[], named: ReadonlySet<string>): string[] {
  return headers.filter((_, index) => index < 2 || !named.has(headers[index - (index % 2)] ?? ''))
}
