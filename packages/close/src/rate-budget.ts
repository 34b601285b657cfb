import type {
  AcquireOptions,
  Budget,
  BudgetUse,
  PermitSource,
  Place,
  RatePermit,
  RequestPriority,
} from './budget.ts'
import type { CloseClock } from './clock.ts'
import { systemClock } from './clock.ts'
import { CloseError } from './errors.ts'
import { ProcessPermits } from './process-permits.ts'
import { Turns } from './turns.ts'

export type RateBudgetOptions = {
  clock?: CloseClock
  /** Requests in flight at once, over all endpoint groups. One of them is kept free for interactive requests. */
  maxConcurrent?: number
  /** By default this process alone acts for the organization. */
  permits?: PermitSource
  /** Called for each permit that is granted or refused, and for each answer that said something. */
  onUse?: (use: BudgetUse) => void
}

type Waiter = Place & {
  consumer: string
  beside: boolean
  /** Milliseconds since 1970. */
  askedAtMs: number
  waitsUntilMs: number
  grant(permit: RatePermit): void
  refuse(error: unknown): void
}

/**
 * The requests that one organization may send, shared by everything that acts for it: credentials, flows and
 * people. Close counts per endpoint group, both per key and per organization, and names in each answer the bucket
 * closest to its end; so the budget follows the answers and needs no numbers of its own.
 *
 * A request waits while its group is held or its window is used up, or while too many are in flight. Who goes first is
 * said in `Turns`.
 *
 * @see https://developer.close.com/api/overview/rate-limits
 */
export class RateBudget implements Budget {
  readonly #clock: CloseClock
  readonly #maxConcurrent: number
  readonly #permits: PermitSource
  readonly #onUse: (use: BudgetUse) => void
  readonly #turns = new Turns()
  /** In order of arrival. Invariant: none of them could be granted when the last change was handled. */
  #waiters: Waiter[] = []
  readonly #inFlight: Record<RequestPriority, number> = { interactive: 0, backfill: 0 }
  #alarm: AbortController | undefined

  constructor(options: RateBudgetOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#maxConcurrent = Math.max(1, options.maxConcurrent ?? 8)
    this.#permits = options.permits ?? new ProcessPermits(this.#clock)
    this.#onUse = options.onUse ?? (() => {})
    this.#permits.changed = (failure) => {
      if (failure !== undefined) this.#refuseAll(failure)
      this.#grantWaiting()
    }
  }

  acquire(options: AcquireOptions): Promise<RatePermit> {
    const { group, key = '', consumer = '', priority = 'interactive', beside = false, signal } = options
    const { maxWaitMs = Number.POSITIVE_INFINITY } = options
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#remove(waiter)
        reject(signal?.reason)
        this.#grantWaiting()
      }
      const stay = (): void => signal?.removeEventListener('abort', leave)
      const nowMs = this.#clock.now()
      const waiter: Waiter = {
        ...{ group, key, consumer, priority, beside },
        askedAtMs: nowMs,
        waitsUntilMs: nowMs + maxWaitMs,
        grant: (permit) => {
          stay()
          resolve(permit)
        },
        refuse: (error) => {
          stay()
          reject(error)
        },
      }
      this.#waiters.push(waiter)
      this.#grantWaiting()
      // Most need not wait.
      if (this.#waiters.includes(waiter)) signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #remove(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
  }

  #refuseAll(failure: unknown): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.refuse(failure)
  }

  #grantWaiting(): void {
    this.#alarm?.abort()
    this.#alarm = undefined
    if (this.#waiters.length === 0) {
      this.#permits.wanted?.([])
      return
    }
    const nowMs = this.#clock.now()
    for (const waiter of this.#waiters) {
      const opensAtMs = this.#permits.opensAtMs(waiter)
      if (opensAtMs <= waiter.waitsUntilMs || opensAtMs === Number.POSITIVE_INFINITY) continue
      this.#remove(waiter)
      this.#onUse({ ...placeOf(waiter), event: 'refused' })
      waiter.refuse(tooLong(opensAtMs - nowMs))
    }
    for (;;) {
      const able = this.#waiters.filter(
        (waiter) => this.#hasSlot(waiter) && this.#permits.opensAtMs(waiter) <= nowMs,
      )
      const next = this.#turns.next(able)
      if (next === undefined) break
      this.#grant(next, nowMs)
    }
    this.#permits.wanted?.(this.#waiters.filter((waiter) => this.#hasSlot(waiter)))
    this.#setAlarm(nowMs)
  }

  #hasSlot({ priority, beside }: Waiter): boolean {
    const { interactive, backfill } = this.#inFlight
    if (beside) return true
    if (interactive + backfill >= this.#maxConcurrent) return false
    return priority === 'interactive' || backfill < Math.max(1, this.#maxConcurrent - 1)
  }

  #grant(waiter: Waiter, nowMs: number): void {
    this.#remove(waiter)
    this.#turns.served(waiter, this.#waiters)
    const places = waiter.beside ? 0 : 1
    this.#inFlight[waiter.priority] += places
    const takenAtMs = this.#permits.take(waiter)
    const { priority } = waiter
    const place = placeOf(waiter)
    this.#onUse({ ...place, event: 'granted', waitedMs: Math.max(0, nowMs - waiter.askedAtMs) })
    let released = false
    waiter.grant({
      release: (observation) => {
        if (released) return
        released = true
        this.#inFlight[priority] -= places
        this.#permits.release(waiter, takenAtMs, observation)
        if (observation !== undefined) this.#onUse({ ...place, event: 'answered', observation })
        this.#grantWaiting()
      },
    })
  }

  /** Sets one timer, for the earliest group with waiting requests that only time can open. */
  #setAlarm(nowMs: number): void {
    const opensAt = this.#waiters
      .map((waiter) => this.#permits.opensAtMs(waiter))
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

function placeOf({ group, key, consumer, priority }: Waiter): Place & { consumer: string } {
  return { group, key, consumer, priority }
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
export function endpointGroup(method: string, path: string): string {
  return `${method} ${path.split('/').find((segment) => segment !== '') ?? ''}`
}
