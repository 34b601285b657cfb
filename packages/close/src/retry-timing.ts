import type { CloseError } from './errors.ts'
import type { CloseMethod } from './request.ts'

export type RetryPolicy = {
  /** Attempts in all, when they fail with server errors or without an answer. */
  maxAttempts: number
  /** No further attempt once a request has been failing for this long: whoever asked waits for the rest. */
  longestTroubleMs: number
  /** Attempts in all, when Close only asks to wait. */
  maxRateLimitedAttempts: number
  /** Back-off before the second attempt, at most; doubles with each further attempt. */
  baseDelayMs: number
  /** Back-off, at most. */
  maxDelayMs: number
  /** The longest wait that Close may ask for; beyond it the error goes to the caller. */
  maxRequestedDelayMs: number
}

export const defaultRetryPolicy: Readonly<RetryPolicy> = {
  maxAttempts: 5,
  longestTroubleMs: 45_000,
  maxRateLimitedAttempts: 20,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  maxRequestedDelayMs: 120_000,
}

/** One failed attempt. */
export type FailedAttempt = {
  error: CloseError
  /** Whether a byte of the request may have reached Close. */
  sent: boolean
  repeatable: boolean
  /** Failures of this request so far, this one included, of its own kind (rate limited, or anything else). */
  failures: number
  /** Milliseconds since the first attempt that failed was sent. */
  troubleMs: number
}

export type RetryDecision = { retry: false } | { retry: true; delayMs: number }

// These only read, although they are sent by POST.
const READING_POSTS = [/^\/data\/search\/?$/, /^\/report\//]

/**
 * Whether sending the request twice does no more than sending it once. PUT is a partial update with absolute
 * values, and DELETE of a deleted record answers 404, so both are; a POST that creates is not, as Close has no
 * idempotency key.
 *
 * @see RFC 9110 section 9.2.2
 */
export function isRepeatable(method: CloseMethod, path: string): boolean {
  return method !== 'POST' || READING_POSTS.some((pattern) => pattern.test(path))
}

/**
 * Decides whether a failed attempt is repeated, and after how many milliseconds. Pure.
 *
 * @param random uniform in [0, 1); full jitter, so that many callers do not return at the same moment
 */
export function decideRetry(
  attempt: FailedAttempt,
  policy: RetryPolicy,
  random: () => number,
): RetryDecision {
  const rateLimited = attempt.error.code === 'rate_limited'
  const maxAttempts = rateLimited ? policy.maxRateLimitedAttempts : policy.maxAttempts
  if (attempt.failures >= maxAttempts || !maySendAgain(attempt)) return { retry: false }
  if (!rateLimited && attempt.troubleMs >= policy.longestTroubleMs) return { retry: false }
  // As `doublingMs` of the contract: this package is published alone and imports nothing of ours.
  const longestMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt.failures - 1))
  const backOffMs = random() * longestMs
  const reported = attempt.error.retryAfterSeconds
  if (reported === undefined) {
    // Told to wait, but not for how long: all of it, and then what the chance adds.
    return { retry: true, delayMs: Math.ceil(rateLimited ? longestMs + backOffMs : backOffMs) }
  }
  const requestedMs = Math.ceil(reported * 1_000)
  if (requestedMs > policy.maxRequestedDelayMs) return { retry: false }
  // Close asks again after a wait. Others wait for the same moment, so this request adds a random delay.
  return { retry: true, delayMs: requestedMs + (attempt.failures > 1 ? Math.ceil(backOffMs) : 0) }
}

function maySendAgain({ error, sent, repeatable }: FailedAttempt): boolean {
  switch (error.code) {
    case 'rate_limited':
      return true
    case 'unreachable':
      return !sent || repeatable
    case 'server_error': {
      // A redirect is a wrong address, not a passing fault.
      const redirect = error.status !== undefined && error.status >= 300 && error.status < 400
      // With Retry-After a 503 is a refusal to begin, not a failure half-way.
      const notBegun = error.status === 503 && error.retryAfterSeconds !== undefined
      return !redirect && (repeatable || notBegun)
    }
    default:
      return false
  }
}
