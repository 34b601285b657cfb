/** Reads one header by name, whatever its case; `Headers` fits. */
export type HeaderReader = { get(name: string): string | null }

/** The answer's statement about the bucket closest to exhaustion. Absent if it has none. */
export type RateLimitState = {
  limit?: number
  remaining?: number
  /** Seconds until the window ends; may be a fraction. */
  resetSeconds?: number
}

const HTTP_DATE = /^[A-Za-z]{3,9},? \d{2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/
const DAY_SECONDS = 86_400

/**
 * Reads the rate limit in every spelling seen: `RateLimit: limit=100, remaining=50, reset=5` (with commas or
 * semicolons, decimals allowed), `RateLimit-Limit/-Remaining/-Reset`, and the older `X-Rate-Limit-*`. A malformed
 * header is ignored, since Close promises it only with a 429.
 *
 * @see https://developer.close.com/api/overview/rate-limits
 */
export function readRateLimit(headers: HeaderReader): RateLimitState {
  const members = combinedMembers(headers.get('ratelimit'))
  const read = (name: string): number | undefined =>
    members.get(name) ??
    decimal(headers.get(`ratelimit-${name}`)) ??
    decimal(headers.get(`x-ratelimit-${name}`)) ??
    decimal(headers.get(`x-rate-limit-${name}`))
  const state: RateLimitState = {}
  const limit = read('limit')
  const remaining = read('remaining')
  const resetSeconds = read('reset')
  if (limit !== undefined) state.limit = limit
  if (remaining !== undefined) state.remaining = remaining
  if (resetSeconds !== undefined && resetSeconds <= DAY_SECONDS) state.resetSeconds = resetSeconds
  return state
}

/**
 * Seconds from `Retry-After`, given as a number (decimals tolerated) or as an HTTP date. Undefined when absent,
 * malformed or more than a day ahead; a date in the past is 0.
 *
 * @see RFC 9110 section 10.2.3
 */
export function readRetryAfter(headers: HeaderReader, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  const seconds = decimal(text) ?? secondsUntil(text, nowMs)
  return seconds !== undefined && seconds <= DAY_SECONDS ? seconds : undefined
}

function secondsUntil(text: string, nowMs: number): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - nowMs) / 1_000)
}

function combinedMembers(header: string | null): Map<string, number> {
  const members = new Map<string, number>()
  for (const part of (header ?? '').slice(0, 1_000).split(/[,;]/)) {
    const [name = '', value = '', ...rest] = part.split('=')
    const number = decimal(value)
    if (rest.length === 0 && number !== undefined) members.set(name.trim().toLowerCase(), number)
  }
  return members
}

function decimal(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d{1,15}(\.\d{1,15})?$/.test(trimmed) ? Number(trimmed) : undefined
}
