import type { ErrorCode } from '@latchwork/contract'
import { jitter } from '../health/jitter.ts'
import type { TokenOutcome } from '../oauth/token-client.ts'
import type { CredentialRow } from '../stores/interfaces.ts'

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
 * A refresh moves through: lease taken > intent committed > request sent > answer judged > pair saved. What can fail:
 *
 *   class         known by                              state     reason                 way out
 *   grant dead    invalid_grant, no request in doubt    failed    grant_rejected         authorize again
 *   app broken    invalid_client, unauthorized_client   failed    oauth_client_rejected  replace the client secret
 *   retryable     nothing sent, 429, 5xx                as it was unreachable or         by itself, after a pause
 *                                                                 upstream_error
 *   in doubt      sent, answer lost or unreadable, or   as it was unreachable            by itself: one retry
 *                 an open intent with no lease on it
 *    and refused  invalid_grant after that              failed    lost_rotation          authorize again
 *
 * The messages are those of the reason codes in the catalogue of errors. What always holds of the row's fields:
 *
 *   generation             grows by one with each saved pair, never otherwise but by a new authorization.
 *   leaseOwner, -ExpiresAt both null or both set, by the database's clock. Past its end, anyone may take it.
 *   intentGeneration, -At  both null or both set. Equal to generation: its refresh token was sent, or may have been, and
 *                          no answer to that is known. Set before a request, cleared by a pair or a definite no.
 *   sealed, accessTokenExpiresAt   change with generation, in one statement: never one token of a pair without the other.
 *   status, reasonCode     a dead reason is written only for the generation that was refused, under the lease. A pair
 *                          that a slow holder saves after its token was thought lost takes the reason back.
 */

export type TokenState = 'fresh' | 'ageing' | 'ending' | 'expired' | 'dead'

/** Reasons after which no refresh is tried. */
const deadReasons: ReadonlySet<string> = new Set<ErrorCode>([
  'grant_rejected',
  'access_revoked',
  'lost_rotation',
  'oauth_client_rejected',
])

/** A token about to end is not handed out if there can be a better one: it would end on its way. */
const lastUseMs = 10_000

export function isDead(row: Pick<CredentialRow, 'status' | 'reasonCode'>): boolean {
  return (
    (row.status === 'failed' || row.status === 'draft') &&
    row.reasonCode !== null &&
    deadReasons.has(row.reasonCode)
  )
}

export function tokenState(
  row: Pick<CredentialRow, 'status' | 'reasonCode' | 'accessTokenExpiresAt'>,
  nowMs: number,
  marginMs: number,
): TokenState {
  const leftMs = row.accessTokenExpiresAt === null ? 0 : Date.parse(row.accessTokenExpiresAt) - nowMs
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

export type NextStep =
  | { readonly step: 'save' }
  /** The grant or the app is dead. */
  | { readonly step: 'fail'; readonly code: ErrorCode }
  /** Once more with the stored refresh token, now in doubt. */
  | { readonly step: 'retry_in_doubt' }
  /** Later, with back-off. The intent stays open if the token is in doubt. */
  | { readonly step: 'give_up'; readonly code: ErrorCode; readonly clearIntent: boolean }

/**
 * What follows from an answer of the token endpoint.
 * @param inDoubt an earlier request with the same refresh token may have been carried out
 * @param retried this is the one retry of a token in doubt
 */
export function afterAnswer(outcome: TokenOutcome, inDoubt: boolean, retried: boolean): NextStep {
  switch (outcome.kind) {
    case 'granted':
      return { step: 'save' }
    case 'grant_refused':
      return { step: 'fail', code: inDoubt ? 'lost_rotation' : 'grant_rejected' }
    case 'app_refused':
      return { step: 'fail', code: 'oauth_client_rejected' }
    case 'in_doubt':
      return inDoubt || retried
        ? { step: 'give_up', code: 'unreachable', clearIntent: false }
        : { step: 'retry_in_doubt' }
    case 'later':
      return {
        step: 'give_up',
        code: outcome.reached ? 'upstream_error' : 'unreachable',
        clearIntent: !inDoubt,
      }
    case 'refused':
      return { step: 'give_up', code: 'oauth_failed', clearIntent: !inDoubt }
  }
}

/** Waiting time before the next attempt after `failures` in a row: doubling, with jitter, never beyond a minute. */
export function backOffMs(failures: number, retryAfterSeconds: number | null, random: number): number {
  const doubling = Math.min(60_000, 1000 * 2 ** Math.min(failures, 10))
  return Math.max(doubling * (0.5 + random / 2), (retryAfterSeconds ?? 0) * 1000)
}
