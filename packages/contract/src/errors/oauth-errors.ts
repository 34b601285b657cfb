import type { CatalogueEntry } from './entry.ts'

/** Authorizing a credential, and refreshing its tokens. */
export const oauthErrors = {
  oauth_state_unknown: {
    status: 400,
    title: "This sign-in link isn't valid any more. Start again with Authorize.",
  },
  authorization_for_another: {
    status: 409,
    title:
      'This credential belongs to somebody else. Go on only if you want to give that person this access.',
  },
  authorization_withdrawn: {
    status: 403,
    title:
      'The person who began this may no longer finish it: they signed out, were removed, or lost the right to change this credential. The access was revoked at Close. Sign in and start again.',
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
    away: true,
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
} as const satisfies Record<string, CatalogueEntry>
