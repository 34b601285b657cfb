/** The address of this screen, to come back to: without what an earlier way back has put into it. */
export function returnPath(): string {
  const { pathname, search } = window.location
  const query = new URLSearchParams(search)
  query.delete('draft')
  query.delete('result')
  const rest = query.toString()
  return rest === '' ? pathname : `${pathname}?${rest}`
}
