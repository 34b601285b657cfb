import { type ErrorCode, LatchworkError } from '@latchwork/contract'
import pMap from 'p-map'
import { hasSecret, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow, ExpiringToken } from '../store/row.ts'
import { startStopwatch } from '../tokens/stopwatch.ts'
import type { RefresherParts } from './refresh-parts.ts'
import { backOffMs, isDead, refreshDueMs, tokenState } from './refresh-plan.ts'
import { deadError, RefreshTurn } from './refresh-turn.ts'

/** Concurrent refreshes of a tick, so that one that hangs does not delay all others. */
const refreshedAtOnce = 10
/** Rows that a tick reads at once. It goes through all tokens that expire soon. */
const candidatesAtOnce = 1000

/** A postponed attempt. */
interface Failure {
  /** Milliseconds since the failure. */
  readonly sinceMs: () => number
  /** Nothing is sent again before this time, unless a caller insists. */
  readonly pauseMs: number
  /** Failures in a row; a success resets them. */
  readonly count: number
  /** The error for callers meanwhile. */
  readonly code: ErrorCode
}

/**
 * Hands out access tokens, and refreshes them so that a grant is never lost. The states and the rules for the row's
 * fields stand in refresh-plan.ts. These rules always hold for a refresh:
 * - one request at a time per credential, by this process's map and by the lease in the row;
 * - an intent is committed before a request is sent, and cleared only by a saved pair or a definite no;
 * - a request is sent only if it must end before the lease does, by the machine's clock and a steady one;
 * - with an intent open, a process that may hold its answer gets time to save it before anything is sent again;
 * - a grant is failed only under the lease;
 * - an answer is saved before anything else is done with it, in one statement guarded by the generation;
 * - a process without the lease waits and reads again; a row is never deleted.
 */
export class Refresher {
  /** Processes have only its store in common. */
  readonly #parts: RefresherParts
  /**
   * The attempts of this process that have not ended, by credential. There is one at most for each, and callers share
   * it. An attempt is entered before anything is awaited, and removed when it ends, in whatever way.
   */
  readonly #underWay = new Map<string, Promise<CredentialRow>>()
  /**
   * Postponed attempts, by credential. They follow only failures that end by themselves (a dead grant stands in its
   * row), and last until there is a newer pair. They are lost with the process, which costs one request at most.
   */
  readonly #failures = new Map<string, Failure>()
  readonly #turn: RefreshTurn

  constructor(parts: RefresherParts) {
    this.#parts = parts
    this.#turn = new RefreshTurn(parts, (...attempt) => this.#putOff(...attempt))
  }

  /**
   * An access token that works now, with its row.
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
   * Refreshes now, unless there is a newer generation than `usedGeneration` already.
   * @throws as `accessToken`
   */
  async refresh(id: string, usedGeneration: number): Promise<CredentialRow> {
    return this.#share(id, usedGeneration, true)
  }

  /**
   * Refreshes with a new client secret, and saves it together with the new tokens.
   * @throws {LatchworkError} as `accessToken`; after `oauth_client_rejected` nothing was changed
   */
  async refreshWithSecret(id: string, clientSecret: string): Promise<CredentialRow> {
    const row = await this.#find(id)
    // Nothing may be awaited between the last look and the tracking: two attempts would share one lease.
    for (let other = this.#underWay.get(id); other !== undefined; other = this.#underWay.get(id))
      await other.catch(() => undefined)
    return this.#track(id, this.#attempt(id, row.generation, clientSecret))
  }

  /** Refreshes early, so that callers need not wait: each credential at its own time before the margin. */
  async refreshAhead(signal: AbortSignal): Promise<void> {
    const { clock, marginMs, store } = this.#parts
    const horizonMs = clock.now() + 3 * marginMs
    const refreshOne = async (id: string): Promise<void> => {
      if (signal.aborted) return
      const row = await store.find(id)
      if (row === null || tokenState(row, clock.now(), 3 * marginMs) === 'fresh') return
      await this.#share(id, row.generation, false).catch(() => undefined) // logged where it failed
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
    // The present token still works. A failure is logged where it happens, and tried again later.
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
    this.#parts.log.warn({ credential: id, code, failures: count }, 'a refresh was postponed')
    return new LatchworkError(code, { retryAfterSeconds: Math.ceil(pauseMs / 1000) })
  }
}
