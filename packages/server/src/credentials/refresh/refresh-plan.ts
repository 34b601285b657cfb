import type { ErrorCode } from '@latchwork/contract'
import { jitter } from '../../jobs/jitter.ts'
import type { CredentialRow } from '../store/row.ts'
import type { TokenOutcome } from '../tokens/token-client.ts'

/*
 * What to do, decided from what is known and without doing anything. The states of an OAuth credential:
 *
 *   fresh     the access token is valid for longer than the margin. It is served as it is.
 *   ageing    it is valid, but not for long. It is served, while one holder of the lease refreshes.
 *   ending    it may end on its way to Close. Callers wait for the refresh, and get it all the same if that fails.
 *   expired   callers wait for the one refresh.
 *   dead      Close refused the grant or the app for good. Nothing is sent until it is authorized again or its app's
 *             secret is replaced; an access token that is still valid is served to its end.
 *
 * A refresh moves through: lease taken > intent committed > request sent > answer judged > pair saved. Whoever takes a
 * lease and finds an intent open waits a little and reads again, for the one who sent may be about to save. Who comes back
 * later than the lease allows (stopped, or its clock moved) sends nothing. What can fail:
 *
 *   class         known by                              state     reason                 way out
 *   grant dead    invalid_grant                         failed    grant_rejected         authorize again
 *   app broken    invalid_client, unauthorized_client,  failed    oauth_client_rejected  replace the client secret in one
 *                 401                                                                    credential of the app. After
 *                                                                                        invalid_client those that have the
 *                                                                                        same secret were paused with it
 *   retryable     nothing sent, 429, 5xx                as it was unreachable or         by itself, after a pause
 *                                                                 upstream_error
 *   in doubt      sent, answer lost or unreadable, or   as it was unreachable            by itself: one retry
 *                 an open intent with no lease on it
 *    and not      whatever the retry was answered, but  failed    lost_rotation          authorize again
 *    granted      a pair, a refused app, 429 and 503
 *
 * The one retry is the last request that is ever sent with a refresh token in doubt: the store refuses a third intent.
 * 429 and 503 say that nothing was done, so a retry that got them does not count. A grant whose end is known keeps its
 * reason, whatever a check sees afterwards: an access token that lives on for some minutes proves nothing.
 *
 * The messages are those of the reason codes in the catalogue of errors. What always holds of the row's fields:
 *
 *   generation             grows by one with each saved pair, never otherwise but by a new authorization. It names one
 *                          refresh token: what was learnt of an older one changes nothing.
 *   leaseOwner             the one process that may record an intent, send, and fail the grant. Null: nobody is at it.
 *                          Set and renewed by acquireLease alone; cleared by its owner, a saved pair, a failed grant or a
 *                          new authorization, and on SQLite by the next start. A pair is saved whoever has the lease.
 *   leaseExpiresAt         null exactly when leaseOwner is. Set and compared by the database's clock alone, and later than
 *                          any request ends that was sent under it. Past it, anyone may take the lease.
 *   intentGeneration       null, or the generation whose refresh token was sent, or may have been. Equal to generation:
 *                          no answer to that is known, so the token is in doubt. Committed before the request by the
 *                          owner of a running lease; cleared by a pair, a definite no or a new authorization, and never
 *                          by the end of a lease. A definite no to a retry takes back the retry alone.
 *   intentRequests         0 exactly when intentGeneration is null: requests with that token whose answers are not known,
 *                          counted with the intent. Never above 2.
 *   intentAt               null exactly when intentGeneration is; the time by the database's clock, for people.
 *   sealed                 both tokens are of this generation: they change in one statement with it, never one of a pair
 *                          without the other. A refresh that brings no new refresh token keeps the old.
 *   secretVersion          grows with every change of sealed, which is bound to it: a pair that was sealed for an older
 *                          version is refused, and sealed again into the row as it now is.
 *   accessTokenExpiresAt   of the access token in sealed, counted from before its request by the clock of the process that
 *                          sent it. A clock that is wrong makes a refresh early or late, never twice.
 *   grantedScope           of the last answer that named one.
 *   status, reasonCode, reasonMessage, statusAt   a dead reason is written only for the generation that was refused, by
 *                          the owner of a running lease (or when Close refused a token that it had just given). A pair
 *                          that a slow holder saves after its token was thought lost takes the reason back.
 */

export type TokenState = 'fresh' | 'ageing' | 'ending' | 'expired' | 'dead'

/** Reasons that only a new sign-in ends. */
const reasonsOfLostGrant: ReadonlySet<string> = new Set<ErrorCode>([
  'grant_rejected',
  'access_revoked',
  'lost_rotation',
])

/** A token about to end is not handed out if there can be a better one: it would end on its way. */
const lastUseMs = 10_000

type Standing = Pick<CredentialRow, 'status' | 'reasonCode'>

/** The sign-in is over: only a new one brings it back. */
export function hasGrantEnded({ status, reasonCode }: Standing): boolean {
  return (
    (status === 'failed' || status === 'draft') && reasonCode !== null && reasonsOfLostGrant.has(reasonCode)
  )
}

/** No refresh is tried: the grant ended, or its app is refused. */
export function isDead(row: Standing): boolean {
  const appRefused = row.reasonCode === 'oauth_client_rejected'
  return hasGrantEnded(row) || (appRefused && (row.status === 'failed' || row.status === 'draft'))
}

export function tokenState(
  row: Pick<CredentialRow, 'status' | 'reasonCode' | 'accessTokenExpiresAt'>,
  nowMs: number,
  marginMs: number,
): TokenState {
  const leftMs = row.accessTokenExpiresAt === null ? 0 : row.accessTokenExpiresAt - nowMs
  if (leftMs > marginMs) return 'fresh'
  if (leftMs > lastUseMs) return 'ageing'
  if (isDead(row)) return 'dead'
  return leftMs > 0 ? 'ending' : 'expired'
}

/**
 * When a token is refreshed ahead: between three margins and one before it ends, by the credential's id, so that what was
 * authorized in the same minute is not refreshed in the same second.
 */
export function refreshDueMs(id: string, expiresAtMs: number, marginMs: number): number {
  return expiresAtMs - marginMs * (1 + 2 * jitter(id))
}

/** An earlier request with this very refresh token was sent, or may have been, and its answer is not known. */
export function isInDoubt(row: Pick<CredentialRow, 'generation' | 'intentGeneration'>): boolean {
  return row.intentGeneration === row.generation
}

/** And so was its one retry: nothing is sent with it again. */
export function isDoubtSpent(
  row: Pick<CredentialRow, 'generation' | 'intentGeneration' | 'intentRequests'>,
): boolean {
  return isInDoubt(row) && row.intentRequests > 1
}

export type NextStep =
  | { readonly step: 'save' }
  /** The grant or the app is dead. */
  | { readonly step: 'fail'; readonly code: ErrorCode }
  /** Once more with the stored refresh token, now in doubt. */
  | { readonly step: 'retry_in_doubt' }
  /** Later, with back-off. The last intent is taken back. */
  | { readonly step: 'give_up'; readonly code: ErrorCode }

/**
 * What follows from an answer of the token endpoint.
 * @param inDoubt an earlier request with the same refresh token may have been carried out, so that this was the retry
 */
export function afterAnswer(outcome: TokenOutcome, inDoubt: boolean): NextStep {
  switch (outcome.kind) {
    case 'granted':
      return { step: 'save' }
    case 'app_refused':
      return { step: 'fail', code: 'oauth_client_rejected' }
    case 'grant_refused':
      return { step: 'fail', code: inDoubt ? 'lost_rotation' : 'grant_rejected' }
    case 'in_doubt':
      return inDoubt ? { step: 'fail', code: 'lost_rotation' } : { step: 'retry_in_doubt' }
    case 'later':
      if (inDoubt && !outcome.notDone) return { step: 'fail', code: 'lost_rotation' }
      return { step: 'give_up', code: outcome.reached ? 'upstream_error' : 'unreachable' }
    case 'refused':
      return inDoubt ? { step: 'fail', code: 'lost_rotation' } : { step: 'give_up', code: 'oauth_failed' }
  }
}

/** Waiting time before the next attempt after `failures` in a row: doubling, with jitter, never beyond a minute. */
export function backOffMs(failures: number, retryAfterSeconds: number | null, random: number): number {
  const doubling = Math.min(60_000, 1000 * 2 ** Math.min(failures, 10))
  return Math.max(doubling * (0.5 + random / 2), (retryAfterSeconds ?? 0) * 1000)
}
