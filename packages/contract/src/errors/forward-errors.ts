import type { CatalogueEntry } from './entry.ts'

/** Of requests that the gateway passes on, and of what Close makes of them. */
export const forwardErrors = {
  gateway_path_invalid: {
    status: 400,
    title:
      'The address can be read in two ways, so it was not passed on. Write it as the documentation of Close does.',
  },
  gateway_request_ambiguous: {
    status: 400,
    title: 'The request can be read in two ways, so it was not passed on.',
  },
  gateway_busy: {
    status: 503,
    title: 'The gateway has as many requests under way as it takes. Try again in a moment.',
    away: true,
  },
  upstream_timeout: {
    status: 504,
    title: 'Close did not answer in time. Nothing was changed by this request. Try again later.',
    away: true,
  },
  upstream_redirected: {
    status: 502,
    title: 'Close answered with the address of another place. The gateway follows none and passes none on.',
  },
  answer_uncut: {
    status: 502,
    title:
      "Close's answer could not be cut to what this pass may read, so it was not passed on. Ask the pass's owner whether it may read all of it.",
  },
  in_doubt: {
    status: 502,
    title:
      "Close's answer was lost, and nobody can tell whether the request took effect. It was not repeated. Look in Close before you send it again.",
  },
} as const satisfies Record<string, CatalogueEntry>
