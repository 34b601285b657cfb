import type { Clock } from '@latchwork/connectors'
import pMap from 'p-map'
import type { AlertStore } from '../../alerts/store.ts'
import { toTime } from '../../database/columns.ts'
import { jitter } from '../../jobs/jitter.ts'
import type { Logger } from '../../logging/logger.ts'
import type { CheckStore } from '../store/checks.ts'
import type { CredentialRow } from '../store/row.ts'
import { isPending, judge } from './judging.ts'

/** Concurrent checks, so that one waiting for its time-out does not delay all others. */
const checksAtOnce = 8
/** Limit for the checks of one tick, so that refreshes and runs get their turn. The next tick does the rest. */
const checkingMs = 15_000
/** An uncertain status is checked again after this time. */
const confirmMs = 10 * 60_000
/** A status older than this was observed already, unless a clock is far off. */
const observeBackMs = 30 * 60_000
const keepDaysMs = 35 * 86_400_000
const keepAlertsMs = 90 * 86_400_000

export interface ChecksParts {
  readonly stores: { readonly checks: CheckStore; readonly alerts: AlertStore }
  /** Checks a credential and stores the result. */
  readonly check: (id: string) => Promise<CredentialRow>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  /** Between two checks of one credential. */
  readonly everyMs: number
}

/** Checks every credential on a schedule, and observes every status that something else has set. */
export class Checks {
  readonly #parts: ChecksParts

  constructor(parts: ChecksParts) {
    this.#parts = parts
  }

  async tick(signal: AbortSignal): Promise<void> {
    await this.#plan()
    await this.#checkDue(signal)
    await this.observeRecent()
    const nowMs = this.#parts.clock.now()
    const day = dayOf(nowMs - keepDaysMs)
    const { checks, alerts } = this.#parts.stores
    await checks.forget(day)
    await alerts.forget(nowMs - keepAlertsMs)
  }

  /** Observes what uses, refreshes and people's checks found on any process. */
  async observeRecent(): Promise<void> {
    const { checks } = this.#parts.stores
    const sinceMs = this.#parts.clock.now() - observeBackMs
    for (;;) {
      const rows = await checks.unobserved(sinceMs, 200)
      let observed = 0
      for (const row of rows) if (await this.#observe(row)) observed += 1
      if (observed === 0) return
    }
  }

  /** Gives each new credential its own time within the interval, so that many made at once are not checked at once. */
  async #plan(): Promise<void> {
    const { stores, everyMs } = this.#parts
    for (const id of await stores.checks.unplanned(500)) {
      await stores.checks.planCheck(id, Math.floor(jitter(id) * everyMs) + 1)
    }
  }

  async #checkDue(signal: AbortSignal): Promise<void> {
    await pMap(this.#takeDue(signal), (id) => this.#checkOne(id), { concurrency: checksAtOnce })
  }

  /** Takes one credential at a time, when there is room for its check. */
  async *#takeDue(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { stores, clock, everyMs } = this.#parts
    const untilMs = clock.now() + checkingMs
    while (!signal.aborted && clock.now() < untilMs) {
      // Up to a tenth earlier or later each time, so that checks that once coincided drift apart.
      const again = Math.floor(everyMs * (0.9 + Math.random() / 5))
      const [row] = await stores.checks.takeDue(1, again)
      if (row === undefined) return
      yield row.id
    }
  }

  async #checkOne(id: string): Promise<void> {
    try {
      await this.#observe(await this.#parts.check(id))
    } catch (error) {
      this.#parts.log.error({ err: error, credential: id }, 'a scheduled check failed')
    }
  }

  /** True if something new was observed. */
  async #observe(row: CredentialRow): Promise<boolean> {
    const { checks } = this.#parts.stores
    const before = await checks.state(row.id)
    if (before?.observedAt === row.statusAt) return false
    const observation = judge(before, row, await this.#isAppsFault(row))
    if (!(await checks.observe({ ...observation, day: dayOf(row.statusAt) }))) return false
    if (isPending(observation.state, before)) {
      await checks.planCheck(row.id, Math.floor(confirmMs * (1 + jitter(row.id) / 5)))
    }
    return true
  }

  /** If another credential of the app works, the refusal concerns this credential only. */
  async #isAppsFault(row: CredentialRow): Promise<boolean> {
    const clientId = row.values['clientId']
    if (row.reasonCode !== 'oauth_client_rejected' || clientId === undefined) return true
    return !(await this.#parts.stores.checks.hasWorking(clientId))
  }
}

/** The UTC day of a time, such as `2026-11-23`. */
export function dayOf(ms: number): string {
  return toTime(ms).slice(0, 10)
}
