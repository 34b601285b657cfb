import { type ErrorCode, LatchworkError } from '@latchwork/contract'
import pMap from 'p-map'
import { hasSecret, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow, ExpiringToken } from '../store/row.ts'
import { startStopwatch } from '../tokens/stopwatch.ts'
import type { RefresherParts } from './refresh-parts.ts'
import { backOffMs, isDead, refreshDueMs, tokenState } from './refresh-plan.ts'
import { deadError, RefreshTurn } from './refresh-turn.ts'

/** By the tick: one that hangs shall not hold up all others. */
const refreshedAtOnce = 10
/** Read at once by a tick, which looks at all that expire soon. */
const candidatesAtOnce = 1000

/** An attempt that is put off. */
interface Failure {
  /** Milliseconds since. */
  readonly sinceMs: () => number
  /** Only after so long is anything sent again, unless a caller insists. */
  readonly pauseMs: number
  /** In a row: one that succeeds forgets them. */
  readonly count: number
  /** What callers get meanwhile. */
  readonly code: ErrorCode
}

/**
 * Hands out access tokens, and refreshes them so that a grant is never lost: the states, and what always holds of the
 * row's fields, stand in refresh-plan.ts. What always holds of a refresh:
 * - one request at a time per credential, by this process's map and by the lease in the row;
 * - an intent is committed before a request is sent, and cleared only by a saved pair or a definite no;
 * - a request is sent only as long as it must end before the lease does, by the machine's clock and a steady one;
 * - with an intent open, whoever may hold its answer is given time to save it before anything is sent again;
 * - a grant is failed only under the lease;
 * - saving is the first thing done with an answer, in one statement guarded by the generation;
 * - whoever has no lease waits and reads again; a row is never deleted.
 */
export class Refresher {
  /** Never changes; its store is the only thing that several processes have in common. */
  readonly #parts: RefresherParts
  /**
   * The attempts of this process that have not ended, by credential: never two for one, and callers share it. Entered
   * before anything is awaited, and taken out when it ends, however that is.
   */
  readonly #underWay = new Map<string, Promise<CredentialRow>>()
  /**
   * What was put off, by credential: only after failures that end by themselves (a dead grant stands in its row), and no
   * longer than until there is a newer pair. Lost with the process, which costs one request at most.
   */
  readonly #failures = new Map<string, Failure>()
  /** Never changes. */
  readonly #turn: RefreshTurn

  constructor(parts: RefresherParts) {
    this.#parts = parts
    this.#turn = new RefreshTurn(parts, (...attempt) => this.#putOff(...attempt))
  }

  /**
   * An access token that works now, with the generation that it belongs to.
   * @throws {LatchworkError} `credential_not_found`, `grant_rejected`, `lost_rotation`, `oauth_client_rejected`,
   * `unreachable`, `upstream_error`, `oauth_failed`
   */
  async accessToken(id: string): Promise<{ token: string; row: CredentialRow }> {
    const row = await this.#find(id)
    if (!hasSecret(row, 'accessToken')) throw new LatchworkError('not_authorized')
    switch (tokenState(row, this.#parts.clock.now(), this.#parts.marginMs)) {
      case 'fresh':
        return this.#open(row)
      case 'ageing':
        if (!isDead(row)) this.#refreshInBackground(row)
        return this.#open(row)
      case 'ending':
        return this.#open(await this.#share(id, row.generation, false).catch(() => row))
      case 'expired':
        return this.#open(await this.#share(id, row.generation, false))
      case 'dead':
        throw deadError(row)
    }
  }

  /**
   * Refreshes now, unless a newer generation than `usedGeneration` is there already.
   * @throws as `accessToken`
   */
  async refresh(id: string, usedGeneration: number): Promise<CredentialRow> {
    return this.#share(id, usedGeneration, true)
  }

  /**
   * Refreshes with another client secret than the stored one, and saves it together with the new tokens.
   * @throws {LatchworkError} as `accessToken`; nothing was changed by `oauth_client_rejected`
   */
  async refreshWithSecret(id: string, clientSecret: string): Promise<CredentialRow> {
    const row = await this.#find(id)
    // Nothing is awaited between the last look and the tracking: two under way would share one lease.
    for (let other = this.#underWay.get(id); other !== undefined; other = this.#underWay.get(id))
      await other.catch(() => undefined)
    return this.#track(id, this.#attempt(id, row.generation, clientSecret))
  }

  /** Refreshes before callers need to wait, each credential at a moment of its own before the margin. */
  async refreshAhead(signal: AbortSignal): Promise<void> {
    const { clock, marginMs, store } = this.#parts
    const horizonMs = clock.now() + 3 * marginMs
    const refreshOne = async (id: string): Promise<void> => {
      if (signal.aborted) return
      const row = await store.find(id)
      if (row === null || tokenState(row, clock.now(), 3 * marginMs) === 'fresh') return
      await this.#share(id, row.generation, false).catch(() => undefined) // noted where it failed
    }
    let after: ExpiringToken | undefined
    do {
      const expiring = await store.expiring(horizonMs, candidatesAtOnce, after)
      const ids = expiring
        .filter(({ id, expiresAt }) => refreshDueMs(id, expiresAt, marginMs) <= clock.now())
        .map(({ id }) => id)
      await pMap(ids, refreshOne, { concurrency: refreshedAtOnce })
      after = expiring.length < candidatesAtOnce ? undefined : expiring.at(-1)
    } while (after !== undefined && !signal.aborted)
  }

  /** Resolves when no refresh is under way. */
  async drain(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay.values())
  }

  async #find(id: string): Promise<CredentialRow> {
    const row = await this.#parts.store.find(id)
    if (row === null) throw new LatchworkError('credential_not_found')
    return row
  }

  async #open(row: CredentialRow): Promise<{ token: string; row: CredentialRow }> {
    const token = await this.#parts.vault.open(placeOfRow(row), row.sealed, 'accessToken')
    return { token: token.reveal(), row }
  }

  #refreshInBackground(row: CredentialRow): void {
    // The token at hand still works: a failure is logged where it happens and tried again later.
    this.#share(row.id, row.generation, false).catch(() => undefined)
  }

  #share(id: string, usedGeneration: number, insist: boolean): Promise<CredentialRow> {
    const shared = this.#underWay.get(id)
    if (shared !== undefined) return shared
    const failure = this.#failures.get(id)
    if (!insist && failure !== undefined && failure.sinceMs() < failure.pauseMs) {
      const retryAfterSeconds = Math.ceil((failure.pauseMs - failure.sinceMs()) / 1000)
      return Promise.reject(new LatchworkError(failure.code, { retryAfterSeconds }))
    }
    return this.#track(id, this.#attempt(id, usedGeneration, null))
  }

  #track(id: string, attempt: Promise<CredentialRow>): Promise<CredentialRow> {
    const tracked = attempt.finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, tracked)
    return tracked
  }

  async #attempt(id: string, usedGeneration: number, newSecret: string | null): Promise<CredentialRow> {
    const row = await this.#turn.take(id, usedGeneration, newSecret)
    this.#failures.delete(id)
    return row
  }

  #putOff(id: string, code: ErrorCode, retryAfterSeconds: number | null): LatchworkError {
    const count = (this.#failures.get(id)?.count ?? 0) + 1
    const pauseMs = backOffMs(count - 1, retryAfterSeconds, Math.random())
    this.#failures.set(id, { sinceMs: startStopwatch(this.#parts.clock), pauseMs, count, code })
    this.#parts.log.warn({ credential: id, code, failures: count }, 'a refresh is put off')
    return new LatchworkError(code, { retryAfterSeconds: Math.ceil(pauseMs / 1000) })
  }
}
