import type { CatalogueEntry } from './entry.ts'

/** Of passes, and of calls through the gateway. */
export const gatewayErrors = {
  pass_not_found: { status: 404, title: 'This pass does not exist, or you have no access to it.' },
  pass_invalid: { status: 400, title: 'This pass would not do what it says.' },
  pass_over: { status: 409, title: 'This pass is over. Make a new one.' },
  pass_needed: {
    status: 401,
    title:
      'Send a pass, as a bearer token or as the user name of Basic authentication. Somebody who uses Latchwork here can make one.',
  },
  pass_unknown: {
    status: 401,
    title: 'There is no such pass. It may have been revoked, or it was copied incompletely.',
  },
  pass_expired: { status: 401, title: 'This pass has expired. Ask its owner for another.' },
  pass_revoked: { status: 401, title: 'This pass was revoked. Ask its owner for another.' },
  pass_paused: {
    status: 503,
    title: 'This pass is paused, because its credential does not work. Ask its owner to look at it.',
  },
  pass_denied: { status: 403, title: 'This pass may not do that. Ask its owner for more.' },
  lead_unseen: {
    status: 404,
    title:
      'There is no such record, or it belongs to no lead that this pass sees. Ask its owner which leads it is for.',
  },
  smart_view_unreadable: {
    status: 503,
    title:
      'This pass sees only the leads of a smart view, which can’t be read in Close. Ask the owner of the pass to choose another one.',
  },
  pass_address: { status: 403, title: 'This pass may not be used from this address.' },
  pass_limit: { status: 429, title: 'This pass has used its share. Wait, or ask its owner for more.' },
  upstream_limit: {
    status: 429,
    title:
      'Close asks everybody in this organization to wait. Try again after the time that Retry-After says.',
  },
  confirmation_needed: {
    status: 403,
    title:
      'A person confirms each write of this pass before it is sent. Make it by a tool of /mcp, which waits for that, or ask the owner of the pass.',
  },
  confirmations_full: {
    status: 429,
    title: 'As many writes of this pass wait for a person as may. Wait until some are decided.',
  },
  write_not_found: { status: 404, title: 'There is no such write, or it was decided long ago.' },
  write_decided: {
    status: 409,
    title: 'This write does not wait any more: somebody has decided about it, or its time is over.',
  },
  write_outdated: {
    status: 409,
    title: 'The record has changed since you looked at it. Look at the write again, then decide.',
  },
  endpoint_unknown: {
    status: 403,
    title: 'Close has no such endpoint that we know of, so no pass may use it.',
  },
} as const satisfies Record<string, CatalogueEntry>
