import { closeTimestamp } from '@latchwork/close'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const
type Unit = keyof typeof unitMs

const macro = /\{(now|last_run)(?:-(\d{1,4})([mhdw]))?\}/g
/** How far before the begin of the last run the next one looks: what changes shows late. */
const overlapMs = 5 * 60_000

/** The times that macros stand for (ms, Close's). */
export interface Times {
  readonly nowMs: number
  /** When the last complete run began; null before it. */
  readonly lastRunMs: number | null
}

/** The rest of a sentence about a text whose braces are no macro; null where there are none. JSON has braces of its own. */
export function macroFault(text: string): string | null {
  const left = text.replace(macro, '')
  return /\{[a-z_]+(-[^{}"\s]*)?\}/i.test(left)
    ? 'has braces that stand for nothing: there are {now}, {now-5d} and {last_run}'
    : null
}

/** The text with times in the place of its macros. */
export function withTimes(text: string, { nowMs, lastRunMs }: Times): string {
  return text.replace(macro, (_whole, name: string, count?: string, unit?: string) => {
    const fromMs = name === 'now' ? nowMs : Math.max(0, (lastRunMs ?? 0) - overlapMs)
    const backMs = count === undefined ? 0 : Number(count) * unitMs[isUnit(unit) ? unit : 'd']
    return closeTimestamp(Math.max(0, fromMs - backMs))
  })
}

function isUnit(text: string | undefined): text is Unit {
  return text !== undefined && Object.hasOwn(unitMs, text)
}

/** As `withTimes`, in each text of a JSON value. */
export function withTimesIn<T>(value: T, times: Times): T {
  if (typeof value === 'string') return withTimes(value, times) as T
  if (Array.isArray(value)) return value.map((each: unknown) => withTimesIn(each, times)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withTimesIn(each, times)]),
  ) as T
}
