import { type ErrorCode, errorCatalogue, LatchworkError } from '@latchwork/contract'
import { hasSecret, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'
import { oauthOf } from '../tokens/oauth-server.ts'
import { startStopwatch } from '../tokens/stopwatch.ts'
import { type OAuthApp, refreshTokens, tokenTimeoutSeconds } from '../tokens/token-client.ts'
import { leaseTtlMs, type RefresherParts } from './refresh-parts.ts'
import { afterAnswer, hasGrantEnded, isDead, isDoubtSpent, isInDoubt } from './refresh-plan.ts'
import { longestSavePauseMs, savePair } from './refresh-save.ts'

/** A holder who was stopped for longer than this since taking the lease sends nothing: its request could outlive it. */
const sendWithinMs = leaseTtlMs - tokenTimeoutSeconds * 1000
const waitForOthersMs = 250
/** Whoever holds a pair may save it when the database is back, though its lease is over: it is given this time first. */
const letSaveMs = 5 * longestSavePauseMs

/** Notes that an attempt is put off, and answers what its callers get. */
type PutOff = (id: string, code: ErrorCode, retryAfterSeconds: number | null) => LatchworkError

/** An attempt to refresh: by the lease in the row, so that one process sends and the others read what it saved. */
export class RefreshTurn {
  readonly #parts: RefresherParts
  readonly #putOff: PutOff

  constructor(parts: RefresherParts, putOff: PutOff) {
    this.#parts = parts
    this.#putOff = putOff
  }

  /** Waits for the lease; whoever loses it reads what the winner saved. */
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

  /** With the lease held. Null if it was lost before anything was decided. */
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
        await release(true) // no effect if another has the lease by now
        return null
      }
      const sentAtMs = clock.now()
      const refreshToken = secrets['refreshToken']?.reveal() ?? ''
      const outcome = await refreshTokens(server, app, refreshToken, { clock })
      const next = afterAnswer(outcome, inDoubt)
      if (next.step === 'retry_in_doubt') {
        inDoubt = true
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
    throw new LatchworkError(code)
  }

  async #pauseApp(held: CredentialRow): Promise<void> {
    const { pauseApp, log } = this.#parts
    // What fails here costs a request for each of the others, which then are refused themselves.
    await pauseApp?.(held).catch((error: unknown) =>
      log.error({ err: error, credential: held.id }, 'the credentials of a refused app were not paused'),
    )
  }
}

/** Why nothing is sent for it any more. */
export function deadError(row: CredentialRow): LatchworkError {
  switch (row.reasonCode) {
    case 'lost_rotation':
    case 'oauth_client_rejected':
      return new LatchworkError(row.reasonCode)
    default:
      return new LatchworkError('grant_rejected')
  }
}
