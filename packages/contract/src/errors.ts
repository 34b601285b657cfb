import { z } from 'zod'
import { type Identity, identitySchema } from './credential.ts'

/**
 * Every error the product can answer with: its HTTP status and the sentence shown when no better one is at hand.
 * The code is stable; programs may rely on it. The sentence may change.
 */
export const errorCatalogue = {
  // requests
  invalid_input: { status: 400, title: 'Some fields need another value.' },
  malformed_request: { status: 400, title: "The request isn't valid HTTP." },
  malformed_json: { status: 400, title: "The request isn't valid JSON." },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  expectation_failed: { status: 417, title: 'The server meets no expectation but 100-continue.' },
  headers_too_large: {
    status: 431,
    title: 'The address and the headers are larger than the server accepts.',
  },
  body_too_large: { status: 413, title: 'The request is larger than the server accepts.' },
  unsupported_media_type: { status: 415, title: 'Send the request as JSON.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, title: 'This address does not take that method.' },
  too_many_requests: { status: 429, title: 'Too many requests. Wait a moment and try again.' },
  share_exceeded: {
    status: 429,
    title: 'You have as much of this under way as one member may. Try again when some of it has ended.',
  },
  share_full: {
    status: 409,
    title: 'You have as many of these as one member may. Delete some that you no longer need.',
  },
  drafts_full: {
    status: 409,
    title: 'You have as many drafts of credentials as one member may. Save or discard one of them.',
  },
  file_space_full: {
    status: 413,
    title: 'The files of one member may not hold more. Delete some that you no longer need.',
  },
  conflict: {
    status: 409,
    title: 'Somebody else changed this at the same time. Load it again and repeat your change.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side. The log has the details under this id.',
  },
  audit_damaged: {
    status: 503,
    title:
      'The audit log was changed by somebody else than Latchwork, so nothing is done that it would have to tell of. An administrator looks at it on the server, by the commands "audit verify" and "audit accept".',
  },
  shutting_down: { status: 503, title: 'The server is restarting. Try again in a few seconds.' },
  storage_unavailable: {
    status: 503,
    title: 'What the server keeps things in takes no changes at the moment. Try again in a few seconds.',
  },
  // sign-in
  not_signed_in: { status: 401, title: 'Sign in to go on.' },
  sign_in_failed: { status: 401, title: "The email address and the password don't match an account." },
  forbidden: { status: 403, title: "You don't have permission to do this." },
  csrf_refused: { status: 403, title: 'This request came from another site and was refused.' },
  other_address: {
    status: 403,
    title: 'Latchwork was opened by another address than its own, where nobody can sign in. Open its own.',
  },
  password_wrong: { status: 403, title: "This isn't your current password." },
  proof_needed: {
    status: 403,
    title: 'Enter your current password. If you have a passkey, you can sign in with it again instead.',
  },
  sign_in_not_found: { status: 404, title: 'You are not signed in there any more.' },
  reset_link_invalid: {
    status: 403,
    title:
      "This link isn't valid: it was used, replaced by a newer one, is older than 24 hours, or whoever made it is no administrator any more. Ask an administrator for a new one.",
  },
  passkey_refused: {
    status: 401,
    title:
      "This passkey isn't accepted: it was removed, or it took too long. Try again, or use your password.",
  },
  passkey_taken: { status: 409, title: 'This passkey has been added already.' },
  passkey_limit: { status: 409, title: 'You have as many passkeys as there may be: remove one first.' },
  passkey_not_found: { status: 404, title: 'This passkey does not exist. It may have been removed.' },
  setup_done: { status: 409, title: 'The administrator has been made already. Sign in instead.' },
  setup_link_invalid: {
    status: 403,
    title: "This set-up link isn't valid. Use the newest one printed in the server's log.",
  },
  // members
  member_not_found: { status: 404, title: 'This member does not exist. They may have been removed.' },
  last_admin: {
    status: 409,
    title: 'This is the only administrator. Make another member an administrator first.',
  },
  email_taken: { status: 409, title: 'A member with this email address exists already.' },
  invitation_not_found: { status: 404, title: 'This invitation does not exist. It may have been accepted.' },
  invitation_invalid: {
    status: 403,
    title: "This invitation isn't valid: it was used, taken back or is older than 7 days. Ask for a new one.",
  },
  // signing a program in
  authorization_pending: { status: 400, title: 'Nobody has confirmed this sign-in yet.' },
  slow_down: { status: 400, title: 'Asked too often: wait five seconds longer between two requests.' },
  access_denied: { status: 400, title: 'This sign-in was refused on the page.' },
  expired_token: { status: 400, title: "This sign-in's time is up, or it was used already. Begin again." },
  device_not_found: {
    status: 404,
    title: 'No program waits with this code: it may be mistyped, used or older than ten minutes.',
  },
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
      'Where the secret of this credential is sent was changed in the database, so nothing was sent. Enter the secret again to confirm the place.',
  },
  nothing_to_undo: {
    status: 409,
    title: 'There is nothing to undo: a replacement or switch can be taken back within an hour.',
  },
  undo_refused: {
    status: 422,
    title: 'What was used before is not accepted any more, so the change was not taken back.',
  },
  not_authorized: { status: 409, title: 'Authorize the credential first, then save it.' },
  // why a check failed
  key_rejected: {
    status: 422,
    title: "Close doesn't accept this key. Check that it was copied whole, or make a new one.",
  },
  key_disabled: {
    status: 409,
    title:
      'Close accepted this key before and refuses it now: the key was deleted or disabled, or its user was. Replace the key.',
  },
  access_revoked: {
    status: 409,
    title: "Access was taken back in Close before the sign-in's time was up. Sign in again to resume.",
  },
  role_narrowed: {
    status: 409,
    title: "The Close user's role allows less than before. What needs the lost permissions may be refused.",
  },
  credential_switched: {
    status: 409,
    title: 'The method of this credential was switched meanwhile. Send the request again.',
  },
  account_refused: { status: 422, title: "The account's user isn't allowed to do this." },
  unreachable: { status: 502, title: "We couldn't reach the other system." },
  upstream_error: { status: 502, title: 'The other system answered with an error. Try again later.' },
  upstream_rate_limited: { status: 503, title: 'The other system asks us to wait. Try again later.' },
  login_rejected: { status: 422, title: 'The database refused this user and password.' },
  database_missing: { status: 422, title: 'The server has no database of this name.' },
  tls_failed: { status: 422, title: 'The connection could not be encrypted as asked.' },
  never_checked: { status: 409, title: 'Not checked yet.' },
  // OAuth
  oauth_state_unknown: {
    status: 400,
    title: "This sign-in link isn't valid any more. Start again with Authorize.",
  },
  authorization_for_another: {
    status: 409,
    title:
      "These tokens will belong to another's credential. Go on only if you mean to give that person this access.",
  },
  authorization_withdrawn: {
    status: 403,
    title:
      'Whoever began this may not finish it any more: signed out, removed, or without the right to change this credential. The access was given back to Close. Sign in and start again.',
  },
  oauth_declined: {
    status: 400,
    title: "Close says that access was declined. Nothing was changed. Authorize again when you're ready.",
  },
  oauth_client_rejected: {
    status: 422,
    title:
      "Close doesn't accept this Client ID with this Client Secret. Copy both again from Settings > Developer > OAuth Apps.",
  },
  oauth_code_rejected: {
    status: 422,
    title: "Close didn't accept the authorization: it expired or was used already. Authorize again.",
  },
  oauth_failed: {
    status: 502,
    title: 'Close answered the authorization with an error. Authorize again in a moment.',
  },
  oauth_pending: { status: 409, title: 'Waiting for access to be granted on the page of Close.' },
  grant_rejected: {
    status: 409,
    title: 'Close no longer accepts this sign-in. Sign in again to resume what uses it.',
  },
  lost_rotation: {
    status: 409,
    title:
      "Close's answer to the last refresh was lost, and the old sign-in is no longer accepted. Sign in again.",
  },
  // alerts
  alert_channel_unset: {
    status: 409,
    title: 'This way of alerting is not set up. The settings of the server say how.',
  },
  alert_undelivered: { status: 502, title: 'The alert could not be delivered.' },
  // data
  source_not_found: { status: 404, title: "This data source does not exist, or it isn't shared with you." },
  destination_not_found: {
    status: 404,
    title: "This data destination does not exist, or it isn't shared with you.",
  },
  flow_not_found: { status: 404, title: "This flow does not exist, or it isn't shared with you." },
  run_not_found: { status: 404, title: "This run does not exist, or its flow isn't shared with you." },
  access_withdrawn: {
    status: 409,
    title:
      'The owner of this flow may not use everything that it needs any more. Ask for it to be shared, then resume the flow.',
  },
  file_not_found: { status: 404, title: "This file does not exist, or it isn't shared with you." },
  file_invalid: { status: 422, title: "The file can't be read as the format chosen." },
  source_in_use: { status: 409, title: 'A flow uses this data source. Remove the flow first.' },
  destination_in_use: { status: 409, title: 'A flow uses this data destination. Remove the flow first.' },
  run_active: { status: 409, title: 'This flow is running already.' },
  run_finished: { status: 409, title: 'This run has finished already.' },
  run_cancelled: { status: 409, title: 'The run was cancelled.' },
  checkpoint_unreadable: {
    status: 500,
    title:
      "What this run kept of where it stopped can't be read, so it can't go on from there. Run the flow again: it starts from the beginning.",
  },
  record_refused: { status: 422, title: 'The destination refused this record.' },
  record_unreadable: {
    status: 409,
    title:
      "What is kept of this record can't be opened: it was altered in the database, or moved there from another run. Other records are not affected.",
  },
  record_in_doubt: {
    status: 409,
    title:
      "The destination's answer was lost: this record may or may not have been written. Look for it there before replaying it.",
  },
  mapping_invalid: { status: 400, title: "The mapping names a field that isn't there." },
  token_not_found: { status: 404, title: 'This API token does not exist.' },
  // master keys and backups
  key_not_found: { status: 404, title: 'There is no such master key.' },
  key_in_use: {
    status: 409,
    title: 'This master key is in use. Rotate first; a key that nothing is sealed under can be retired.',
  },
  key_not_addable: {
    status: 409,
    title:
      "The server can't make a master key where its keys come from. Set the new key before the old one, restart, and rotate.",
  },
  backup_unreadable: {
    status: 422,
    title: "The backup can't be opened: it was altered, cut off, or made for another key or passphrase.",
  },
  restore_not_empty: {
    status: 409,
    title: 'The database is not empty. Restore into an empty one; nothing was changed.',
  },
  // start
  settings_invalid: { status: 500, title: 'Some settings need another value.' },
  port_in_use: {
    status: 500,
    title: 'The port is taken by another program. Set LATCHWORK_PORT to a free one.',
  },
  data_dir_unwritable: { status: 500, title: "The data folder can't be written to." },
  database_unreachable: { status: 500, title: "The database can't be reached." },
  database_newer: {
    status: 500,
    title: 'The database was made by a newer Latchwork. Start that version, or restore a backup.',
  },
  database_locked: { status: 500, title: 'Another process uses this database file.' },
  master_key_missing: { status: 500, title: 'The master key is missing.' },
  master_key_wrong: { status: 500, title: 'The master key does not fit this database.' },
  kms_unavailable: {
    status: 500,
    title: 'The key management service did not do what it was asked.',
  },
  secret_unreadable: {
    status: 500,
    title: "A stored secret can't be opened: its row was altered or the key is wrong.",
  },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof errorCatalogue

export const errorCodes: readonly ErrorCode[] = Object.keys(errorCatalogue).filter(isErrorCode)

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errorCatalogue, value)
}

/** One fault in one field of a request. */
export const fieldFaultSchema = z.object({ field: z.string(), rule: z.string(), message: z.string() })
export type FieldFault = z.infer<typeof fieldFaultSchema>

/**
 * The body of every error answer.
 * @see RFC 9457 section 3
 */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  /** Faults of single fields, for `invalid_input` and its like. */
  errors: z.array(fieldFaultSchema).optional(),
  /** Quote this to find the log line. */
  requestId: z.string().optional(),
  /** What stands in the way, for example the flows that use a credential. */
  blockers: z.array(z.object({ kind: z.string(), id: z.string(), name: z.string() })).optional(),
  /** For `identity_changed`: whom the credential is for, and who answered instead. Null where it is not known. */
  accounts: z.object({ pinned: identitySchema.nullable(), answered: identitySchema.nullable() }).optional(),
  /** How many more there are, which you may not see. */
  hiddenBlockers: z.number().int().optional(),
})
export type Problem = z.infer<typeof problemSchema>

interface Details {
  /** What a person reads: what happened, to what, and what to do. Defaults to the catalogue's sentence. */
  message?: string
  errors?: FieldFault[]
  blockers?: { kind: string; id: string; name: string }[]
  accounts?: { pinned: Identity | null; answered: Identity | null }
  /** How long to wait before the request is worth repeating. */
  retryAfterSeconds?: number
  hiddenBlockers?: number
  /** For the log only. Never a request, a header or a secret. */
  cause?: unknown
}

/** An error with a stable code. Its message is public; its cause is for the log. */
export class LatchworkError extends Error {
  override readonly name = 'LatchworkError'
  readonly code: ErrorCode
  readonly errors: FieldFault[] | undefined
  readonly blockers: Details['blockers']
  readonly accounts: Details['accounts']
  readonly retryAfterSeconds: number | undefined
  readonly hiddenBlockers: number | undefined

  constructor(code: ErrorCode, details: Details = {}) {
    super(
      details.message ?? errorCatalogue[code].title,
      details.cause === undefined ? {} : { cause: details.cause },
    )
    this.code = code
    this.errors = details.errors
    this.blockers = details.blockers
    this.accounts = details.accounts
    this.retryAfterSeconds = details.retryAfterSeconds
    this.hiddenBlockers = details.hiddenBlockers
  }

  get status(): number {
    return errorCatalogue[this.code].status
  }
}

/** An `invalid_input` error about one field. */
export function invalidField(field: string, rule: string, message: string): LatchworkError {
  return new LatchworkError('invalid_input', { message, errors: [{ field, rule, message }] })
}

/** The code of an error of Node, of the operating system or of a database driver, e.g. `ENOENT`; null without one. */
export function systemCode(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null
  return typeof code === 'string' ? code : null
}
