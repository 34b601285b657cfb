import { invalidField } from '@latchwork/contract'

/**
 * Accepts a path of our own pages to send the browser back to. Refuses all that a browser may take for another site.
 * @throws {LatchworkError} `invalid_input`
 */
export function ownPath(returnTo: string, publicUrl: string): string {
  const refused = invalidField(
    'returnTo',
    'own_path',
    'Return to must be a path of this site, for example /credentials.',
  )
  // Browsers treat a backslash as a slash, and skip control characters and white space.
  if (!/^\/(?![/\\])[^\\\s\p{C}]*$/u.test(returnTo)) throw refused
  const url = URL.parse(returnTo, publicUrl)
  if (url === null || url.origin !== publicUrl || url.pathname.startsWith('//')) throw refused
  if (/^\/(api|oauth|health)(\/|$)/i.test(url.pathname)) throw refused
  return url.pathname + url.search + url.hash
}

/** The path with the outcome of an authorization in its query. */
export function withOutcome(
  path: string,
  publicUrl: string,
  outcome: Readonly<Record<string, string>>,
): string {
  const url = new URL(path, publicUrl)
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value)
  return url.pathname + url.search + url.hash
}
