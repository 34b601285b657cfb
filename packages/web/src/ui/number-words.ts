/** A span of time in words as short as they can be: "820 ms", "4.2 s", "3 min 20 s", "2 h 5 min". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

const byteUnits = ['kB', 'MB', 'GB', 'TB']

/** A size in decimal units: "820 bytes", "18.4 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  let size = bytes
  let unit = 'bytes'
  for (const next of byteUnits) {
    if (size < 1000) break
    size /= 1000
    unit = next
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
}

const number = new Intl.NumberFormat('en')

/** A count with separators between thousands. */
export function formatCount(count: number): string {
  return number.format(count)
}

/** A rate with as many digits as mean something. */
export function formatRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : number.format(Math.round(perSecond))
}

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
