import type { Place } from './budget.ts'
import { GroupLimits, type GroupState, newGroupState, rememberMs } from './group-limits.ts'
import type { RateObservation } from './rate-limit-headers.ts'

/** All that is known of one endpoint group of an organization, as data. */
export type BucketsState = {
  organization: GroupState
  keys: Record<string, GroupState>
  /** The smallest limit that an answer named, and since when it is known. */
  keyLimit: { limit: number; knownSinceMs: number } | null
}

/** Keys remembered for one group; the one that was added first is forgotten if nothing of it is under way. */
const mostKeys = 200

export function newBucketsState(): BucketsState {
  return { organization: newGroupState(), keys: {}, keyLimit: null }
}

/**
 * The buckets of one endpoint group: one for each key, and one of the organization. Close names in each answer the one
 * that is closer to its end, but not which of the two it is. That of the organization is larger (Close says: three times
 * as large), so the smallest limit seen is a key's.
 *
 * @see https://developer.close.com/api/overview/rate-limits
 */
export class GroupBuckets {
  readonly state: BucketsState
  readonly #organization: GroupLimits

  constructor(state: BucketsState = newBucketsState()) {
    this.state = state
    this.#organization = new GroupLimits(state.organization)
  }

  opensAtMs({ key, priority }: Pick<Place, 'key' | 'priority'>): number {
    const { keys } = this.state
    const own = Object.hasOwn(keys, key) ? this.#key(key).opensAtMs(priority) : 0
    return Math.max(own, this.#organization.opensAtMs(priority))
  }

  /** Until when nothing may be sent with the key. */
  heldUntilMs(key: string): number {
    return Math.max(this.state.organization.heldUntilMs, this.state.keys[key]?.heldUntilMs ?? 0)
  }

  /** The limit of a key in one window, what is left of it, and when that ends. */
  shareOf(key: string): { limit: number; left: number; windowBeganMs: number; windowEndsMs: number } {
    const own = this.#key(key)
    const { windowBeganMs, windowEndsMs } = own.state
    return {
      limit: own.limit,
      left: Math.min(own.left, this.#organization.left),
      windowBeganMs,
      windowEndsMs,
    }
  }

  take(key: string, nowMs: number): void {
    this.#key(key).take(nowMs)
    this.#organization.take(nowMs)
  }

  /** Counts a request that was taken for lost as under way again, before it is released. */
  readmit(key: string): void {
    this.#key(key).state.inFlight += 1
    this.#organization.state.inFlight += 1
  }

  giveBack(key: string, takenAtMs: number): void {
    this.#key(key).giveBack(takenAtMs)
    this.#organization.giveBack(takenAtMs)
  }

  release(key: string, observation: RateObservation | undefined, takenAtMs: number, nowMs: number): void {
    const own = this.#key(key)
    const all = this.#organization
    const { limit, remaining, holdMs, isGuessed = false } = observation ?? {}
    const named = limit !== undefined && this.#isOrganizations(limit, nowMs) ? all : own
    if (holdMs === undefined) {
      const other = named === own ? all : own
      named.release(observation, takenAtMs, nowMs)
      other.release(observation && {}, takenAtMs, nowMs)
    } else if (named === own && limit !== undefined && remaining === 0) {
      own.release(observation, takenAtMs, nowMs)
      all.giveBack(takenAtMs)
    } else {
      // It does not say that this key alone has to wait, so all of them do.
      if (limit !== undefined) named.learnLimit(limit, nowMs)
      own.giveBack(takenAtMs)
      all.release(named === all ? observation : { holdMs, isGuessed }, takenAtMs, nowMs)
    }
  }

  #isOrganizations(limit: number, nowMs: number): boolean {
    const { keyLimit } = this.state
    const known = keyLimit !== null && nowMs - keyLimit.knownSinceMs <= rememberMs ? keyLimit : null
    if (known !== null && limit > known.limit) return true
    this.state.keyLimit = { limit, knownSinceMs: known?.knownSinceMs ?? nowMs }
    return false
  }

  #key(key: string): GroupLimits {
    const { keys } = this.state
    const known = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (known !== undefined) return new GroupLimits(known)
    const idle = Object.keys(keys).find((each) => keys[each]?.inFlight === 0)
    if (Object.keys(keys).length >= mostKeys && idle !== undefined) delete keys[idle]
    const state = newGroupState()
    keys[key] = state
    return new GroupLimits(state)
  }
}
