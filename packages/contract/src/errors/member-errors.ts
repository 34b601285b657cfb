import type { CatalogueEntry } from './entry.ts'

/** Signing in, members, and signing a program in. */
export const memberErrors = {
  // sign-in
  not_signed_in: { status: 401, title: 'Sign in to go on.' },
  sign_in_failed: { status: 401, title: "The email address and the password don't match an account." },
  forbidden: { status: 403, title: "You don't have permission to do this." },
  csrf_refused: { status: 403, title: 'This request came from another site and was refused.' },
  other_address: {
    status: 403,
    title: 'Nobody can sign in at this address. Open Latchwork at its own address.',
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
      "This link isn't valid. It was used, replaced or is older than 24 hours, or its maker is no longer an administrator. Ask an administrator for a new one.",
  },
  passkey_refused: {
    status: 401,
    title:
      "This passkey isn't accepted: it was removed, or it took too long. Try again, or use your password.",
  },
  passkey_taken: { status: 409, title: 'This passkey has been added already.' },
  passkey_limit: {
    status: 409,
    title: 'You have as many passkeys as one member may have. Remove one first.',
  },
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
    title: "This invitation isn't valid: it was used, withdrawn or is older than 7 days. Ask for a new one.",
  },
  // signing a program in
  authorization_pending: { status: 400, title: 'Nobody has confirmed this sign-in yet.' },
  slow_down: { status: 400, title: 'Asked too often: wait five seconds longer between two requests.' },
  access_denied: { status: 400, title: 'This sign-in was refused on the page.' },
  expired_token: { status: 400, title: 'This sign-in has expired, or was used already. Begin again.' },
  device_not_found: {
    status: 404,
    title: 'No program waits with this code: it may be mistyped, used or older than ten minutes.',
  },
} as const satisfies Record<string, CatalogueEntry>
