import { invalid } from '../api/errors.ts'
import { parseMoment } from '../clock.ts'
import { isObject, type Json, type JsonObject, numberOf, textOf } from '../json.ts'

const DAY_MS = 86_400_000

/** The base of relative moments. */
export interface MomentContext {
  readonly nowMs: number
  /** Hours between the caller's days and UTC. */
  readonly offsetHours: number
}

/**
 * The milliseconds of a moment in a query: fixed in UTC, a local date, the start or end of a named
 * period, an offset, or now.
 * @throws ApiError 400 for an unknown or incomplete one
 */
export function momentMs(moment: Json | undefined, context: MomentContext): number {
  if (!isObject(moment)) throw problem('A moment is an object with a type.')
  switch (moment['type']) {
    case 'now':
      return context.nowMs
    case 'fixed_utc':
      return fixed(moment)
    case 'fixed_local_date': {
      const start = fixed(moment) - context.offsetHours * 3_600_000
      return moment['which'] === 'end' ? start + DAY_MS - 1 : start
    }
    case 'start_end_of_predefined_relative_period': {
      const [start, end] = period(textOf(moment, 'range') ?? '', context)
      return moment['which'] === 'end' ? end - 1 : start
    }
    case 'offset':
      return offset(moment, context)
    default:
      throw problem(`Unknown type of moment: ${String(moment['type'])}`)
  }
}

function fixed(moment: JsonObject): number {
  const time = parseMoment(textOf(moment, 'value') ?? '')
  if (time === null) throw problem('The value of a moment must be a date or datetime.')
  return time
}

function offset(moment: JsonObject, context: MomentContext): number {
  const { offset: by } = moment
  const from = new Date(momentMs(moment['moment'], context))
  const amount = (unit: string): number => (isObject(by) ? (numberOf(by, unit) ?? 0) : 0)
  from.setUTCMonth(from.getUTCMonth() + amount('months') + 12 * amount('years'))
  const time =
    from.getTime() +
    amount('weeks') * 7 * DAY_MS +
    amount('days') * DAY_MS +
    amount('hours') * 3_600_000 +
    amount('minutes') * 60_000 +
    amount('seconds') * 1_000
  const which = moment['which_day_end']
  if (which !== 'start' && which !== 'end') return time
  const shift = context.offsetHours * 3_600_000
  const start = Math.floor((time + shift) / DAY_MS) * DAY_MS - shift
  return which === 'end' ? start + DAY_MS - 1 : start
}

/** Start and (exclusive) end of a named period in the caller's time zone. */
function period(range: string, { nowMs, offsetHours }: MomentContext): [number, number] {
  const shift = offsetHours * 3_600_000
  const local = new Date(nowMs + shift)
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()]
  const days = (from: number, count: number): [number, number] => [
    Date.UTC(year, month, day + from) - shift,
    Date.UTC(year, month, day + from + count) - shift,
  ]
  const months = (from: number, count: number): [number, number] => [
    Date.UTC(year, from, 1) - shift,
    Date.UTC(year, from + count, 1) - shift,
  ]
  const monday = -((local.getUTCDay() + 6) % 7)
  const quarter = month - (month % 3)
  switch (range) {
    case 'today':
      return days(0, 1)
    case 'yesterday':
      return days(-1, 1)
    case 'tomorrow':
      return days(1, 1)
    case 'this_week':
      return days(monday, 7)
    case 'last_week':
      return days(monday - 7, 7)
    case 'next_week':
      return days(monday + 7, 7)
    case 'this_month':
      return months(month, 1)
    case 'last_month':
      return months(month - 1, 1)
    case 'next_month':
      return months(month + 1, 1)
    case 'this_quarter':
      return months(quarter, 3)
    case 'last_quarter':
      return months(quarter - 3, 3)
    case 'this_year':
      return months(0, 12)
    case 'last_year':
      return months(-12, 12)
    default:
      throw problem(`Unknown period: ${range}`)
  }
}

function problem(message: string): Error {
  return invalid({ query: message })
}
