// Close writes `2013-02-01T00:54:51.331000+00:00` for most objects and the same without an offset for newer ones.
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * Reads a Close timestamp; one without an offset is UTC, a date alone is its midnight in UTC.
 *
 * @returns milliseconds since 1970, cut (not rounded) to the millisecond; undefined when it is not a timestamp
 */
export function parseCloseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text)
  if (match === null) return undefined
  const [, date = '', time = '00:00', fraction = '', zone = 'Z'] = match
  const seconds = time.length === 5 ? `${time}:00` : time
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const atMs = Date.parse(`${date}T${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`)
  // `Date` rolls February 30 over into March; the day must come back as it went in.
  const sameDay = new Date(Date.parse(`${date}T00:00:00Z`)).toJSON()?.startsWith(date) === true
  return Number.isNaN(atMs) || !sameDay ? undefined : atMs
}

/** Milliseconds since 1970 as the ISO 8601 text in UTC that Close's filters take. */
export function closeTimestamp(atMs: number): string {
  return new Date(atMs).toISOString()
}
