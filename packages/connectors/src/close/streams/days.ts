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

/** Records that were changed for the last time in a range of days, by search. */
export const changed: readonly Parameter[] = [
  {
    field: field('updated_from', 'date', {
      label: 'Changed from',
      help: 'Only records that were changed for the last time on this day or later. Days begin at midnight UTC. A day that is counted back moves on: each run then reads the whole range.',
    }),
    changes: true,
    keeping: {
      by: 'field',
      name: 'date_updated',
      condition: ([day = '']) => ({ type: 'moment_range', on_or_after: moment(midnight(day)) }),
    },
  },
  {
    field: field('updated_to', 'date', {
      label: 'Changed until',
      help: 'This day is included. A record that is changed later leaves.',
    }),
    changes: true,
    keeping: {
      by: 'field',
      name: 'date_updated',
      condition: ([day = '']) => ({ type: 'moment_range', before: moment(midnight(day, 1)) }),
    },
  },
]

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

/** A range of days by a field that is a day, which may be without a time. */
const daysOf = (name: string, prefix: string, words: { readonly label: string; readonly help: string }) =>
  [
    {
      field: field(`${prefix}_from`, 'date', {
        label: `${words.label} from`,
        help: `${words.help} A day that is counted back moves on: each run then reads the whole range.`,
      }),
      changes: true,
      keeping: {
        ...{ by: 'field', name },
        condition: ([day = '']) => ({ type: 'moment_range', on_or_after: localDay(day) }),
      },
    },
    {
      field: field(`${prefix}_to`, 'date', { label: `${words.label} until`, help: 'This day is included.' }),
      changes: true,
      keeping: {
        ...{ by: 'field', name },
        condition: ([day = '']) => ({
          type: 'moment_range',
          before: localDay(midnight(day, 1).slice(0, 10)),
        }),
      },
    },
  ] as const satisfies readonly Parameter[]

export const won: readonly Parameter[] = daysOf('date_won', 'won', {
  label: 'Won',
  help: 'Only opportunities that were won on this day or later.',
})

export const due: readonly Parameter[] = daysOf('due_date', 'due', {
  label: 'Due',
  help: 'Only tasks that are due on this day or later.',
})

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
