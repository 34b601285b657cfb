import { doublingMs, type ErrorCode } from '@latchwork/contract'
import { jitter } from '../../jobs/jitter.ts'
import type { CredentialRow } from '../store/row.ts'
import type { TokenOutcome } from '../tokens/token-call.ts'
import type { EndpointAway } from '../tokens/token-client.ts'

/*
 * Decides what to do from what is known, without doing anything. The states of an OAuth credential:
 *
 *   fresh     the access token is valid for longer than the margin. It is served as it is.
 *   ageing    it is valid, but not for long. It is served, while one holder of the lease refreshes.
 *   ending    it may expire on its way to Close. Callers wait for the refresh, and get it all the same if that fails.
 *   expired   callers wait for the one refresh.
 *   dead      Close refused the grant or the app for good. Nothing is sent until the credential is authorized again or
 *             the app's secret is replaced. An access token that is still valid is served until it expires.
 *
 * The steps of a refresh: lease taken > intent committed > request sent > answer judged > pair saved. A holder that
 * takes a lease and finds an intent open waits a little and reads again, because the sender may be about to save. A
 * holder that comes back later than its lease allows (it was stopped, or its clock moved) sends nothing. What can fail:
 *
 *   class         known by                              state      reason                 way out
 *   grant dead    invalid_grant                         failed     grant_rejected         authorize again
 *   app broken    invalid_client, unauthorized_client,  failed     oauth_client_rejected  replace the client secret in
 *                 401                                                                     one credential of the app.
 *                                                                                         After invalid_client all with
 *                                                                                         the same secret were paused
 *   retryable     nothing sent, 429, 5xx                unchanged  unreachable or         by itself, after a pause
 *                                                                  upstream_error
 *   in doubt      sent, answer lost or unreadable, or   unchanged  unreachable            by itself: one retry, once
 *                 an open intent with no lease on it                                      the endpoint answers
 *    and not      the retry brought neither a pair nor  failed     lost_rotation          authorize again
 *    granted      a refused app, 429 or 503
 *
 * The one retry is the last request that is ever sent with a refresh token in doubt: the store refuses a third intent.
 * So it is not spent on an endpoint that takes requests and does not answer: unless an answer has just come, the endpoint
 * is first asked for nothing, without the token, and the retry waits until it answers that.
 * 429 and 503 say that nothing was done, so a retry that got them does not count. A grant that is known to have ended
 * keeps its reason, whatever a check sees later: an access token that lives on for some minutes proves nothing.
 *
 * The messages are those of the reason codes in the catalogue of errors. What always holds for the row's fields:
 *
 *   generation             grows by one with each saved pair and each new authorization, never otherwise. It names one
 *                          refresh token: news of an older one changes nothing.
 *   leaseOwner             the one process that may record an intent, send, and fail the grant. Null: no process. Set
 *                          and renewed by acquireLease alone. Cleared by its owner, a saved pair, a failed grant or a
 *                          new authorization, and on SQLite by the next start. A pair is saved whoever has the lease.
 *   leaseExpiresAt         null exactly when leaseOwner is. Set and compared by the database's clock alone. It is later
 *                          than the end of any request sent under the lease. After it, any process may take the lease.
 *   intentGeneration       null, or the generation whose refresh token was sent, or may have been. If it equals
 *                          generation, no answer is known and the token is in doubt. Committed before the request by
 *                          the owner of a running lease. Cleared by a pair, a definite no or a new authorization, never
 *                          by the end of a lease. A definite no to a retry undoes the retry alone.
 *   intentRequests         the requests with that token whose answers are not known, counted with the intent. 0 exactly
 *                          when intentGeneration is null, and never above 2.
 *   intentAt               the time of the intent by the database's clock, for people. Null exactly when
 *                          intentGeneration is.
 *   sealed                 both tokens are of this generation. They change with it in one statement, never one without
 *                          the other. A refresh that brings no new refresh token keeps the old one.
 *   secretVersion          grows with every change of sealed, which is bound to it. A pair that was sealed for an older
 *                          version is refused, and sealed again into the row as it is now.
 *   accessTokenExpiresAt   of the access token in sealed. Counted from before its request by the clock of the process
 *                          that sent it. A wrong clock makes a refresh early or late, never twice.
 *   grantedScope           of the last answer that named one.
 *   status, reasonCode, reasonMessage, statusAt   a dead reason is written only for the generation that was refused, by
 *                          the owner of a running lease (or when Close refused a token that it had just given). If a
 *                          slow holder saves a pair after its token was declared lost, the reason is removed.
 */

export type TokenState = 'fresh' | 'ageing' | 'ending' | 'expired' | 'dead'

/** Reasons that only a new sign-in ends. */
const reasonsOfLostGrant: ReadonlySet<string> = new Set<ErrorCode>([
  'grant_rejected',
  'access_revoked',
  'lost_rotation',
])

/** A token with less time left than this is not handed out if there can be a better one: it could expire on its way. */
const lastUseMs = 10_000

type Standing = Pick<CredentialRow, 'status' | 'reasonCode'>

/** The sign-in is over, and only a new one helps. */
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
 * When a token is refreshed early: between three margins and one before it expires, by the credential's id. So tokens
 * that were authorized in the same minute are not refreshed in the same second.
 */
export function refreshDueMs(id: string, expiresAtMs: number, marginMs: number): number {
  return expiresAtMs - marginMs * (1 + 2 * jitter(id))
}

/** A request with this refresh token was sent, or may have been, and its answer is not known. */
export function isInDoubt(row: Pick<CredentialRow, 'generation' | 'intentGeneration'>): boolean {
  return row.intentGeneration === row.generation
}

/** The one retry is spent too: nothing is sent with this token again. */
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
  /** Later, with back-off. The last intent is undone. */
  | { readonly step: 'give_up'; readonly code: ErrorCode }

/**
 * The next step after an answer of the token endpoint.
 * @param inDoubt this was the retry: an earlier request with the same refresh token may have been carried out
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

/** An endpoint that answers the empty request with a failure for longer than this may do so always. */
const oddForMs = 15 * 60_000

/**
 * How the one retry of a token in doubt is put off while the endpoint is away; null if it is made now.
 * @param sinceIntentMs since the request in doubt, as far as the machine's clock and the database's agree
 */
export function postponesRetry(
  away: EndpointAway,
  sinceIntentMs: number,
): { readonly code: ErrorCode; readonly retryAfterSeconds: number | null } | null {
  if (away === 'unanswered') return { code: 'unreachable', retryAfterSeconds: null }
  const { reached, notDone, retryAfterSeconds } = away
  if (reached && !notDone && sinceIntentMs > oddForMs) return null
  return { code: reached ? 'upstream_error' : 'unreachable', retryAfterSeconds }
}

/** The pause after `failures` in a row: doubles up to a minute, with jitter, and is at least what the server asks. */
export function backOffMs(failures: number, retryAfterSeconds: number | null, random: number): number {
  return Math.max(
    doublingMs(failures + 1, 1000, 60_000) * (0.5 + random / 2),
    (retryAfterSeconds ?? 0) * 1000,
  )
}
