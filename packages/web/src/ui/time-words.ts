const units = [
  { unit: 'year', seconds: 31_536_000 },
  { unit: 'month', seconds: 2_592_000 },
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' })
const ofDay = new Intl.DateTimeFormat('en', { timeStyle: 'short' })
const toSecond = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

/** What is over lies ahead only by a clock that is behind: the browser's, by no more than this. */
const clockDifferenceMs = 5 * 60_000

/**
 * How long ago, or until when, in the largest unit that fits: "2 hours ago", "in 3 days", "just now".
 * @param isAhead of what is still to come; anything else is over, whatever the browser's clock says
 */
export function relativeTime(atMs: number, nowMs: number, isAhead = false): string {
  const isNow = !isAhead && atMs > nowMs && atMs - nowMs <= clockDifferenceMs
  const seconds = isNow ? 0 : Math.round((atMs - nowMs) / 1000)
  const fitting = units.find((candidate) => Math.abs(seconds) >= candidate.seconds)
  if (fitting === undefined) return isAhead && seconds > 5 ? 'in less than a minute' : 'just now'
  return relative.format(Math.trunc(seconds / fitting.seconds), fitting.unit)
}

/** Date and time of day in the browser's time zone. */
export function absoluteTime(atMs: number): string {
  return absolute.format(atMs)
}

/** Time of day to the second, in the browser's time zone. */
export function exactTime(atMs: number): string {
  return toSecond.format(atMs)
}

/** Time of day in the browser's time zone, for what is no more than hours away. */
export function timeOfDay(atMs: number): string {
  return ofDay.format(atMs)
}
