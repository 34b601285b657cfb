import { type CheckDay, checkDays, counted } from '@latchwork/contract'

export const tones = ['good', 'narrowed', 'warning', 'bad', 'none'] as const
export type DayTone = (typeof tones)[number]

export interface StripDay {
  /** `2026-11-23`, in UTC. */
  readonly day: string
  readonly tone: DayTone
  readonly word: string
  /** Distinguishes the tones without colour. */
  readonly mark: string
  readonly reason: CheckDay['reason']
}

export const looks: Record<DayTone, { word: string; mark: string; short: string }> = {
  good: { word: 'Verified', mark: '', short: 'verified, no failure' },
  narrowed: { word: 'Verified, with fewer rights', mark: '–', short: 'with fewer rights' },
  warning: { word: 'Not reached', mark: '?', short: 'not reached' },
  bad: { word: 'Failed', mark: '×', short: 'failed' },
  none: { word: 'Not checked', mark: '', short: 'not checked' },
}
const worstFirst: readonly DayTone[] = ['bad', 'warning', 'narrowed', 'good', 'none']

function toneOf(day: CheckDay | undefined): DayTone {
  if (day === undefined || day.status === 'draft') return 'none'
  if (day.status === 'failed') return 'bad'
  if (day.status === 'unverified') return 'warning'
  return day.reason === null ? 'good' : 'narrowed'
}

/** One cell a day, the oldest first, today last. */
export function stripOf(days: readonly CheckDay[], todayMs: number): StripDay[] {
  const known = new Map(days.map((day) => [day.day, day]))
  return Array.from({ length: checkDays }, (_, index) => {
    const day = new Date(todayMs - (checkDays - 1 - index) * 86_400_000).toISOString().slice(0, 10)
    const seen = known.get(day)
    const tone = toneOf(seen)
    const { word, mark } = looks[tone]
    return { day, tone, word, mark, reason: seen?.reason ?? null }
  })
}

/** The strip in one sentence, for screen readers. */
export function stripSentence(strip: readonly StripDay[]): string {
  const parts = tones
    .filter((tone) => countOf(strip, tone) > 0)
    .map((tone) => `${daysOf(strip, tone)} ${looks[tone].word.toLowerCase()}`)
  return `The last ${strip.length} days: ${parts.join(', ')}.`
}

/** The worst day of the strip in a few words, for a long list: "2 days failed". */
export function stripWords(strip: readonly StripDay[]): string {
  const worst = worstFirst.find((tone) => countOf(strip, tone) > 0) ?? 'none'
  return `${daysOf(strip, worst)} ${looks[worst].short}`
}

function countOf(strip: readonly StripDay[], tone: DayTone): number {
  return strip.filter((day) => day.tone === tone).length
}

function daysOf(strip: readonly StripDay[], tone: DayTone): string {
  return counted(countOf(strip, tone), 'day')
}
