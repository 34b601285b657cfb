// Close writes `2013-02-01T00:54:51.331000+00:00` for most objects and the same without an offset for newer ones.
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/i

/** The form that nearly all have: in UTC. They are read by the million, so this one is read by its places. */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3,9})?(?:Z|\+00:00)?$/

/**
 * Reads a Close timestamp; one without an offset is UTC, a date alone is its midnight in UTC.
 *
 * @returns milliseconds since 1970, cut (not rounded) to the millisecond; undefined when it is not a timestamp
 */
export function parseCloseTimestamp(text: string): number | undefined {
  return (USUAL.test(text) ? readUsual(text) : undefined) ?? readAny(text)
}

/** Undefined for what has to be looked at closely: the ends of months, and numbers that no clock shows. */
function readUsual(text: string): number | undefined {
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)]
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)]
  const isPlain = month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59
  const century = twoDigits(text, 0)
  // `Date.UTC` takes the years 0 to 99 for others.
  if (!isPlain || second > 59 || century === 0) return undefined
  const year = century * 100 + twoDigits(text, 2)
  const ms = text.charCodeAt(19) === 0x2e ? twoDigits(text, 20) * 10 + text.charCodeAt(22) - 0x30 : 0
  return Date.UTC(year, month - 1, day, hour, minute, second, ms)
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30
}

function readAny(text: string): number | undefined {
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
