import { counted, LatchworkError } from '@latchwork/contract'
import type { CallStore } from '../store/calls.ts'
import { dayMs } from '../store/calls.ts'
import type { PassRow } from '../store/passes.ts'

/** Some calls that a process may make without asking the database again. */
interface Lease {
  left: number
  /** What the window had left beyond the lease when it was taken. */
  readonly beyond: number
  /** Until the window ends, nobody need ask for more. */
  readonly isLast: boolean
  readonly endsAtMs: number
}

interface Share {
  readonly lengthMs: number
  readonly most: number
  /** Leased at once. */
  readonly wanted: number
  readonly words: string
}

export interface Left {
  readonly limit: number
  readonly remaining: number
  readonly resetSeconds: number
}

/** A limit is leased in so many parts: so many questions a window at most, and so much may be lost with a process. */
const parts = 10
/** A lease of a ceiling a day is given back to nobody if its process ends. */
const mostOfDay = 20

/**
 * What a pass may take: requests a second, and a ceiling a day, over all processes together. Each process leases a part
 * of the present window, so that a call does not cost a query.
 */
export class PassShares {
  readonly #calls: Pick<CallStore, 'take'>
  readonly #clock: { now(): number }
  readonly #leases = new Map<string, Promise<Lease>>()

  constructor(calls: Pick<CallStore, 'take'>, clock: { now(): number }) {
    this.#calls = calls
    this.#clock = clock
  }

  /**
   * Takes one call.
   * @returns what is left of the share a second, as far as this process knows; null: there is none
   * @throws {LatchworkError} `pass_limit`
   */
  async take({ id, limits: { perSecond, perDay } }: PassRow): Promise<Left | null> {
    if (perDay !== null) {
      const wanted = Math.max(1, Math.min(mostOfDay, Math.floor(perDay / (parts * parts))))
      await this.#takeOne(id, {
        lengthMs: dayMs,
        most: perDay,
        wanted,
        words: `${counted(perDay, 'call')} a day`,
      })
    }
    if (perSecond === null) return null
    const { lengthMs, most } = windowOf(perSecond)
    const wanted = Math.max(1, Math.floor(most / parts))
    const lease = await this.#takeOne(id, {
      lengthMs,
      most,
      wanted,
      words: `${counted(perSecond, 'call')} a second`,
    })
    return { limit: most, remaining: lease.left + lease.beyond, resetSeconds: this.#secondsTo(lease) }
  }

  async #takeOne(passId: string, share: Share): Promise<Lease> {
    const key = `${passId} ${share.lengthMs}`
    for (;;) {
      const pending = this.#leases.get(key)
      const lease = await (pending ?? this.#begin(key, passId, share))
      if (this.#clock.now() < lease.endsAtMs) {
        if (lease.left > 0) {
          lease.left -= 1
          return lease
        }
        if (lease.isLast) throw this.#used(share.words, lease)
      }
      // Of several that find it used up, the first asks for the next one.
      if (this.#leases.get(key) === pending) this.#leases.delete(key)
    }
  }

  #begin(key: string, passId: string, share: Share): Promise<Lease> {
    const next = this.#takeMore(passId, share)
    this.#leases.set(key, next)
    next.catch(() => this.#leases.delete(key))
    return next
  }

  async #takeMore(passId: string, { lengthMs, most, wanted }: Share): Promise<Lease> {
    const { taken, left, endsInMs } = await this.#calls.take(passId, lengthMs, most, wanted)
    return { left: taken, beyond: left, isLast: left === 0, endsAtMs: this.#clock.now() + endsInMs }
  }

  #secondsTo({ endsAtMs }: Lease): number {
    return Math.max(0, (endsAtMs - this.#clock.now()) / 1000)
  }

  #used(share: string, lease: Lease): LatchworkError {
    const retryAfterSeconds = Math.max(1, Math.ceil(this.#secondsTo(lease)))
    return new LatchworkError('pass_limit', {
      message: `This pass has used its ${share}. Wait ${retryAfterSeconds} s, or ask its owner for more.`,
      retryAfterSeconds,
    })
  }
}

/** A share such as 2.5 a second is 25 in ten seconds. */
function windowOf(perSecond: number): { lengthMs: number; most: number } {
  return Number.isInteger(perSecond)
    ? { lengthMs: 1000, most: perSecond }
    : { lengthMs: 10_000, most: Math.max(1, Math.round(perSecond * 10)) }
}
