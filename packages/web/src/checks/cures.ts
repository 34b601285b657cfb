import { type Reason, type ReasonCode, reasonCodes } from '@latchwork/contract'

export interface Cure {
  /** What happened, in three or four words. */
  readonly what: string
  /** What to do, as a sentence. */
  readonly todo: string
  /** It passes by itself: nobody has to go to the credential. */
  readonly passes: boolean
}

const act = (what: string, todo: string): Cure => ({ what, todo, passes: false })
const wait = (what: string, todo: string): Cure => ({ what, todo, passes: true })

/** For every reason that a credential can have. The guide's page on failures says the same at length. */
const cures: Readonly<Record<ReasonCode, Cure>> = {
  key_rejected: act('Key not accepted', 'Copy the key again, whole, and replace it here.'),
  key_disabled: act('Key disabled', 'Make a new key in Close, then choose Rotate key.'),
  access_revoked: act('Access revoked', 'Sign in again, if that was not meant.'),
  grant_rejected: act('Sign-in ended', 'Sign in again.'),
  lost_rotation: act('Refresh lost', 'Sign in again.'),
  oauth_client_rejected: act(
    'OAuth app refused',
    'Put the app’s new client secret into any one of its credentials. The others resume by themselves.',
  ),
  identity_changed: act(
    'Another account',
    'Undo the change in Close, or replace the key and confirm the other account.',
  ),
  account_refused: act(
    'Not permitted',
    'Give the user’s role the permission in Close, or use a key of another user.',
  ),
  not_authorized: act('Not authorized yet', 'Authorize it.'),
  role_narrowed: act(
    'Fewer rights',
    'Give the role its permissions back in Close, or accept it: the note goes with the next check.',
  ),
  unreachable: wait(
    'No answer',
    'Usually nothing: it is asked again within minutes. If it stays, look at the server’s way to the internet.',
  ),
  upstream_error: wait(
    'Error at the other side',
    'Nothing, unless it lasts for hours: then look at its status page.',
  ),
  upstream_rate_limited: wait(
    'Asked to wait',
    'Nothing. If it comes often, spread the schedules of your flows.',
  ),
  oauth_failed: wait('Refresh failed', 'Nothing at first. If it stays, sign in again.'),
  never_checked: act('Not checked yet', 'Check it now.'),
  login_rejected: act('Login refused', 'Replace the password.'),
  database_missing: act('No such database', 'Make the database, or add a credential for the right one.'),
  tls_failed: act(
    'Not encrypted as asked',
    'Look at the certificate of the database server, or choose another TLS mode.',
  ),
  secret_destination_changed: act(
    'Sent elsewhere',
    'Find out who edited the database. If the place is right, enter the secret again.',
  ),
  secret_unreadable: act(
    'Secret unreadable',
    'Start the server with the right master key, or replace the secret.',
  ),
}

/** The cure for a reason; null for a code that a newer server knows. */
export function cureOf({ code }: Pick<Reason, 'code'>): Cure | null {
  const known = reasonCodes.find((each) => each === code)
  return known === undefined ? null : cures[known]
}
