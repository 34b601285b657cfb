/** The only clock of a sandbox: every date, expiry and window comes from it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Moves the clock forward by that many milliseconds (negative: back). */
  advance(milliseconds: number): void
}

/** A clock that runs at real speed from `startMs` (default: now). */
export function runningClock(startMs: number = Date.now()): Clock {
  let offsetMs = startMs - Date.now()
  return {
    now: () => Date.now() + offsetMs,
    advance: (milliseconds) => {
      offsetMs += milliseconds
    },
  }
}

/** Most objects: `2013-02-01T00:54:51.331000+00:00`. */
export function timestamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 23)}000+00:00`
}

/** Newer objects (pipelines, events, webhooks, ...): the same, in UTC, without an offset. */
export function naiveTimestamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 23)}000`
}

/** How answers write dates and times: each resource in its documented way, or all in one. */
export type TimestampSpelling = 'documented' | 'offset' | 'naive' | 'zulu'

const ENDINGS = { offset: '+00:00', naive: '', zulu: 'Z' } as const

/** A text with all its timestamps in that spelling. They name the same moments: all are UTC. */
export function respelled(text: string, spelling: TimestampSpelling): string {
  if (spelling === 'documented') return text
  return text.replace(/"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})(?:\+00:00)?"/g, `"$1${ENDINGS[spelling]}"`)
}

/** `2013-02-01` in the time zone `offsetHours` away from UTC. */
export function dateOnly(timeMs: number, offsetHours = 0): string {
  return new Date(timeMs + offsetHours * 3_600_000).toISOString().slice(0, 10)
}

const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Milliseconds of a date or a date and time; a missing offset means UTC.
 * Null when the text is neither.
 */
export function parseMoment(text: string): number | null {
  const match = MOMENT.exec(text)
  if (!match) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3)
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`)
  return Number.isNaN(time) ? null : time
}
