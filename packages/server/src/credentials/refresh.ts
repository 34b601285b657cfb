import type { Clock } from '@latchwork/connectors'
import { errorCatalogue, LatchworkError } from '@latchwork/contract'
import { Secret, type Secrets, type Vault } from '@latchwork/vault'
import type { Logger } from '../logging/logger.ts'
import {
  type Grant,
  type OAuthApp,
  type OAuthEndpoints,
  refreshTokens,
  type TokenOutcome,
  tokenTimeoutSeconds,
} from '../oauth/token-client.ts'
import type { CredentialRow, CredentialStore, ExpiringToken } from '../stores/interfaces.ts'
import { afterAnswer, backOffMs, isDead, isInDoubt, refreshDueMs, tokenState } from './refresh-plan.ts'
import type { Revoker } from './revoking.ts'
import { hasSecret, placeOf, placeOfRow } from './sealing.ts'
import { startStopwatch } from './stopwatch.ts'

/** A request ends, by answer or time-out, well before its lease does. */
const leaseTtlMs = 3 * tokenTimeoutSeconds * 1000
/** A holder who was stopped for longer than this since taking the lease sends nothing: its request could outlive it. */
const sendWithinMs = leaseTtlMs - tokenTimeoutSeconds * 1000
const waitForOthersMs = 250
/** A database that is away is asked to take a pair until the pauses between, which grow to two seconds, come to this. */
const saveWithinMs = 10 * 60_000
const longestSavePauseMs = 2000
/** Whoever holds a pair may save it when the database is back, though its lease is over: it is given this time first. */
const letSaveMs = 5 * longestSavePauseMs
/** By the tick: one that hangs shall not hold up all others. */
const refreshedAtOnce = 10
/** Read at once by a tick, which looks at all that expire soon. */
const candidatesAtOnce = 1000

export interface RefresherParts {
  readonly store: CredentialStore
  readonly vault: Vault
  readonly endpoints: OAuthEndpoints
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Unique among all processes that share the database. */
  readonly owner: string
  /** Tokens are refreshed this long before they end. */
  readonly marginMs: number
  /** Marks every credential of an OAuth app that was refused, so that none of the others asks with its secret. */
  readonly pauseApp?: (clientId: string) => Promise<unknown>
  /** Ends a grant that no credential has any more. */
  readonly endGrant?: Revoker['end']
}

/** An attempt that is put off. */
interface Failure {
  /** Milliseconds since. */
  readonly sinceMs: () => number
  /** Only after so long is anything sent again, unless a caller insists. */
  readonly pauseMs: number
  /** In a row: one that succeeds forgets them. */
  readonly count: number
  /** What callers get meanwhile. */
  readonly error: LatchworkError
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
   * longer than until the next success in this process. Lost with the process, which costs one request at most.
   */
  readonly #failures = new Map<string, Failure>()

  constructor(parts: RefresherParts) {
    this.#parts = parts
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
        if (!isDead(row)) this.#refreshBehind(row)
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
    return this.#track(id, this.#takeTurn(id, row.generation, clientSecret))
  }

  /** Refreshes before callers need to wait, each credential at a moment of its own before the margin. */
  async refreshAhead(signal: AbortSignal): Promise<void> {
    const { clock, marginMs, store } = this.#parts
    const horizonMs = clock.now() + 3 * marginMs
    const horizon = new Date(horizonMs).toISOString()
    const refreshOne = async (id: string): Promise<void> => {
      const row = await store.find(id)
      if (row === null || tokenState(row, clock.now(), 3 * marginMs) === 'fresh') return
      await this.#share(id, row.generation, false).catch(() => undefined) // noted where it failed
    }
    let behind: ExpiringToken | undefined
    do {
      const expiring = await store.expiring(horizon, candidatesAtOnce, behind)
      const ids = expiring
        .filter(({ id, expiresAt }) => refreshDueMs(id, Date.parse(expiresAt), marginMs) <= clock.now())
        .map(({ id }) => id)
      while (ids.length > 0 && !signal.aborted)
        await Promise.all(ids.splice(0, refreshedAtOnce).map(refreshOne))
      behind = expiring.length < candidatesAtOnce ? undefined : expiring.at(-1)
    } while (behind !== undefined && !signal.aborted)
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

  #refreshBehind(row: CredentialRow): void {
    // The token at hand still works: a failure is logged where it happens and tried again later.
    this.#share(row.id, row.generation, false).catch(() => undefined)
  }

  #share(id: string, usedGeneration: number, insist: boolean): Promise<CredentialRow> {
    const shared = this.#underWay.get(id)
    if (shared !== undefined) return shared
    const failure = this.#failures.get(id)
    if (!insist && failure !== undefined && failure.sinceMs() < failure.pauseMs) {
      return Promise.reject(failure.error)
    }
    return this.#track(id, this.#takeTurn(id, usedGeneration, null))
  }

  #track(id: string, attempt: Promise<CredentialRow>): Promise<CredentialRow> {
    const tracked = attempt.finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, tracked)
    return tracked
  }

  /** Waits for the lease; whoever loses it reads what the winner saved. */
  async #takeTurn(id: string, usedGeneration: number, newSecret: string | null): Promise<CredentialRow> {
    const { store, owner, clock } = this.#parts
    const sinceBegunMs = startStopwatch(clock)
    for (;;) {
      let sinceAskedMs = startStopwatch(clock)
      let held = await store.acquireLease(id, owner, leaseTtlMs)
      if (held !== null && isInDoubt(held) && !isDead(held)) {
        await clock.sleep(letSaveMs)
        sinceAskedMs = startStopwatch(clock)
        held = await store.acquireLease(id, owner, leaseTtlMs)
      }
      if (held !== null) {
        const done = await this.#refreshHeld(held, sinceAskedMs, usedGeneration, newSecret)
        if (done !== null) return done
        continue // the lease was lost meanwhile
      }
      const row = await this.#find(id)
      if (row.generation !== usedGeneration && newSecret === null) return row
      if (isDead(row) && newSecret === null) throw deadError(row)
      if (sinceBegunMs() > 2 * leaseTtlMs) {
        throw new LatchworkError('unreachable', {
          message: 'Another process has been refreshing this sign-in for too long. Try again in a minute.',
        })
      }
      await clock.sleep(waitForOthersMs)
    }
  }

  /** With the lease held. Null if it was lost before anything was decided. */
  async #refreshHeld(
    held: CredentialRow,
    sinceAskedMs: () => number,
    usedGeneration: number,
    newSecret: string | null,
  ): Promise<CredentialRow | null> {
    const { store, owner, endpoints, clock, vault } = this.#parts
    const { id, generation } = held
    const release = (clearIntent: boolean) => store.releaseLease(id, owner, clearIntent)
    if (newSecret === null && (generation !== usedGeneration || isDead(held))) {
      await release(false)
      if (generation !== usedGeneration) return held
      throw deadError(held)
    }
    if (!hasSecret(held, 'refreshToken')) return this.#fail(held, 'grant_rejected')

    const secrets = await vault.openAll(placeOfRow(held), held.sealed)
    const app: OAuthApp = {
      clientId: held.values['clientId'] ?? '',
      clientSecret: newSecret ?? secrets['clientSecret']?.reveal() ?? '',
    }
    let inDoubt = isInDoubt(held)
    let sinceLeasedMs = sinceAskedMs
    for (let retried = false; ; retried = true) {
      if (retried) {
        // Renewed before each request, so that it outlives it.
        sinceLeasedMs = startStopwatch(clock)
        if ((await store.acquireLease(id, owner, leaseTtlMs)) === null) return null
      }
      if (!(await store.recordIntent(id, owner, generation))) {
        await release(false)
        return null
      }
      if (sinceLeasedMs() > sendWithinMs) {
        await release(!inDoubt) // no effect if another has the lease by now
        return null
      }
      const sentAtMs = clock.now()
      const outcome = await refreshTokens(endpoints, app, secrets['refreshToken']?.reveal() ?? '')
      const next = afterAnswer(outcome, inDoubt, retried)
      if (next.step === 'retry_in_doubt') {
        inDoubt = true
        continue
      }
      if (outcome.kind === 'granted') {
        const saved = await this.#save(held, outcome.grant, sentAtMs, newSecret)
        this.#failures.delete(id)
        return saved
      }
      if (next.step === 'fail' && newSecret !== null && next.code === 'oauth_client_rejected') {
        await release(!inDoubt)
        throw new LatchworkError('oauth_client_rejected')
      }
      if (next.step === 'fail') return this.#fail(held, next.code)
      if (next.step === 'give_up') {
        await release(next.clearIntent)
        throw this.#giveUp(id, outcome, new LatchworkError(next.code))
      }
    }
  }

  /** Null if there is a newer generation, which wins over the refusal of an old one, or the lease was lost. */
  async #fail(held: CredentialRow, code: keyof typeof errorCatalogue): Promise<null> {
    const { store, owner, log } = this.#parts
    if ((await store.acquireLease(held.id, owner, leaseTtlMs)) === null) return null
    const { title } = errorCatalogue[code]
    const failed = await store.failGrant(held.id, held.generation, code, title, owner)
    if (!failed) {
      await store.releaseLease(held.id, owner, false)
      return null
    }
    log.warn({ credential: held.id, code }, 'the grant of a credential ended')
    if (code === 'oauth_client_rejected') await this.#pauseApp(held)
    throw new LatchworkError(code)
  }

  async #pauseApp(held: CredentialRow): Promise<void> {
    const { pauseApp, log } = this.#parts
    // What fails here is made up for when the health of this credential is looked at.
    await pauseApp?.(held.values['clientId'] ?? '').catch((error: unknown) =>
      log.error({ err: error, credential: held.id }, 'the credentials of a refused app were not paused'),
    )
  }

  #giveUp(id: string, outcome: TokenOutcome, error: LatchworkError): LatchworkError {
    const count = (this.#failures.get(id)?.count ?? 0) + 1
    const retryAfter = outcome.kind === 'later' ? outcome.retryAfterSeconds : null
    const pauseMs = backOffMs(count - 1, retryAfter, Math.random())
    this.#failures.set(id, { sinceMs: startStopwatch(this.#parts.clock), pauseMs, count, error })
    this.#parts.log.warn({ credential: id, code: error.code, failures: count }, 'a refresh is put off')
    return error
  }

  /**
   * Saves an answer. The old refresh token is spent and the new pair exists only here: a database or a key service that
   * fails is asked again for minutes, the lease renewed as soon as it is back. If another secret was changed meanwhile,
   * the pair is sealed into the row as it now is.
   */
  async #save(
    held: CredentialRow,
    grant: Grant,
    sentAtMs: number,
    newSecret: string | null,
  ): Promise<CredentialRow> {
    const { store, clock, log, owner } = this.#parts
    let pausedMs = 0
    let current = held
    for (let attempt = 1; ; attempt++) {
      let saved: boolean
      let row: CredentialRow | null
      try {
        if (attempt > 1) await store.acquireLease(held.id, owner, leaseTtlMs)
        saved = await this.#trySaving(current, held.generation, grant, sentAtMs, newSecret)
        row = await store.find(held.id)
      } catch (error) {
        if (pausedMs >= saveWithinMs) throw error
        log.error({ err: error, credential: held.id, attempt }, 'new tokens could not be saved yet')
        const pauseMs = Math.min(200 * 2 ** attempt, longestSavePauseMs)
        await clock.sleep(pauseMs)
        pausedMs += pauseMs
        continue
      }
      if (row === null) {
        await this.#revokeOrphan(held, grant)
        throw new LatchworkError('credential_not_found')
      }
      if (saved || row.generation !== held.generation) return row
      current = row
    }
  }

  async #trySaving(
    current: CredentialRow,
    generation: number,
    grant: Grant,
    sentAtMs: number,
    newSecret: string | null,
  ): Promise<boolean> {
    const version = current.secretVersion + 1
    const sealed = await this.#parts.vault.reseal(
      placeOfRow(current),
      current.sealed,
      placeOf(current.id, version),
      {
        ...tokensOf(grant),
        ...(newSecret === null ? {} : { clientSecret: new Secret(newSecret) }),
      },
    )
    return this.#parts.store.saveTokens(current.id, generation, {
      sealed,
      secretVersion: version,
      grantedScope: grant.scope ?? current.grantedScope,
      accessTokenExpiresAt: new Date(sentAtMs + grant.expiresInSeconds * 1000).toISOString(),
    })
  }

  /** The credential was deleted while its refresh was on the wire. */
  async #revokeOrphan(held: CredentialRow, grant: Grant): Promise<void> {
    const clientSecret = await this.#parts.vault.open(placeOfRow(held), held.sealed, 'clientSecret')
    await this.#parts.endGrant?.(held, held.values, { clientSecret, ...tokensOf(grant) })
  }
}

function tokensOf(grant: Grant): Secrets {
  const accessToken = new Secret(grant.accessToken)
  return grant.refreshToken === null
    ? { accessToken }
    : { accessToken, refreshToken: new Secret(grant.refreshToken) }
}

function deadError(row: CredentialRow): LatchworkError {
  switch (row.reasonCode) {
    case 'lost_rotation':
    case 'oauth_client_rejected':
      return new LatchworkError(row.reasonCode)
    default:
      return new LatchworkError('grant_rejected')
  }
}
