import type { PermitSource, Place, RateObservation } from '@latchwork/close'
import { LeasedGroup, type LeaseParts } from './leased-group.ts'
import type { BudgetNews } from './store.ts'

/**
 * The permits of an organization that several processes act for. Each takes a few at a time from the row that all share,
 * so that a request does not cost a query, and tells there what the answers said.
 */
export class LeasedPermits implements PermitSource {
  readonly #parts: LeaseParts
  readonly #groups = new Map<string, LeasedGroup>()
  changed: PermitSource['changed'] = () => {}

  constructor(parts: LeaseParts) {
    this.#parts = parts
  }

  opensAtMs(place: Place): number {
    return this.#groups.get(place.group)?.opensAtMs(place) ?? Number.POSITIVE_INFINITY
  }

  take(place: Place): number {
    return this.#group(place.group).take(place.key)
  }

  release(place: Place, takenAtMs: number, observation: RateObservation | undefined): void {
    this.#group(place.group).release(place.key, takenAtMs, observation)
  }

  wanted(waiting: readonly (Place & { consumer: string })[]): void {
    const byGroup = Map.groupBy(waiting, ({ group }) => group)
    for (const [name, group] of this.#groups) if (!byGroup.has(name)) group.want([])
    for (const [name, places] of byGroup) this.#group(name).want(places)
  }

  /** Another process has learned something. */
  heard(news: BudgetNews): void {
    this.#groups.get(news.group)?.heard(news)
  }

  /** Gives back what is not used. */
  async close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.close()))
  }

  #group(name: string): LeasedGroup {
    const group =
      this.#groups.get(name) ?? new LeasedGroup(this.#parts, name, (failure) => this.changed(failure))
    this.#groups.set(name, group)
    return group
  }
}
