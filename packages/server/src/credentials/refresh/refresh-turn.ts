import { type ErrorCode, errorCatalogue, LatchworkError } from '@latchwork/contract'
import { hasSecret, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'
import { oauthOf } from '../tokens/oauth-server.ts'
import { startStopwatch } from '../tokens/stopwatch.ts'
import { type OAuthApp, tokenTimeoutSeconds } from '../tokens/token-call.ts'
import { endpointAway, refreshTokens } from '../tokens/token-client.ts'
import { leaseTtlMs, type RefresherParts } from './refresh-parts.ts'
import {
  afterAnswer,
  hasGrantEnded,
  isDead,
  isDoubtSpent,
  isInDoubt,
  postponesRetry,
} from './refresh-plan.ts'
import { longestSavePauseMs, savePair } from './refresh-save.ts'

/** A holder sends nothing later than this after taking the lease: its request could outlive the lease. */
const sendWithinMs = leaseTtlMs - tokenTimeoutSeconds * 1000
const waitForOthersMs = 250
/** Time for an earlier holder to save its pair once the database is back, even after its lease is over. */
const letSaveMs = 5 * longestSavePauseMs

/** Records that an attempt is postponed, and returns the error for its callers. */
type PutOff = (id: string, code: ErrorCode, retryAfterSeconds: number | null) => LatchworkError

/** One attempt to refresh. By the lease in the row one process sends, and the others read what it saved. */
export class RefreshTurn {
  readonly #parts: RefresherParts
  readonly #putOff: PutOff

  constructor(parts: RefresherParts, putOff: PutOff) {
    this.#parts = parts
    this.#putOff = putOff
  }

  /** Waits for the lease, or for what its holder saves. */
  async take(id: string, usedGeneration: number, newSecret: string | null): Promise<CredentialRow> {
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
      const row = await store.find(id)
      if (row === null) throw new LatchworkError('credential_not_found')
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

  /** Refreshes under the lease. Null if the lease was lost before anything was decided. */
  async #refreshHeld(
    held: CredentialRow,
    sinceAskedMs: () => number,
    usedGeneration: number,
    newSecret: string | null,
  ): Promise<CredentialRow | null> {
    const { store, owner, connectors, clock, vault } = this.#parts
    const { id, generation } = held
    const release = (notSpent: boolean) => store.releaseLease(id, owner, notSpent)
    if (newSecret === null && generation !== usedGeneration) {
      await release(false)
      return held
    }
    if (newSecret === null ? isDead(held) : hasGrantEnded(held)) {
      await release(false)
      throw deadError(held)
    }
    if (!hasSecret(held, 'refreshToken')) return this.#fail(held, 'grant_rejected')
    if (isDoubtSpent(held)) return this.#fail(held, 'lost_rotation')

    const { server } = oauthOf(connectors, held)
    const secrets = await vault.openAll(placeOfRow(held), held.sealed)
    const app: OAuthApp = {
      clientId: held.values['clientId'] ?? '',
      clientSecret: newSecret ?? secrets['clientSecret']?.reveal() ?? '',
    }
    let inDoubt = isInDoubt(held)
    // The one retry is kept for an endpoint that answers. Who has just read an answer knows that it does.
    let mayBeAway = inDoubt
    let sinceLeasedMs = sinceAskedMs
    for (let retried = false; ; retried = true) {
      if (retried) {
        // The lease is renewed before each request, so that it outlives the request.
        sinceLeasedMs = startStopwatch(clock)
        if ((await store.acquireLease(id, owner, leaseTtlMs)) === null) return null
      }
      const away = mayBeAway ? await endpointAway(server, app, { clock }) : null
      const postponed =
        away === null ? null : postponesRetry(away, clock.now() - (held.intentAt ?? clock.now()))
      if (postponed !== null) {
        await release(false)
        throw this.#putOff(id, postponed.code, postponed.retryAfterSeconds)
      }
      if (!(await store.recordIntent(id, owner, generation))) {
        await release(false)
        return null
      }
      if (sinceLeasedMs() > sendWithinMs) {
        await release(true) // no effect if another has the lease by now
        return null
      }
      const sentAtMs = clock.now()
      const refreshToken = secrets['refreshToken']?.reveal() ?? ''
      const outcome = await refreshTokens(server, app, refreshToken, { clock })
      const next = afterAnswer(outcome, inDoubt)
      if (next.step === 'retry_in_doubt') {
        inDoubt = true
        mayBeAway = outcome.kind === 'in_doubt' && !outcome.answered
        continue
      }
      if (outcome.kind === 'granted') {
        return await savePair(this.#parts, held, { grant: outcome.grant, sentAtMs, newSecret })
      }
      if (next.step === 'fail' && newSecret !== null && next.code === 'oauth_client_rejected') {
        await release(true)
        throw new LatchworkError('oauth_client_rejected')
      }
      if (outcome.kind === 'app_refused' && outcome.speaksOfApp) await this.#pauseApp(held)
      if (next.step === 'fail') return this.#fail(held, next.code)
      if (next.step === 'give_up') {
        await release(true)
        const retryAfterSeconds = outcome.kind === 'later' ? outcome.retryAfterSeconds : null
        throw this.#putOff(id, next.code, retryAfterSeconds)
      }
    }
  }

  /** Fails the grant and throws. Null if the lease was lost, or if a newer generation wins over this refusal. */
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
    throw new LatchworkError(code)
  }

  async #pauseApp(held: CredentialRow): Promise<void> {
    const { pauseApp, log } = this.#parts
    // If this fails, each of the others sends one request and is refused itself.
    await pauseApp?.(held).catch((error: unknown) =>
      log.error({ err: error, credential: held.id }, 'the credentials of a refused app were not paused'),
    )
  }
}

/** The reason why nothing is sent for the credential any more. */
export function deadError(row: CredentialRow): LatchworkError {
  switch (row.reasonCode) {
    case 'lost_rotation':
    case 'oauth_client_rejected':
      return new LatchworkError(row.reasonCode)
    default:
      return new LatchworkError('grant_rejected')
  }
}
