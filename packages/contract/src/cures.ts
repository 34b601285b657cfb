import type { ConnectorDefinition, Cure } from './connector.ts'
import type { ReasonCode } from './reasons.ts'

const act = (what: string, todo: string): Cure => ({ what, todo, passes: false })
const wait = (what: string, todo: string): Cure => ({ what, todo, passes: true })

/** For the reasons that mean the same whatever the system. docs/failures.md says it at length. */
const general = {
  access_revoked: act('Access revoked', 'Sign in again, unless somebody meant it.'),
  grant_rejected: act('Sign-in ended', 'Sign in again.'),
  lost_rotation: act('Refresh lost', 'Sign in again.'),
  oauth_client_rejected: act(
    'OAuth app refused',
    'Put the app’s new client secret into any one of its credentials. The others resume by themselves.',
  ),
  identity_changed: act(
    'Another account',
    'Undo the change there, or replace the secret and confirm the other account.',
  ),
  account_refused: act('Not permitted', 'Give the user the right there, or use another user.'),
  not_authorized: act('Not authorized yet', 'Authorize it.'),
  unreachable: wait(
    'No answer',
    'Usually nothing: Latchwork asks again within minutes. If it stays, check the server’s connection to the internet.',
  ),
  upstream_error: wait(
    'Error at the other side',
    'Nothing at first. If it lasts for hours, look at its status page.',
  ),
  upstream_refused: act('Refused by the other side', 'Read the message, and change what it names.'),
  upstream_rate_limited: wait(
    'Asked to wait',
    'Nothing. If it comes often, spread the schedules of your flows.',
  ),
  oauth_failed: wait('Refresh failed', 'Nothing at first. If it stays, sign in again.'),
  never_checked: act('Not checked yet', 'Check it now.'),
  secret_destination_changed: act(
    'Sent elsewhere',
    'Find out who edited the database. If the place is right, enter the secret again.',
  ),
  secret_unreadable: act(
    'Secret unreadable',
    'Start the server with the right master key, or replace the secret.',
  ),
} satisfies Partial<Record<ReasonCode, Cure>>

/** The cure for a reason: the connector's own if it defines one, else the general one; null for an unknown code. */
export function cureOf(code: string, connector?: Pick<ConnectorDefinition, 'cures'>): Cure | null {
  const cures: Readonly<Record<string, Cure>> = { ...general, ...connector?.cures }
  return (Object.hasOwn(cures, code) ? cures[code] : undefined) ?? null
}
