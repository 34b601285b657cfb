import type { CatalogueEntry } from './entry.ts'

/** Credentials: what is asked of them, and why a check failed. */
export const credentialErrors = {
  // credentials
  connector_unknown: { status: 400, title: 'This connector does not exist.' },
  method_unknown: { status: 400, title: 'This connector has no such authentication method.' },
  credential_not_found: {
    status: 404,
    title: "This credential does not exist, or it isn't shared with you.",
  },
  name_taken: { status: 409, title: 'You already have one with this name. Choose another name.' },
  credential_in_use: {
    status: 409,
    title: 'This credential is used. Move what uses it to another credential, or remove it first.',
  },
  credential_draft: {
    status: 409,
    title: "This credential hasn't been saved yet. Authorize it and save it first.",
  },
  credential_wrong_connector: { status: 400, title: 'This credential belongs to another connector.' },
  credential_failed: { status: 409, title: 'This credential needs attention before it can be used.' },
  identity_changed: {
    status: 409,
    title: 'This belongs to another account than the credential was made for.',
  },
  run_account_changed: {
    status: 409,
    title:
      'The credential was confirmed for another account since this run began. Run the flow again to begin with that account.',
  },
  secret_destination_changed: {
    status: 409,
    title:
      'Somebody changed in the database where the secret of this credential is sent. Nothing was sent. Enter the secret again to confirm the place.',
  },
  nothing_to_undo: {
    status: 409,
    title: 'There is nothing to undo: a replacement or switch can be undone within an hour.',
  },
  undo_refused: {
    status: 422,
    title: 'The previous secret is not accepted any more, so the change was not undone.',
  },
  not_authorized: { status: 409, title: 'Authorize the credential first, then save it.' },
  // why a check failed
  api_key_rejected: {
    status: 422,
    title: "Close doesn't accept this key. Check that it was copied whole, or make a new one.",
  },
  api_key_disabled: {
    status: 409,
    title:
      'Close accepted this key before and refuses it now: the key was deleted or disabled, or its user was. Replace the key.',
  },
  access_revoked: {
    status: 409,
    title: 'Access was revoked in Close before the sign-in expired. Sign in again to resume.',
  },
  role_narrowed: {
    status: 409,
    title: "The Close user's role allows less than before. Close may refuse what needs the lost permissions.",
  },
  credential_switched: {
    status: 409,
    title: 'The method of this credential was switched meanwhile. Send the request again.',
  },
  account_refused: { status: 422, title: "The account's user isn't allowed to do this." },
  unreachable: { status: 502, title: "We couldn't reach the other system.", away: true },
  upstream_error: {
    status: 502,
    title: 'The other system answered with an error. Try again later.',
    away: true,
  },
  upstream_refused: {
    status: 502,
    title: "The other system refused the request. Another try won't help until something is changed.",
  },
  upstream_rate_limited: {
    status: 503,
    title: 'The other system asks us to wait. Try again later.',
    away: true,
  },
  login_rejected: { status: 422, title: 'The database refused this user and password.' },
  database_missing: { status: 422, title: 'The server has no database of this name.' },
  tls_failed: { status: 422, title: 'The connection could not be encrypted as asked.' },
  never_checked: { status: 409, title: 'Not checked yet.' },
} as const satisfies Record<string, CatalogueEntry>
