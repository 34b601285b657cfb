/** A path of this site to go to after signing in. An address that could lead elsewhere becomes the start page. */
export function pathWithin(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next)) return '/'
  const url = new URL(next, 'https://here.invalid')
  // A path that begins with two slashes, as `/..//elsewhere` becomes, names another host.
  const leaves = url.host !== 'here.invalid' || url.pathname.startsWith('//')
  if (leaves || url.pathname === '/sign-in') return '/'
  return url.pathname + url.search + url.hash
}
