/** How headers state the limits. */
export type RateLimitHeaderStyle =
  /** `RateLimit: limit=100, remaining=50, reset=5`: the documented one. */
  | 'comma'
  /** `RateLimit: limit=100; remaining=50; reset=5` */
  | 'semicolon'
  /** `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` */
  | 'separate'
  /** `x-rate-limit-limit`, `x-rate-limit-remaining`, `x-rate-limit-reset`: the old ones. */
  | 'x-rate-limit'
  /** Only `retry-after` on a refusal. */
  | 'none'

/** Requests that one key or token may send to one group of endpoints in a window. */
export interface RateLimitOptions {
  /** Requests a window for one key or token. */
  readonly limit: number
  readonly windowSeconds?: number
  /** Requests a window for all keys and tokens of an organization together; default three times `limit`. */
  readonly organizationLimit?: number
  readonly headers?: RateLimitHeaderStyle
  /** Whether a refusal carries `retry-after`, in seconds or as an HTTP date; default true: in seconds. */
  readonly retryAfter?: boolean | 'date'
}

interface Bucket {
  windowStartMs: number
  used: number
}

/** The verdict of the limits on one request. */
export interface RateLimitVerdict {
  readonly allowed: boolean
  readonly headers: Readonly<Record<string, string>>
  /** For how long a refusal tells to wait, in milliseconds; null where it does not say. */
  readonly askedToWaitMs: number | null
}

const UNLIMITED: RateLimitVerdict = { allowed: true, headers: {}, askedToWaitMs: null }

/**
 * Fixed windows per endpoint group, one bucket per key or token and one per organization. The group
 * is the method and the first part of the path.
 */
export class RateLimits {
  #options: RateLimitOptions | null
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: RateLimitOptions | null) {
    this.#options = options
  }

  /** Replaces the limits and empties all buckets; null: no limits and no headers. */
  configure(options: RateLimitOptions | null): void {
    this.#options = options
    this.#buckets.clear()
  }

  /** Counts a request. A refused one is not counted. */
  take(callerId: string, organizationId: string, group: string, nowMs: number): RateLimitVerdict {
    const options = this.#options
    if (!options) return UNLIMITED
    const windowMs = (options.windowSeconds ?? 1) * 1_000
    const own = { bucket: this.#bucket(`caller ${callerId} ${group}`, windowMs, nowMs), limit: options.limit }
    const all = {
      bucket: this.#bucket(`organization ${organizationId} ${group}`, windowMs, nowMs),
      limit: options.organizationLimit ?? options.limit * 3,
    }
    const allowed = own.bucket.used < own.limit && all.bucket.used < all.limit
    if (allowed) {
      own.bucket.used += 1
      all.bucket.used += 1
    }
    // The header describes the bucket that has the least left.
    const closest = all.limit - all.bucket.used < own.limit - own.bucket.used ? all : own
    const resetSeconds = Math.max(0, (closest.bucket.windowStartMs + windowMs - nowMs) / 1_000)
    const remaining = closest.limit - closest.bucket.used
    const style = options.headers ?? 'comma'
    const headers = headersFor(style, closest.limit, remaining, resetSeconds)
    const { retryAfter = true } = options
    if (allowed) return { allowed, headers, askedToWaitMs: null }
    if (retryAfter !== false) headers['retry-after'] = retryAfterText(retryAfter, resetSeconds, nowMs)
    if (style !== 'none') return { allowed, headers, askedToWaitMs: resetSeconds * 1_000 }
    return { allowed, headers, askedToWaitMs: retryAfter === false ? null : Math.ceil(resetSeconds) * 1_000 }
  }

  #bucket(name: string, windowMs: number, nowMs: number): Bucket {
    const bucket = this.#buckets.get(name)
    if (bucket && nowMs - bucket.windowStartMs < windowMs && nowMs >= bucket.windowStartMs) return bucket
    const fresh = { windowStartMs: nowMs, used: 0 }
    this.#buckets.set(name, fresh)
    return fresh
  }
}

/** Rounded up to the whole second that both forms have. */
function retryAfterText(form: true | 'date', resetSeconds: number, nowMs: number): string {
  const seconds = Math.ceil(resetSeconds)
  return form === 'date' ? new Date(nowMs + seconds * 1_000).toUTCString() : String(seconds)
}

function headersFor(
  style: RateLimitHeaderStyle,
  limit: number,
  remaining: number,
  resetSeconds: number,
): Record<string, string> {
  const reset = String(Number(resetSeconds.toFixed(3)))
  switch (style) {
    case 'comma':
      return { ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}` }
    case 'semicolon':
      return { ratelimit: `limit=${limit}; remaining=${remaining}; reset=${reset}` }
    case 'separate':
      return {
        'ratelimit-limit': String(limit),
        'ratelimit-remaining': String(remaining),
        'ratelimit-reset': reset,
      }
    case 'x-rate-limit':
      return {
        'x-rate-limit-limit': String(limit),
        'x-rate-limit-remaining': String(remaining),
        'x-rate-limit-reset': reset,
      }
    case 'none':
      return {}
  }
}
