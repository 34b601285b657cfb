import { newId } from '@latchwork/contract'
import type { NewAlert } from '../../alerts/store.ts'
import { toTimeOrNull } from '../../database/columns.ts'
import { hasSecret } from '../secrets/sealing.ts'
import type { CheckState, Observation } from '../store/checks.ts'
import type { CredentialRow } from '../store/row.ts'

/*
 * Decides what follows from the check of a credential, without doing anything. A condition ("failed", "unreachable",
 * "expiring", "the app is refused") stores one alert when it begins and another when it ends:
 *
 *   failed        at once, because the other system has said no.
 *   unreachable   after two checks in a row without an answer.
 *   expiring      if the sign-in came without a refresh token, so that it ends with its access token.
 *   app           if Close refused the OAuth app: one condition for all credentials of its client id. While others of
 *                 it work, only the one credential counts as refused.
 *   recovered     after two good checks in a row, or after one if the secret is not the one that was refused.
 */

/** Whether the next check must confirm this one. */
export function isPending(state: CheckState, before: CheckState | null): boolean {
  if (state.status === 'unverified') return state.streak < 2
  return state.status === 'verified' && state.streak < 2 && before !== null && before.status !== 'verified'
}

export function appCondition(clientId: string): string {
  return `app:${clientId}`
}

/** @param isAppsFault for a refused app: whether none of its credentials works */
export function judge(
  before: CheckState | null,
  row: CredentialRow,
  isAppsFault: boolean = row.reasonCode === 'oauth_client_rejected',
): Omit<Observation, 'day'> {
  const { id, status, reasonCode, reasonMessage, secretVersion, statusAt } = row
  const streak = before?.status === status ? before.streak + 1 : 1
  const state: CheckState = { observedAt: statusAt, secretVersion, status, reasonCode, streak }
  const raise: { condition: string; alert: NewAlert }[] = []
  const clear: { conditions: string[]; alert: NewAlert }[] = []
  const tell: NewAlert[] = []
  const clientId = row.method === 'oauth2' ? (row.values['clientId'] ?? null) : null
  const reason = reasonMessage ?? ''

  if (status === 'failed' && reasonCode === 'oauth_client_rejected' && isAppsFault && clientId !== null) {
    raise.push({ condition: appCondition(clientId), alert: appRefusedAlert(row, clientId) })
  } else if (status === 'failed') {
    raise.push({ condition: `failed:${id}`, alert: alertOf(row, 'failed', `“${row.name}” failed`, reason) })
  } else if (status === 'unverified' && streak >= 2) {
    const title = `“${row.name}” can't be checked`
    raise.push({ condition: `unreachable:${id}`, alert: alertOf(row, 'unreachable', title, reason) })
  } else if (status === 'verified') {
    const renewed = before !== null && before.status !== 'verified' && before.secretVersion !== secretVersion
    if (streak >= 2 || renewed) {
      const alert = alertOf(row, 'recovered', `“${row.name}” works again`, 'It was checked and is verified.')
      clear.push({ conditions: [`failed:${id}`, `unreachable:${id}`], alert })
    }
    if (renewed && before.reasonCode === 'oauth_client_rejected' && clientId !== null) {
      clear.push({ conditions: [appCondition(clientId)], alert: appRecoveredAlert(row, clientId) })
    }
    if (reasonCode === 'role_narrowed') {
      tell.push(alertOf(row, 'narrowed', `“${row.name}” may do less than before`, reason))
    }
    if (hasSecret(row, 'accessToken') && !hasSecret(row, 'refreshToken')) {
      const title = `“${row.name}” is about to expire`
      const expiry = toTimeOrNull(row.accessTokenExpiresAt) ?? 'an unknown time'
      const message = `Its sign-in can't be refreshed and ends at ${expiry}. Sign in again, and allow offline access.`
      raise.push({ condition: `expiring:${id}`, alert: alertOf(row, 'expiring', title, message) })
    }
  }
  const expectedAt = before?.observedAt ?? null
  return { credentialId: id, expectedAt, state, reasonMessage, raise, clear, tell }
}

function alertOf(row: CredentialRow, kind: NewAlert['kind'], title: string, message: string): NewAlert {
  const { id: credentialId, ownerId, reasonCode: code } = row
  return { id: newId('alert'), kind, credentialId, ownerId, code, title, message }
}

function appRefusedAlert(row: CredentialRow, clientId: string): NewAlert {
  const title = 'Close refuses an OAuth app'
  const message = `Every credential of the client id ${clientId} is paused. Put the app's new client secret into any one of them, for example “${row.name}”, and all resume.`
  return { ...alertOf(row, 'app_rejected', title, message), credentialId: null }
}

export function appRecoveredAlert(row: CredentialRow, clientId: string): NewAlert {
  const message = `The client id ${clientId} is accepted again; its credentials resume.`
  const alert = alertOf(row, 'app_recovered', 'An OAuth app works again', message)
  return { ...alert, credentialId: null, code: null }
}
