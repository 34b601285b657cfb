import { type HealthDay, healthDays } from '@latchwork/contract'

export type DayTone = 'good' | 'narrowed' | 'warning' | 'bad' | 'none'

export interface StripDay {
  /** `2026-11-23`, in UTC. */
  readonly day: string
  readonly tone: DayTone
  readonly word: string
  /** Tells the tones apart without colour. */
  readonly mark: string
  readonly reason: HealthDay['reason']
}

const looks: Record<DayTone, { word: string; mark: string }> = {
  good: { word: 'Verified', mark: '' },
  narrowed: { word: 'Verified, with less rights', mark: '–' },
  warning: { word: 'Not reached', mark: '?' },
  bad: { word: 'Failed', mark: '×' },
  none: { word: 'Not checked', mark: '' },
}

function toneOf(day: HealthDay | undefined): DayTone {
  if (day === undefined || day.status === 'draft') return 'none'
  if (day.status === 'failed') return 'bad'
  if (day.status === 'unverified') return 'warning'
  return day.reason === null ? 'good' : 'narrowed'
}

/** One cell a day, the oldest first, today last. */
export function stripOf(days: readonly HealthDay[], todayMs: number): StripDay[] {
  const known = new Map(days.map((day) => [day.day, day]))
  return Array.from({ length: healthDays }, (_, index) => {
    const day = new Date(todayMs - (healthDays - 1 - index) * 86_400_000).toISOString().slice(0, 10)
    const seen = known.get(day)
    const tone = toneOf(seen)
    return { day, tone, ...looks[tone], reason: seen?.reason ?? null }
  })
}

/** The strip in one sentence, for who hears it. */
export function stripSentence(strip: readonly StripDay[]): string {
  const count = (tone: DayTone) => strip.filter((day) => day.tone === tone).length
  const parts = (['good', 'narrowed', 'warning', 'bad', 'none'] as const)
    .map((tone) => ({ count: count(tone), word: looks[tone].word.toLowerCase() }))
    .filter((part) => part.count > 0)
    .map((part) => `${part.count} ${part.count === 1 ? 'day' : 'days'} ${part.word}`)
  return `The last ${strip.length} days: ${parts.join(', ')}.`
}
