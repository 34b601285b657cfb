import { field, type Parameter } from './parameters.ts'

/* Ranges of days. Days begin at midnight UTC. */

const dayMs = 86_400_000

/** The begin of a day in UTC, some days later. */
function midnight(day: string, days = 0): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString()
}

const moment = (value: string) => ({ type: 'fixed_utc', value }) as const

const localDay = (value: string) => ({ type: 'fixed_local_date', value, which: 'start' })

const from = field('created_from', 'date', {
  label: 'Created from',
  help: 'Only records that were created on this day or later. Days begin at midnight UTC. A day that is counted back moves on: each run then reads the whole range.',
})
const to = field('created_to', 'date', { label: 'Created until', help: 'This day is included.' })

/** Records that were created in a range of days, by search. */
export const created: readonly Parameter[] = [
  {
    field: from,
    changes: false,
    keeping: {
      by: 'field',
      name: 'date_created',
      condition: ([day = '']) => ({ type: 'moment_range', on_or_after: moment(midnight(day)) }),
    },
  },
  {
    field: to,
    changes: false,
    keeping: {
      by: 'field',
      name: 'date_created',
      condition: ([day = '']) => ({ type: 'moment_range', before: moment(midnight(day, 1)) }),
    },
  },
]

/** Opportunities by the day on which they were won, which is a day without a time. */
export const won: readonly Parameter[] = [
  {
    field: field('won_from', 'date', {
      label: 'Won from',
      help: 'Only opportunities that were won on this day or later. A day that is counted back moves on: each run then reads the whole range.',
    }),
    changes: true,
    keeping: {
      by: 'field',
      name: 'date_won',
      condition: ([day = '']) => ({ type: 'moment_range', on_or_after: localDay(day) }),
    },
  },
  {
    field: field('won_to', 'date', { label: 'Won until', help: 'This day is included.' }),
    changes: true,
    keeping: {
      by: 'field',
      name: 'date_won',
      condition: ([day = '']) => ({
        type: 'moment_range',
        before: localDay(midnight(day, 1).slice(0, 10)),
      }),
    },
  },
]

/** The same by a list that takes bounds of a date. */
export const listedFrom = (dateField: 'date_created' | 'date_updated'): readonly Parameter[] => [
  { field: from, changes: false, query: (day) => ({ [`${dateField}__gte`]: midnight(day) }) },
  { field: to, changes: false, query: (day) => ({ [`${dateField}__lt`]: midnight(day, 1) }) },
]

/** The range of a report. */
export const reported: readonly Parameter[] = [
  {
    field: field('date_start', 'date', { label: 'From', help: 'Leave both days blank for all time.' }),
    changes: false,
    query: (day) => ({ date_start: day }),
  },
  {
    field: field('date_end', 'date', { label: 'Until', help: 'This day is included.' }),
    changes: false,
    query: (day) => ({ date_end: day }),
  },
]
