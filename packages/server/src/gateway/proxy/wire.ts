import type { Dispatcher } from 'undici'
import type { Target } from './target.ts'

/** Longer addresses are not taken everywhere. @see https://developer.close.com/api/overview/query-parameters */
const longestQuery = 1_900

/** The form in which a request is sent to Close. */
export interface Wire {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  /** Its filters, in a POST that stands for a GET; null: they are in the path. */
  readonly params: Buffer | null
}

/** Filters that are too long for an address go in a body, as Close takes them. */
export function wireOf({ method, path, query }: Target): Wire {
  if (method === 'GET' && query.length > longestQuery) {
    const entries = [...new URLSearchParams(query)]
    const params = Object.fromEntries(entries)
    if (Object.keys(params).length === entries.length) {
      return { method: 'POST', path, params: Buffer.from(JSON.stringify({ _params: params })) }
    }
  }
  return { method, path: query === '' ? path : `${path}?${query}`, params: null }
}
