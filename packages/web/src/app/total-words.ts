interface Total {
  readonly total: number
  /** There are more than were counted. */
  readonly totalCapped?: boolean | undefined
}

/** How many there are in all of some lists, e.g. `12`, `1,000+`. */
export function totalNumber(lists: readonly (Total | undefined)[]): string {
  const total = lists.reduce((sum, list) => sum + (list?.total ?? 0), 0)
  return `${total.toLocaleString('en')}${lists.some((list) => list?.totalCapped) ? '+' : ''}`
}

/** How many there are in a list, e.g. `1 credential`, `1,000+ credentials`. */
export function totalWords(list: Total, one: string): string {
  return `${totalNumber([list])} ${list.total === 1 ? one : `${one}s`}`
}
