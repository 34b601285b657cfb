import type { RequestPriority } from './budget.ts'

type Waiting = { readonly key: string; readonly consumer: string; readonly priority: RequestPriority }

/** Consumers remembered. Who is forgotten comes first, as one who is new. */
const mostRemembered = 1_000

/**
 * Whose turn it is. Interactive requests go before backfills, but for one that waits a backfill's consumer has half a
 * turn of theirs: so everybody gets at least half of what an even division would give. Within a priority the consumer
 * goes first who was served longest ago.
 */
export class Turns {
  /** Consumer to the number of its last turn, the oldest first. */
  readonly #served = new Map<string, number>()
  /** Turns that the backfills of a key are owed. */
  readonly #owed = new Map<string, number>()
  #turn = 0

  /** @param waiting in order of arrival */
  next<T extends Waiting>(waiting: readonly T[]): T | undefined {
    let best: T | undefined
    for (const each of waiting) {
      if (best === undefined || this.#isBefore(each, best)) best = each
    }
    return best
  }

  /** @param others who wait besides */
  served(turn: Waiting, others: readonly Waiting[]): void {
    const name = nameOf(turn)
    this.#turn += 1
    this.#served.delete(name)
    this.#served.set(name, this.#turn)
    const [oldest] = this.#served.keys()
    if (this.#served.size > mostRemembered && oldest !== undefined) this.#served.delete(oldest)
    if (others.length === 0) {
      this.#owed.delete(turn.key)
      return
    }
    const waiting = (priority: RequestPriority) =>
      new Set(
        others.flatMap((each) => (each.key === turn.key && each.priority === priority ? each.consumer : [])),
      )
    const backfills = waiting('backfill').size
    const owed = this.#owed.get(turn.key) ?? 0
    const interactive = waiting('interactive').add(turn.consumer).size
    const next = turn.priority === 'backfill' ? owed - 1 : owed + Math.min(1, backfills / (2 * interactive))
    if (backfills === 0 || next <= 0) this.#owed.delete(turn.key)
    else this.#owed.set(turn.key, Math.min(next, backfills))
  }

  #isBefore(one: Waiting, other: Waiting): boolean {
    const ranks = this.#rank(one) - this.#rank(other)
    if (ranks !== 0) return ranks < 0
    return (this.#served.get(nameOf(one)) ?? 0) < (this.#served.get(nameOf(other)) ?? 0)
  }

  #rank({ key, priority }: Waiting): number {
    if (priority === 'interactive') return 1
    return (this.#owed.get(key) ?? 0) >= 1 ? 0 : 2
  }
}

function nameOf({ priority, consumer }: Waiting): string {
  return `${priority} ${consumer}`
}
