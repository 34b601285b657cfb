import type { Clock } from '@latchwork/connectors'
import pMap from 'p-map'
import type { AlertStore } from '../../alerts/store.ts'
import { toTime } from '../../database/columns.ts'
import { jitter } from '../../jobs/jitter.ts'
import type { Logger } from '../../logging/logger.ts'
import type { CheckStore } from '../store/checks.ts'
import type { CredentialRow } from '../store/row.ts'
import { isPending, judge } from './judging.ts'

/** Checks side by side: one that waits for its time-out shall not hold up all others. */
const checksAtOnce = 8
/** Of one tick, so that refreshes and runs get their turn. The rest follows with the next. */
const checkingMs = 15_000
/** What is not certain yet is looked at again so soon. */
const confirmMs = 10 * 60_000
/** A status that was established this long ago has been seen, unless its clock is far off. */
const observeBackMs = 30 * 60_000
const keepDaysMs = 35 * 86_400_000
const keepAlertsMs = 90 * 86_400_000

export interface ChecksParts {
  readonly stores: { readonly checks: CheckStore; readonly alerts: AlertStore }
  /** Checks a credential and stores what came out. */
  readonly check: (id: string) => Promise<CredentialRow>
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  /** Between two checks of one credential. */
  readonly everyMs: number
}

/** Looks at every credential on a schedule, and at every status that something else established. */
export class Checks {
  readonly #parts: ChecksParts

  constructor(parts: ChecksParts) {
    this.#parts = parts
  }

  /** What repeats itself. */
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

  /** Notes what uses, refreshes and people's checks found out on any process. */
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

  /** New ones get a time of their own within the interval: many made at once are not checked at once. */
  async #plan(): Promise<void> {
    const { stores, everyMs } = this.#parts
    for (const id of await stores.checks.unplanned(500)) {
      await stores.checks.planCheck(id, Math.floor(jitter(id) * everyMs) + 1)
    }
  }

  async #checkDue(signal: AbortSignal): Promise<void> {
    await pMap(this.#takeDue(signal), (id) => this.#checkOne(id), { concurrency: checksAtOnce })
  }

  /** Takes one when there is room for its check. */
  async *#takeDue(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { stores, clock, everyMs } = this.#parts
    const untilMs = clock.now() + checkingMs
    while (!signal.aborted && clock.now() < untilMs) {
      // A tenth earlier or later each time, so that what once met drifts apart.
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
      this.#parts.log.error({ err: error, credential: id }, 'a scheduled check came to nothing')
    }
  }

  /** True if something new was seen. */
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

  /** Others of the app that work show that a refusal is this credential's own. */
  async #isAppsFault(row: CredentialRow): Promise<boolean> {
    const clientId = row.values['clientId']
    if (row.reasonCode !== 'oauth_client_rejected' || clientId === undefined) return true
    return !(await this.#parts.stores.checks.hasWorking(clientId))
  }
}

/** `2026-11-23` of a time, UTC. */
export function dayOf(ms: number): string {
  return toTime(ms).slice(0, 10)
}
