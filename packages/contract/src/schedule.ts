import { Cron } from 'croner'
import { z } from 'zod'

/* When a flow runs by itself. */

/** Runs come no closer together than this. */
const leastMinutes = 5
const mostMinutes = 44_640
const longestCron = 100
/** So many of a cron's times are looked at for how close together they are: each day with runs has the same ones, at most 288. */
const timesChecked = 300

const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be the name of a time zone, as Europe/Zurich')

const everySchema = z.strictObject({
  kind: z.literal('every'),
  /** From the time at which it was set, and from there on in step. */
  minutes: z.number().int().min(leastMinutes).max(mostMinutes),
})

const cronSchema = z
  .strictObject({
    kind: z.literal('cron'),
    /** Minute, hour, day of the month, month, day of the week. */
    cron: z.string().trim().max(longestCron),
    timeZone: timeZoneSchema,
  })
  .superRefine(({ cron, timeZone }, context) => {
    const fault = isTimeZone(timeZone) ? cronFault(cron, timeZone) : null
    if (fault !== null) context.addIssue({ code: 'custom', path: ['cron'], message: fault })
  })

export const scheduleSchema = z.discriminatedUnion('kind', [everySchema, cronSchema])
export type Schedule = z.infer<typeof scheduleSchema>

/** As an answer has it: it was checked when it was set. */
export const plannedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('every'), minutes: z.number().int() }),
  z.object({ kind: z.literal('cron'), cron: z.string(), timeZone: z.string() }),
])

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The times of a cron with five parts, right over clock changes: one at a fixed time of day is met once a day. */
function cronOf(cron: string, timeZone: string): Cron {
  return new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true })
}

/** What is wrong with a cron, as the rest of a sentence; null: nothing. */
function cronFault(text: string, timeZone: string): string | null {
  const parts = 'must be five parts: minute, hour, day of the month, month, day of the week'
  // What the library knows besides: names as @daily.
  if (text.split(/\s+/).length !== 5) return parts
  let times: Date[]
  try {
    times = cronOf(text, timeZone).nextRuns(timesChecked)
  } catch {
    return parts
  }
  if (times.length === 0) return 'must name a time that comes'
  const isTooOften = times.some((time, index) => {
    const next = times[index + 1]
    return next !== undefined && next.getTime() - time.getTime() < leastMinutes * 60_000
  })
  return isTooOften ? `must leave ${leastMinutes} minutes between two runs` : null
}

/**
 * The first time of a schedule after `afterMs`; null if there is none.
 * @param afterMs milliseconds since 1970, as everything here
 * @param anchorMs a time of the schedule, which an interval stays in step with
 */
export function nextRunOf(schedule: Schedule, afterMs: number, anchorMs = afterMs): number | null {
  if (schedule.kind === 'cron') {
    return cronOf(schedule.cron, schedule.timeZone).nextRun(new Date(afterMs))?.getTime() ?? null
  }
  const stepMs = schedule.minutes * 60_000
  return anchorMs + stepMs * (Math.floor((afterMs - anchorMs) / stepMs) + 1)
}

/** A schedule once a day, or on weekdays, at a time of the clock: what most people choose. */
export interface AtTime {
  readonly days: 'daily' | 'weekdays'
  /** "06:30" */
  readonly at: string
}

/** The cron of a time of day. */
export function cronAt({ days, at }: AtTime): string {
  const [hour = '0', minute = '0'] = at.split(':')
  return `${Number(minute)} ${Number(hour)} * * ${days === 'daily' ? '*' : '1-5'}`
}

/** The time of day that a cron means; null for any other. */
export function timeOfCron(cron: string): AtTime | null {
  const [, minute = '', hour = '', days = ''] = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5)$/.exec(cron) ?? []
  if (days === '') return null
  const at = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  return { days: days === '*' ? 'daily' : 'weekdays', at }
}

/** A schedule in words: "Every 15 minutes", "Every day at 06:30 (Europe/Zurich)". */
export function scheduleWords(schedule: Schedule | null): string {
  if (schedule === null) return 'Manual'
  if (schedule.kind === 'every') return `Every ${intervalWords(schedule.minutes)}`
  const { cron, timeZone } = schedule
  const time = timeOfCron(cron)
  if (time === null) return `Cron ${cron} (${timeZone})`
  return `${time.days === 'daily' ? 'Every day' : 'Monday to Friday'} at ${time.at} (${timeZone})`
}

function intervalWords(minutes: number): string {
  const [count, unit] =
    minutes % 1440 === 0
      ? ([minutes / 1440, 'day'] as const)
      : minutes % 60 === 0
        ? ([minutes / 60, 'hour'] as const)
        : ([minutes, 'minute'] as const)
  return count === 1 ? unit : `${count} ${unit}s`
}
