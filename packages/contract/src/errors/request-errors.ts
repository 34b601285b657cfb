import type { CatalogueEntry } from './entry.ts'

/** Of any request. */
export const requestErrors = {
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
    title: 'You have as many of these under way as one member may have. Try again when one has ended.',
  },
  share_full: {
    status: 409,
    title: 'You have as many of these as one member may have. Delete some that you no longer need.',
  },
  drafts_full: {
    status: 409,
    title: 'You have as many drafts of credentials as one member may have. Save or discard one of them.',
  },
  file_space_full: {
    status: 413,
    title: 'Your files take as much space as those of one member may. Delete some that you no longer need.',
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
      'Somebody other than Latchwork changed the audit log. Until an administrator has looked at it, by the commands "audit verify" and "audit accept" on the server, Latchwork does nothing that it would have to log.',
  },
  shutting_down: { status: 503, title: 'The server is restarting. Try again in a few seconds.', away: true },
  storage_unavailable: {
    status: 503,
    title: "The server can't store changes at the moment. Try again in a few seconds.",
    away: true,
  },
} as const satisfies Record<string, CatalogueEntry>
