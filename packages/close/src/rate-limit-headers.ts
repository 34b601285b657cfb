/** Reads one header by name, whatever its case; `Headers` fits. */
export type HeaderReader = { get(name: string): string | null }

/** The answer's statement about the bucket closest to exhaustion. Absent if it has none. */
export type RateLimitState = {
  limit?: number
  remaining?: number
  /** Seconds until the window ends; may be a fraction. */
  resetSeconds?: number
}

/** What an answer said about its endpoint group. */
export type RateObservation = RateLimitState & {
  /** Milliseconds for which nothing more may be sent to the group: it was told to wait. */
  holdMs?: number
  /** The answer named no time: `holdMs` is what this client made of it, and says nothing of the window. */
  isGuessed?: boolean
}

/** The forms of RFC 9110 section 5.6.7, with a day of one digit as well. */
const HTTP_DATE = /^[A-Za-z]{3,9},? \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} (?:GMT|UTC)$/
const ASCTIME = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/
/** No wait is longer. */
export const DAY_SECONDS = 86_400

/**
 * Reads the rate limit in every spelling seen: `RateLimit: limit=100, remaining=50, reset=5` (with commas or
 * semicolons, decimals allowed), `"default";r=50;t=5`, `RateLimit-Limit/-Remaining/-Reset`, and the older `X-Rate-Limit-*`. A malformed
 * header is ignored, since Close promises it only with a 429.
 *
 * @see https://developer.close.com/api/overview/rate-limits
 */
export function readRateLimit(headers: HeaderReader): RateLimitState {
  const members = combinedMembers(headers.get('ratelimit'))
  const read = (name: string, letter?: string): number | undefined =>
    members.get(name) ??
    (letter === undefined ? undefined : members.get(letter)) ??
    decimal(headers.get(`ratelimit-${name}`)) ??
    decimal(headers.get(`x-ratelimit-${name}`)) ??
    decimal(headers.get(`x-rate-limit-${name}`))
  const state: RateLimitState = {}
  const limit = read('limit')
  const remaining = read('remaining', 'r')
  const resetSeconds = read('reset', 't')
  if (limit !== undefined) state.limit = limit
  if (remaining !== undefined) state.remaining = remaining
  if (resetSeconds !== undefined && resetSeconds <= DAY_SECONDS) state.resetSeconds = resetSeconds
  return state
}

/**
 * Seconds from `Retry-After`, given as a number (decimals tolerated) or as an HTTP date. Undefined when absent or
 * malformed; a date in the past is 0, and more than a day is a day. Where it stands twice, the longer wait counts.
 *
 * A date is a moment of the server's clock, so it is compared with the answer's `Date`; ours counts only without one.
 *
 * @see RFC 9110 sections 10.2.3 and 6.6.1
 */
export function readRetryAfter(headers: HeaderReader, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  const seconds = longest(text) ?? secondsBetween(httpDateMs(headers.get('date')) ?? nowMs, httpDateMs(text))
  return seconds === undefined ? undefined : Math.min(seconds, DAY_SECONDS)
}

/**
 * Seconds for which an answer tells to wait, by any spelling. `reset` is exact and `Retry-After` is it rounded up; where
 * they disagree by more, the longer wait is obeyed.
 *
 * @param isRefused by 429: in any other answer `reset` is no order to wait
 */
export function readWait(headers: HeaderReader, nowMs: number, isRefused: boolean): number | undefined {
  const retryAfter = readRetryAfter(headers, nowMs)
  const reset = isRefused ? readRateLimit(headers).resetSeconds : undefined
  if (reset === undefined || retryAfter === undefined) return reset ?? retryAfter
  return retryAfter - reset < 1 ? reset : retryAfter
}

/** Of one number or several. However large it is, it is no less than a day. */
function longest(text: string): number | undefined {
  const numbers = text.split(',').map((each) => (/^\s*\d{16,}\s*$/.test(each) ? DAY_SECONDS : decimal(each)))
  return numbers.reduce((most, each) =>
    most === undefined || each === undefined ? undefined : Math.max(most, each),
  )
}

function secondsBetween(fromMs: number, untilMs: number | undefined): number | undefined {
  return untilMs === undefined ? undefined : Math.max(0, (untilMs - fromMs) / 1_000)
}

function httpDateMs(header: string | null): number | undefined {
  const text = header?.trim() ?? ''
  if (!HTTP_DATE.test(text) && !ASCTIME.test(text)) return undefined
  const atMs = Date.parse(ASCTIME.test(text) ? `${text} GMT` : text)
  return Number.isNaN(atMs) ? undefined : atMs
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
