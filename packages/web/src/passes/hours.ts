import type { PassHour } from '@latchwork/contract'
import { counted } from '@latchwork/contract'
import type { Bar } from '../ui/Bars.tsx'
import { formatCount } from '../ui/number-words.ts'

const hourMs = 3_600_000
const hourFormat = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
})

type Counts = Omit<PassHour, 'at'>

/** The hours in which it was used, the oldest first, each a bar. */
export function stripBars(hours: readonly PassHour[]): Bar[] {
  return barsOf(hours.map((hour) => ({ ...hour, atMs: Date.parse(hour.at) })))
}

/** Whole days of the reader from old to new, quiet hours too. @param hoursPerBar so many hours make a bar */
export function chartBars(
  hours: readonly PassHour[],
  {
    nowMs,
    days,
    hoursPerBar,
  }: { readonly nowMs: number; readonly days: number; readonly hoursPerBar: number },
): Bar[] {
  const barMs = hoursPerBar * hourMs
  const count = (days * 24) / hoursPerBar
  const today = new Date(nowMs)
  const end = new Date(today.getFullYear(), today.getMonth(), today.getDate() + 1).getTime()
  const spans = Array.from({ length: count }, (_, index) => end - (count - index) * barMs)
  return barsOf(
    spans.map((atMs) => {
      const within = hours.filter(({ at }) => Date.parse(at) >= atMs && Date.parse(at) < atMs + barMs)
      return { atMs, ...sumOf(within) }
    }),
  )
}

export function sumOf(hours: readonly PassHour[]): Counts {
  const add = (sum: Counts, { calls, denied, failed }: PassHour) => ({
    calls: sum.calls + calls,
    denied: sum.denied + denied,
    failed: sum.failed + failed,
  })
  return hours.reduce(add, { calls: 0, denied: 0, failed: 0 })
}

/** "1,204 calls, 12 of them denied, 3 failed" */
export function countWords({ calls, denied, failed }: Counts): string {
  if (calls === 0) return 'no calls'
  return [
    counted(calls, 'call'),
    ...(denied === 0 ? [] : [`${formatCount(denied)} denied`]),
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
  ].join(', ')
}

function barsOf(spans: readonly (Counts & { readonly atMs: number })[]): Bar[] {
  const most = Math.max(1, ...spans.map(({ calls }) => calls))
  return spans.map(({ atMs, ...counts }) => ({
    id: String(atMs),
    ...lookOf(counts),
    // One call beside ten thousand would be no bar at all.
    height: Math.sqrt(counts.calls / most),
    words: `${hourFormat.format(atMs)}: ${countWords(counts)}`,
  }))
}

/** A denial is marked above all else: it is what somebody has to look at. */
function lookOf({ calls, denied, failed }: Counts): Pick<Bar, 'tone' | 'mark'> {
  if (denied > 0) return { tone: 'bad', mark: '×' }
  if (failed > 0) return { tone: 'warning', mark: '!' }
  return { tone: calls > 0 ? 'active' : 'neutral', mark: '' }
}
