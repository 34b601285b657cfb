import type { Pass } from '@latchwork/contract'

/** Until when a pass lasts, as a person chooses it. `unchanged`: as it was before the change. */
export const untilKinds = ['friday', '7', '30', '90', 'date', 'never'] as const
export type UntilKind = (typeof untilKinds)[number] | 'unchanged'

export interface Until {
  readonly kind: UntilKind
  /** `2026-11-27`, of `date`. */
  readonly date: string
  /** Why it never expires, of `never`. */
  readonly why: string
}

const dayMs = 86_400_000
const dayFormat = new Intl.DateTimeFormat('en', { weekday: 'short', month: 'short', day: 'numeric' })
const yearFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const friday = 5

/** When that is, in milliseconds; null: never; undefined: not said, or left as it was. */
export function untilMs({ kind, date }: Until, nowMs: number): number | null | undefined {
  switch (kind) {
    case 'friday':
      return endOfDay(nextFriday(nowMs))
    case 'date': {
      const day = new Date(`${date}T00:00:00`)
      return Number.isNaN(day.getTime()) ? undefined : endOfDay(day)
    }
    case 'never':
      return null
    case 'unchanged':
      return undefined
    default:
      return nowMs + Number(kind) * dayMs
  }
}

/** What is wrong with it, as a sentence; null: nothing. */
export function untilFault(until: Until, nowMs: number): string | null {
  const end = untilMs(until, nowMs)
  if (until.kind === 'never' && until.why.trim() === '') return 'Say why it never expires.'
  if (until.kind !== 'date') return null
  if (end === undefined || end === null) return 'Choose the last day.'
  return end <= nowMs ? 'This day is over. Choose a later one.' : null
}

/** The choice as a button says it: "Friday, Dec 4". */
export function untilLabel(kind: UntilKind, nowMs: number): string {
  const words: Record<UntilKind, string> = {
    friday: dayFormat.format(nextFriday(nowMs)),
    '7': '7 days',
    '30': '30 days',
    '90': '90 days',
    date: 'A date',
    never: 'No end',
    unchanged: 'As it is',
  }
  return words[kind]
}

/** "Until Dec 4, 2026, 11:59 PM." */
export function untilWords(until: Until, pass: Pick<Pass, 'expiresAt'> | null, nowMs: number): string {
  const end = until.kind === 'unchanged' ? unchangedMs(pass) : untilMs(until, nowMs)
  if (end === null) return 'It never expires.'
  return end === undefined ? '' : `Until ${yearFormat.format(end)}.`
}

function unchangedMs(pass: Pick<Pass, 'expiresAt'> | null): number | null | undefined {
  if (pass === null) return undefined
  return pass.expiresAt === null ? null : Date.parse(pass.expiresAt)
}

/** The coming one: on a Friday, the one in a week. */
function nextFriday(nowMs: number): Date {
  const day = new Date(nowMs)
  day.setDate(day.getDate() + ((friday - day.getDay() + 6) % 7) + 1)
  return day
}

function endOfDay(day: Date): number {
  return new Date(day).setHours(23, 59, 59, 999)
}
