import { withoutTokens } from './token.ts'

/* What of a request is kept. */

export const apiPath = '/api/v1'

/** Below `/api/v1`. A client that puts its pass into the address does not put it into our records. */
export function shownPath(path: string): string {
  const below = path.startsWith(`${apiPath}/`) ? path.slice(apiPath.length) : path
  return withoutTokens(below).slice(0, 500)
}

/** Of parameters, at most 20, without their values. */
export function namesIn(query: string): string[] {
  if (query === '') return []
  return [...new Set(new URLSearchParams(query).keys())]
    .slice(0, 20)
    .map((name) => shownPath(name).slice(0, 100))
}
