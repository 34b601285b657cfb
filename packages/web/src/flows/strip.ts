import { type ListedFlow, type RunStatus, type StripRun, streamLabel } from '@latchwork/contract'
import type { Bar } from '../ui/Bars.tsx'
import { formatCount } from '../ui/number-words.ts'
import { toneOf } from '../ui/StatusBadge.tsx'
import { recordsWord } from './words.ts'

const looks: Record<RunStatus, { mark: string; word: string }> = {
  queued: { mark: '', word: 'waiting' },
  running: { mark: '', word: 'running' },
  succeeded: { mark: '', word: 'succeeded' },
  partial: { mark: '!', word: 'partial' },
  failed: { mark: '×', word: 'failed' },
  cancelled: { mark: '–', word: 'cancelled' },
}

/** How a run ended, as colour and mark of its bar. */
export function lookOf(status: RunStatus): Pick<Bar, 'tone' | 'mark'> {
  return { tone: toneOf(status), mark: looks[status].mark }
}
const inOrder: readonly RunStatus[] = ['succeeded', 'partial', 'failed', 'cancelled', 'running', 'queued']

/** The bars of runs, the oldest first. @param newestFirst as a list of flows has them */
export function barsOf(newestFirst: readonly StripRun[]): Bar[] {
  const most = Math.max(1, ...newestFirst.map(({ recordsWritten }) => recordsWritten))
  return newestFirst.toReversed().map(({ id, status, recordsWritten }) => {
    const { word } = looks[status]
    // A run of changes beside a first run of everything would be no bar at all.
    const height = Math.sqrt(recordsWritten / most)
    return {
      id,
      ...lookOf(status),
      height,
      words: `${capital(word)}, ${recordsWord(recordsWritten)} written`,
    }
  })
}

/** The strip for somebody who does not see it: "The last 10 runs: 8 succeeded, 2 failed. The last one failed, 0 records written." */
export function stripSentence(newestFirst: readonly StripRun[]): string {
  const [last] = newestFirst
  if (last === undefined) return 'It has not run yet.'
  const counts = inOrder.flatMap((status) => {
    const count = newestFirst.filter((run) => run.status === status).length
    return count === 0 ? [] : [`${count} ${looks[status].word}`]
  })
  const lastWords = `${looks[last.status].word}, ${recordsWord(last.recordsWritten)} written`
  if (newestFirst.length === 1) return `The only run: ${lastWords}.`
  return `The last ${newestFirst.length} runs: ${counts.join(', ')}. The last one: ${lastWords}.`
}

/** What a flow reads, in two words at most. */
export function streamsWords({ streams }: Pick<ListedFlow, 'streams'>): string {
  if (streams === null) return '1 stream'
  if (streams.everything) return 'Everything'
  const [first] = streams.chosen
  if (streams.chosen.length === 1 && first !== undefined) return streamLabel(first)
  return `${formatCount(streams.chosen.length)} streams`
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
