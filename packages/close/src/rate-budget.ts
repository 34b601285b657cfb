import type { CloseClock } from './clock.ts'
import { systemClock } from './clock.ts'
import { CloseError } from './errors.ts'
import { GroupLimits, type RateObservation } from './group-limits.ts'
import type { CloseMethod } from './request.ts'

/** `interactive`: a person waits for the answer. `backfill`: all other requests may go first. */
export type RequestPriority = 'interactive' | 'backfill'

export type RateBudgetOptions = {
  clock?: CloseClock
  /** Requests in flight at once, over all endpoint groups. One of them is kept free for interactive requests. */
  maxConcurrent?: number
}

/** The right to send one request. `release` returns it, with what the answer said. */
export type RatePermit = { release(observation?: RateObservation): void }

export type AcquireOptions = {
  group: string
  priority?: RequestPriority
  /** Fail with `rate_limited` rather than wait longer than this for a window to reset. */
  maxWaitMs?: number
  /**
   * Takes none of the places of `maxConcurrent`, and waits for none: for what a request that holds one waits for itself.
   * What was told of its group is kept all the same.
   */
  beside?: boolean
  signal?: AbortSignal | undefined
}

type Waiter = Required<Pick<AcquireOptions, 'group' | 'priority' | 'beside'>> & {
  /** Milliseconds since 1970. */
  waitsUntilMs: number
  grant(permit: RatePermit): void
  refuse(error: CloseError): void
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
  readonly #groups = new Map<string, GroupLimits>()
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
    const { group, priority = 'interactive', beside = false, signal } = options
    const { maxWaitMs = Number.POSITIVE_INFINITY } = options
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#remove(waiter)
        reject(signal?.reason)
        this.#grantWaiting()
      }
      const waiter: Waiter = {
        group,
        priority,
        beside,
        waitsUntilMs: this.#clock.now() + maxWaitMs,
        grant: (permit) => {
          signal?.removeEventListener('abort', leave)
          resolve(permit)
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', leave)
          reject(error)
        },
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiters.push(waiter)
      this.#grantWaiting()
    })
  }

  /** Milliseconds since 1970 from which the group accepts requests; in the past when it does now. */
  #opensAtMs(name: string): number {
    return this.#groups.get(name)?.opensAtMs() ?? 0
  }

  #remove(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
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
      const opensAtMs = this.#opensAtMs(waiter.group)
      if (opensAtMs > waiter.waitsUntilMs && opensAtMs !== Number.POSITIVE_INFINITY) {
        this.#remove(waiter)
        waiter.refuse(tooLong(opensAtMs - nowMs))
      } else if (opensAtMs <= nowMs && (waiter.beside || this.#hasSlot(waiter.priority))) {
        this.#grant(waiter, nowMs)
      }
    }
    this.#setAlarm(nowMs)
  }

  #hasSlot(priority: RequestPriority): boolean {
    const slots = priority === 'interactive' ? this.#maxConcurrent : Math.max(1, this.#maxConcurrent - 1)
    return this.#inFlight < slots
  }

  #grant(waiter: Waiter, nowMs: number): void {
    this.#remove(waiter)
    const group = this.#groups.get(waiter.group) ?? new GroupLimits()
    this.#groups.set(waiter.group, group)
    const places = waiter.beside ? 0 : 1
    this.#inFlight += places
    group.take(nowMs)
    let released = false
    waiter.grant({
      release: (observation) => {
        if (released) return
        released = true
        this.#inFlight -= places
        group.release(observation, nowMs, this.#clock.now())
        this.#grantWaiting()
      },
    })
  }

  /** Sets one timer, for the earliest group with waiting requests that only time can open. */
  #setAlarm(nowMs: number): void {
    const opensAt = this.#waiters
      .map((waiter) => this.#opensAtMs(waiter.group))
      .filter((atMs) => atMs > nowMs && atMs !== Number.POSITIVE_INFINITY)
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

function tooLong(waitMs: number): CloseError {
  return new CloseError('rate_limited', 'Close asks to wait before the next request.', {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  })
}

/**
 * The name under which requests share a bucket: the method and the first part of the path. Close does not publish its
 * groups; where they are finer, some requests wait that would not have to, and none is sent that should wait.
 *
 * @param path below `/api/v1`, such as `/lead/lead_.../`
 */
export function endpointGroup(method: CloseMethod, path: string): string {
  return `${method} ${path.split('/').find((segment) => segment !== '') ?? ''}`
}
