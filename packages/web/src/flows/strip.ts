import { type ListedFlow, type RunStatus, type StripRun, streamLabel } from '@latchwork/contract'
import { formatCount } from '../ui/number-words.ts'
import type { Tone } from '../ui/StatusBadge.tsx'
import { recordsWord } from './words.ts'

/** A run as a bar: its height says how many records it wrote, its colour and mark how it ended. */
export interface Bar {
  readonly id: string
  readonly tone: Tone
  /** Tells a failure without its colour; empty where there is nothing to tell. */
  readonly mark: string
  /** 0 to 1, of the run of the strip that wrote most. */
  readonly height: number
  readonly words: string
}

const looks: Record<RunStatus, { tone: Tone; mark: string; word: string }> = {
  queued: { tone: 'neutral', mark: '', word: 'waiting' },
  running: { tone: 'active', mark: '', word: 'running' },
  succeeded: { tone: 'good', mark: '', word: 'succeeded' },
  partial: { tone: 'warning', mark: '!', word: 'partial' },
  failed: { tone: 'bad', mark: '×', word: 'failed' },
  cancelled: { tone: 'neutral', mark: '–', word: 'cancelled' },
}
const inOrder: readonly RunStatus[] = ['succeeded', 'partial', 'failed', 'cancelled', 'running', 'queued']

/** The bars of runs, the oldest first. @param newestFirst as a list of flows has them */
export function barsOf(newestFirst: readonly StripRun[]): Bar[] {
  const most = Math.max(1, ...newestFirst.map(({ recordsWritten }) => recordsWritten))
  return newestFirst.toReversed().map(({ id, status, recordsWritten }) => {
    const { tone, mark, word } = looks[status]
    // A run of changes beside a first run of everything would be no bar at all.
    const height = Math.sqrt(recordsWritten / most)
    return { id, tone, mark, height, words: `${capital(word)}, ${recordsWord(recordsWritten)} written` }
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
