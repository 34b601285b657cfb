import type { PermitSource, Place } from './budget.ts'
import type { CloseClock } from './clock.ts'
import { GroupBuckets } from './group-buckets.ts'
import type { RateObservation } from './rate-limit-headers.ts'

/** The permits of an organization that one process alone acts for. */
export class ProcessPermits implements PermitSource {
  readonly #clock: CloseClock
  readonly #groups = new Map<string, GroupBuckets>()
  changed: PermitSource['changed'] = () => {}

  constructor(clock: CloseClock) {
    this.#clock = clock
  }

  opensAtMs(place: Place): number {
    return this.#groups.get(place.group)?.opensAtMs(place) ?? 0
  }

  take({ group, key }: Place): number {
    const buckets = this.#groups.get(group) ?? new GroupBuckets()
    this.#groups.set(group, buckets)
    const nowMs = this.#clock.now()
    buckets.take(key, nowMs)
    return nowMs
  }

  release({ group, key }: Place, takenAtMs: number, observation: RateObservation | undefined): void {
    this.#groups.get(group)?.release(key, observation, takenAtMs, this.#clock.now())
  }
}
