import type { CloseClock } from './clock.ts'
import { systemClock } from './clock.ts'
import { CloseError } from './errors.ts'
import type { RateLimitState } from './rate-limit-headers.ts'
import type { CloseMethod } from './request.ts'

/** `interactive`: a person waits for the answer. `backfill`: all other requests may go first. */
export type RequestPriority = 'interactive' | 'backfill'

export type RateBudgetOptions = {
  clock?: CloseClock
  /** Requests in flight at once, over all endpoint groups. One of them is kept free for interactive requests. */
  maxConcurrent?: number
}

/** What an answer says about its endpoint group. */
export type RateObservation = RateLimitState & {
  /** Milliseconds for which nothing more may be sent to the group: from a 429. */
  holdMs?: number
}

/** The right to send one request. `release` returns it, with what the answer said. */
export type RatePermit = { release(observation?: RateObservation): void }

export type AcquireOptions = {
  group: string
  priority?: RequestPriority
  /** Fail with `rate_limited` rather than wait longer than this for a window to reset. */
  maxWaitMs?: number
  signal?: AbortSignal | undefined
}

type Group = {
  /** Requests that may still be sent in this window; undefined if Close has not said. */
  remaining?: number
  resetAtMs: number
  heldUntilMs: number
  inFlight: number
}

type Waiter = Required<Pick<AcquireOptions, 'group' | 'priority'>> & {
  grant(permit: RatePermit): void
}

/**
 * The requests that one organization may send, shared by everything that acts for it: credentials, flows and
 * people. Close counts per endpoint group, both per key and per organization, and names in each answer the bucket
 * closest to its end; so the budget follows the answers and needs no numbers of its own.
 *
 * A request waits while its group is held or its window is used up, or while too many are in flight. Waiting
 * interactive requests go first, then in order of arrival.
 *
 * @see https://developer.close.com/api/overview/rate-limits
 */
export class RateBudget {
  readonly #clock: CloseClock
  readonly #maxConcurrent: number
  readonly #groups = new Map<string, Group>()
  /** In order of arrival. Invariant: none of them could be granted when the last change was handled. */
  #waiters: Waiter[] = []
  #inFlight = 0
  #alarm: AbortController | undefined

  constructor(options: RateBudgetOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#maxConcurrent = Math.max(1, options.maxConcurrent ?? 8)
  }

  /**
   * Waits for the right to send one request to an endpoint group.
   * @throws CloseError `rate_limited` when the group is known to be closed for longer than `maxWaitMs`;
   *   the signal's reason when aborted while waiting
   */
  acquire(options: AcquireOptions): Promise<RatePermit> {
    const { group, priority = 'interactive', maxWaitMs = Number.POSITIVE_INFINITY, signal } = options
    if (signal?.aborted) return Promise.reject(signal.reason)
    const waitMs = this.#opensAtMs(group) - this.#clock.now()
    if (waitMs > maxWaitMs) {
      return Promise.reject(
        new CloseError('rate_limited', 'Close asks to wait before the next request.', {
          retryAfterSeconds: Math.ceil(waitMs / 1_000),
        }),
      )
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        reject(signal?.reason)
        this.#grantWaiting()
      }
      const waiter: Waiter = {
        group,
        priority,
        grant: (permit) => {
          signal?.removeEventListener('abort', leave)
          resolve(permit)
        },
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiters.push(waiter)
      this.#grantWaiting()
    })
  }

  /** Milliseconds since 1970 from which the group accepts requests; in the past when it does now. */
  #opensAtMs(name: string): number {
    const group = this.#groups.get(name)
    if (group === undefined) return 0
    const usedUp = group.remaining !== undefined && group.remaining < 1
    return Math.max(group.heldUntilMs, usedUp ? group.resetAtMs : 0)
  }

  #grantWaiting(): void {
    this.#alarm?.abort()
    this.#alarm = undefined
    const nowMs = this.#clock.now()
    const byPriority = [
      ...this.#waiters.filter((waiter) => waiter.priority === 'interactive'),
      ...this.#waiters.filter((waiter) => waiter.priority === 'backfill'),
    ]
    for (const waiter of byPriority) {
      if (this.#hasSlot(waiter.priority) && this.#opensAtMs(waiter.group) <= nowMs) this.#grant(waiter, nowMs)
    }
    this.#setAlarm(nowMs)
  }

  #hasSlot(priority: RequestPriority): boolean {
    const slots = priority === 'interactive' ? this.#maxConcurrent : Math.max(1, this.#maxConcurrent - 1)
    return this.#inFlight < slots
  }

  #grant(waiter: Waiter, nowMs: number): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    const group = this.#groups.get(waiter.group) ?? { resetAtMs: 0, heldUntilMs: 0, inFlight: 0 }
    this.#groups.set(waiter.group, group)
    this.#inFlight += 1
    group.inFlight += 1
    // A new window: the old count is void, and the next answer brings the new one.
    if (group.resetAtMs <= nowMs) delete group.remaining
    if (group.remaining !== undefined) group.remaining -= 1
    let released = false
    waiter.grant({
      release: (observation) => {
        if (released) return
        released = true
        this.#inFlight -= 1
        group.inFlight -= 1
        if (observation !== undefined) observe(group, observation, this.#clock.now())
        this.#grantWaiting()
      },
    })
  }

  /** Sets one timer, for the earliest group with waiting requests that only time can open. */
  #setAlarm(nowMs: number): void {
    const opensAt = this.#waiters
      .map((waiter) => this.#opensAtMs(waiter.group))
      .filter((atMs) => atMs > nowMs)
    if (opensAt.length === 0) return
    const alarm = new AbortController()
    this.#alarm = alarm
    this.#clock.sleep(Math.min(...opensAt) - nowMs, alarm.signal).then(
      () => {
        if (this.#alarm === alarm) this.#grantWaiting()
      },
      () => {},
    )
  }
}

function observe(group: Group, observation: RateObservation, nowMs: number): void {
  const { remaining, resetSeconds, holdMs } = observation
  if (holdMs !== undefined) group.heldUntilMs = Math.max(group.heldUntilMs, nowMs + holdMs)
  if (remaining === undefined || resetSeconds === undefined) return
  group.resetAtMs = nowMs + resetSeconds * 1_000
  // Requests still in flight may not be counted in the number yet.
  group.remaining = remaining - group.inFlight
}

/**
 * The name under which requests share a bucket: the method and the path without ids. Close does not publish its
 * groups; this is finer than them or equal, so a wait is only ever learned twice, never imposed wrongly.
 *
 * @param path below `/api/v1`, such as `/lead/lead_.../`
 */
export function endpointGroup(method: CloseMethod, path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  const fixed = segments.filter((segment, index) => index === 0 || /^[a-z_]{1,32}$/.test(segment))
  return `${method} ${fixed.slice(0, 3).join('/')}`
}
