import type { Place, RateObservation } from '@latchwork/close'
import type { Clock } from '@latchwork/connectors'
import { LeasedKey } from './leased-key.ts'
import type { LeaseAnswer, News } from './leases.ts'
import type { BudgetNews, BudgetStore } from './store.ts'

export interface LeaseParts {
  readonly store: Pick<BudgetStore, 'exchange'>
  readonly organization: string
  /** Names this process. */
  readonly holder: string
  readonly clock: Clock
  /** So long after its last word a process counts as dead. */
  readonly leaseMs: number
  /** So long at most the others do not know what an answer said; a wait is told at once. */
  readonly reportMs: number
}

/** What could not be told is told again after this. */
const tellAgainMs = 500

/** What this process holds of one endpoint group, and its talk with the row that all processes share. */
export class LeasedGroup {
  readonly #parts: LeaseParts
  readonly #name: string
  readonly #changed: (failure?: unknown) => void
  readonly #keys = new Map<string, LeasedKey>()
  /** How far the database's clock is ahead, at least and at most: its answer was under way for some part of the exchange. */
  #offsetMs = { least: 0, most: 0 }
  #talking: Promise<void> | null = null
  #lastTalkMs = 0
  #mustTalk = false
  #timer: { atMs: number; timeout: NodeJS.Timeout } | null = null
  #closed = false

  constructor(parts: LeaseParts, name: string, changed: (failure?: unknown) => void) {
    this.#parts = parts
    this.#name = name
    this.#changed = changed
  }

  opensAtMs({ key, priority }: Place): number {
    return this.#keys.get(key)?.opensAtMs(priority, this.#now()) ?? Number.POSITIVE_INFINITY
  }

  take(key: string): number {
    const takenAtMs = this.#key(key).take(this.#now())
    this.#plan()
    return takenAtMs
  }

  release(key: string, takenAtMs: number, observation: RateObservation | undefined): void {
    const [nowMs, tellMs] = [this.#now(), this.#parts.reportMs]
    // The others wait rather too long than too short.
    const offsetMs = observation?.holdMs === undefined ? this.#offsetMs.least : this.#offsetMs.most
    this.#key(key).release({ takenAtMs, observation }, { nowMs, offsetMs, tellMs })
    if (observation?.holdMs === undefined) this.#plan()
    else this.#talk()
  }

  want(places: readonly (Place & { consumer: string })[]): void {
    const byKey = Map.groupBy(places, ({ key }) => key)
    const nowMs = this.#now()
    for (const name of byKey.keys()) this.#key(name)
    for (const [name, key] of this.#keys) key.want(byKey.get(name) ?? [], nowMs)
    if ([...this.#keys.values()].some((key) => key.isAsked(nowMs))) this.#talk()
    else this.#plan()
  }

  heard({ holds, nowMs }: BudgetNews): void {
    // The word was under way for as long as nothing: its times count from now.
    this.#hold(holds, nowMs - this.#now())
    for (const key of this.#keys.values()) key.reopen()
    this.#changed()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer?.timeout)
    await this.#talking
    // Without it the others get them back when the lease ends.
    await this.#exchange().catch(() => undefined)
  }

  /** @param offsetMs of the clock by which it is said until when */
  #hold(holds: News['holds'], offsetMs: number): void {
    for (const { key: of, untilMs } of holds) {
      for (const [name, key] of this.#keys) if (of === null || of === name) key.hold(untilMs - offsetMs)
    }
  }

  #now(): number {
    return this.#parts.clock.now()
  }

  #key(name: string): LeasedKey {
    const key = this.#keys.get(name) ?? new LeasedKey()
    this.#keys.set(name, key)
    return key
  }

  /** One exchange at a time; what comes up meanwhile is said in the next. */
  #talk(): void {
    if (this.#closed) return
    this.#mustTalk = true
    this.#talking ??= this.#talkOn().finally(() => {
      this.#talking = null
      this.#plan()
    })
  }

  async #talkOn(): Promise<void> {
    while (this.#mustTalk && !this.#closed) {
      this.#mustTalk = false
      try {
        await this.#exchange()
      } catch (error) {
        this.#mustTalk = false
        this.#changed(error)
        return
      }
      this.#changed()
    }
  }

  async #exchange(): Promise<void> {
    const { store, organization, holder, leaseMs } = this.#parts
    const beganMs = this.#now()
    const keys = [...this.#keys]
    const wants = this.#closed ? [] : keys.flatMap(([name, key]) => key.wantOf(name, beganMs) ?? [])
    const spoken = keys.map(([name, key]) => ({ key, words: key.tell(name, beganMs, this.#closed) }))
    const reports = spoken.flatMap(({ words }) => words.reports)
    const returns = spoken.flatMap(({ words }) => words.returns)
    try {
      const answer = await store.exchange(organization, this.#name, {
        holder,
        leaseMs,
        reports,
        returns,
        wants,
      })
      this.#take(answer, beganMs)
    } catch (error) {
      for (const { key, words } of spoken) key.untold(words, this.#now() + tellAgainMs)
      throw error
    }
  }

  #take({ nowMs: takenAtMs, leased, news }: LeaseAnswer, beganMs: number): void {
    const nowMs = this.#now()
    this.#lastTalkMs = nowMs
    this.#offsetMs = { least: takenAtMs - nowMs, most: takenAtMs - beganMs }
    for (const each of leased) this.#key(each.key).granted(each, takenAtMs, nowMs, this.#offsetMs.least)
    this.#hold(news?.holds ?? [], this.#offsetMs.least)
    for (const [name, key] of this.#keys) if (key.isIdle) this.#keys.delete(name)
  }

  /** Talks when it is time: there is something to tell, to give back, to ask again, or the lease must be renewed. */
  #plan(): void {
    if (this.#closed || this.#talking !== null) return
    const heartbeatAtMs = this.#lastTalkMs + this.#parts.leaseMs / 3
    const atMs = Math.min(...[...this.#keys.values()].map((key) => key.dueAtMs(heartbeatAtMs)))
    if (this.#timer !== null && this.#timer.atMs <= atMs) return
    clearTimeout(this.#timer?.timeout)
    this.#timer = null
    if (atMs === Number.POSITIVE_INFINITY) return
    const timeout = setTimeout(
      () => {
        this.#timer = null
        this.#talk()
      },
      Math.max(0, atMs - this.#now()),
    )
    this.#timer = { atMs, timeout: timeout.unref() }
  }
}
