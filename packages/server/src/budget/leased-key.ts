import type { RequestPriority } from '@latchwork/close'
import type { Leased, Report, Want } from './leases.ts'

interface Lot {
  readonly takenAtMs: number
  /** By this process' clock. */
  readonly leasedAtMs: number
  endsMs: number
  count: number
}

interface Asking {
  readonly consumer: string
  readonly priority: RequestPriority
}

/** Permits asked for at first, and at most. */
const [fewest, most] = [4, 256]
/** A lease that is used up within this was too small. */
const quickMs = 200
/** Permits that nobody has needed for so long are given back. */
const idleMs = 250
/** Who waits asks again after this: a word of the other processes may get lost. */
const askAgainMs = 500
/** So long the consumers that ask are remembered. */
const askingMs = 1_000

/** What this process holds of one key. Times are milliseconds since 1970 by its own clock, but `takenAtMs`. */
export class LeasedKey {
  #lots: Lot[] = []
  #reports: Report[] = []
  #returns: { takenAtMs: number; count: number }[] = []
  #size = fewest
  #leasedAtMs = 0
  #heldUntilMs = 0
  /** Until when there is none, as far as the row knows, and when to ask it again; 0: not asked since the last one. */
  #closedUntilMs: Record<RequestPriority, number> = { interactive: 0, backfill: 0 }
  #askAgainAtMs: Record<RequestPriority, number> = { interactive: 0, backfill: 0 }
  #tellAtMs = Number.POSITIVE_INFINITY
  /** Consumers, and when they last waited. */
  readonly #asking = new Map<string, number>()
  /** Requests that wait for nothing but a permit. */
  #waiting: readonly Asking[] = []
  inUse = 0

  get held(): number {
    return this.inUse + this.#lots.reduce((sum, { count }) => sum + count, 0)
  }

  /** Nothing is lost by forgetting it. */
  get isIdle(): boolean {
    return this.held === 0 && !this.isWaiting && this.#reports.length + this.#returns.length === 0
  }

  /** When the row must be talked to, at the latest. */
  dueAtMs(heartbeatAtMs: number): number {
    const asks = this.#waiting.map(({ priority }) => this.#askAgainAtMs[priority]).filter((atMs) => atMs > 0)
    const lots = this.#lots.map(({ leasedAtMs, endsMs }) =>
      this.isWaiting ? endsMs : Math.min(endsMs, leasedAtMs + idleMs),
    )
    return Math.min(
      this.#tellAtMs,
      ...asks,
      ...lots,
      this.inUse > 0 ? heartbeatAtMs : Number.POSITIVE_INFINITY,
    )
  }

  opensAtMs(priority: RequestPriority, nowMs: number): number {
    if (this.#heldUntilMs > nowMs) return this.#heldUntilMs
    if (this.#lots.some(({ count, endsMs }) => count > 0 && endsMs > nowMs)) return 0
    const closedUntilMs = this.#closedUntilMs[priority]
    return closedUntilMs > nowMs ? closedUntilMs : Number.POSITIVE_INFINITY
  }

  take(nowMs: number): number {
    const there = this.#lots.filter(({ count }) => count > 0)
    // Between the look and the taking one may just have ended.
    const lot = there.find(({ endsMs }) => endsMs > nowMs) ?? there[0]
    if (lot === undefined) throw new Error('a permit was taken that is not there')
    lot.count -= 1
    this.inUse += 1
    if (this.held === this.inUse && nowMs - this.#leasedAtMs < quickMs)
      this.#size = Math.min(most, this.#size * 2)
    return lot.takenAtMs
  }

  /** @param tellMs so long it may wait to be told */
  release(
    { takenAtMs, observation }: Pick<Report, 'takenAtMs' | 'observation'>,
    { nowMs, offsetMs, tellMs }: { nowMs: number; offsetMs: number; tellMs: number },
  ): void {
    this.inUse -= 1
    this.#tellAtMs = Math.min(this.#tellAtMs, nowMs + tellMs)
    const { limit, remaining, resetSeconds, holdMs } = observation ?? {}
    if (holdMs !== undefined) this.hold(nowMs + holdMs)
    else if (remaining !== undefined && resetSeconds !== undefined) {
      const endsMs = nowMs + resetSeconds * 1_000
      for (const lot of this.#lots) if (lot.takenAtMs === takenAtMs) lot.endsMs = Math.min(lot.endsMs, endsMs)
    }
    const same = this.#reports.find(
      (each) =>
        each.takenAtMs === takenAtMs &&
        holdMs === undefined &&
        each.observation?.holdMs === undefined &&
        (each.observation === undefined) === (observation === undefined) &&
        each.observation?.limit === limit &&
        each.observation?.remaining === remaining,
    )
    if (same !== undefined) same.count += 1
    else this.#reports.push({ key: '', takenAtMs, atMs: nowMs + offsetMs, count: 1, observation })
  }

  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs)
  }

  /** It is not known any more that there is none. */
  reopen(): void {
    this.#closedUntilMs = { interactive: 0, backfill: 0 }
    this.#askAgainAtMs = { interactive: 0, backfill: 0 }
  }

  want(waiting: readonly Asking[], nowMs: number): void {
    this.#waiting = waiting
    for (const { consumer } of waiting) this.#asking.set(consumer, nowMs)
  }

  /** Whether somebody waits and the row may know more. */
  isAsked(nowMs: number): boolean {
    if (this.#heldUntilMs > nowMs) return false
    return this.#waiting.some(
      ({ priority }) => this.opensAtMs(priority, nowMs) > nowMs && this.#askAgainAtMs[priority] <= nowMs,
    )
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  wantOf(key: string, nowMs: number): Want | null {
    if (!this.isAsked(nowMs)) return null
    for (const [consumer, atMs] of this.#asking) {
      if (nowMs - atMs > askingMs) this.#asking.delete(consumer)
    }
    const priority = this.#waiting.some((each) => each.priority === 'interactive')
      ? 'interactive'
      : 'backfill'
    return { key, priority, consumers: this.#asking.size, size: Math.max(this.#waiting.length, this.#size) }
  }

  /** What there is to tell; told once. @param all gives back also what may still be used */
  tell(
    key: string,
    nowMs: number,
    all: boolean,
  ): { reports: Report[]; returns: { key: string; takenAtMs: number; count: number }[] } {
    this.#tellAtMs = Number.POSITIVE_INFINITY
    const isIdle = (lot: Lot) =>
      all || lot.endsMs <= nowMs || (!this.isWaiting && nowMs - lot.leasedAtMs >= idleMs)
    if (this.#lots.some(isIdle)) this.#size = Math.max(fewest, this.#size / 2)
    const returns = [...this.#returns, ...this.#lots.filter(isIdle)].filter(({ count }) => count > 0)
    this.#lots = this.#lots.filter((lot) => lot.count > 0 && !isIdle(lot))
    const reports = this.#reports.map((report) => ({ ...report, key }))
    this.#reports = []
    this.#returns = []
    return { reports, returns: returns.map(({ takenAtMs, count }) => ({ key, takenAtMs, count })) }
  }

  /** What could not be told is told later. */
  untold({ reports, returns }: ReturnType<LeasedKey['tell']>, tellAtMs: number): void {
    if (reports.length + returns.length > 0) this.#tellAtMs = tellAtMs
    this.#reports.unshift(...reports)
    this.#returns.unshift(...returns)
  }

  /** @param offsetMs of the database's clock */
  granted(leased: Leased, takenAtMs: number, nowMs: number, offsetMs: number): void {
    const { granted, endsMs, opensAtMs, heldUntilMs } = leased
    const local = (ms: number | null): number => (ms === null ? nowMs + askingMs : ms - offsetMs)
    this.hold(heldUntilMs - offsetMs)
    this.reopen()
    if (granted > 0) {
      this.#leasedAtMs = nowMs
      this.#lots.push({ takenAtMs, leasedAtMs: nowMs, endsMs: local(endsMs), count: granted })
      return
    }
    for (const priority of ['interactive', 'backfill'] as const) {
      const ms = opensAtMs[priority]
      this.#closedUntilMs[priority] = ms === null ? 0 : ms - offsetMs
      this.#askAgainAtMs[priority] = Math.min(
        nowMs + askAgainMs,
        ms === null ? nowMs + askAgainMs : ms - offsetMs,
      )
    }
  }
}
