import type { FlowWatch } from '@latchwork/contract'
import type { Volume } from '../store/volumes.ts'

/*
 * Whether a stream read as much as it usually does. A stream that is read whole is compared with the median of its last
 * runs: what it reads is as large as what there is. One that is read by its changes reads now many and now few, also none
 * for a night, so only far more than ever in the same time is unusual; that it reads nothing at all is judged by the flow,
 * over hours.
 */

/** So many runs before are compared with. */
const runsCompared = 10
/** Fewer tell nothing of what is usual. */
const runsForNone = 3
const runsForVolume = 5
/** A smaller difference is nothing to be told. */
const leastDifference = 100
const leastSurge = 1000
/** A stream of changes varies more than one that is read whole. */
const surgeTimes = 5
const hourMs = 3_600_000

export interface Usual {
  /** What it read. */
  readonly records: number
  /** What its runs before read: the median; of one read by its changes the most. */
  readonly usual: number
}

/** @param volumes of one stream, newest first, of runs that read it to its end */
export class StreamVolumes {
  readonly #now: Volume | undefined
  /** The last runs before that read it in the same way. */
  readonly #before: readonly Volume[]

  constructor(volumes: readonly Volume[]) {
    const [now, ...before] = volumes
    this.#now = now
    const other = before.findIndex(({ full }) => full !== now?.full)
    this.#before = other === -1 ? before : before.slice(0, other)
  }

  /** It is read whole and always had records, and has none now, and perhaps since some runs. */
  isEmptied(): boolean {
    if (this.#now?.full !== true || this.#now.records > 0) return false
    const last = this.#before.findIndex(({ records }) => records > 0)
    const withRecords = last === -1 ? [] : this.#before.slice(last, last + runsCompared)
    return withRecords.length >= runsForNone && withRecords.every(({ records }) => records > 0)
  }

  /** Null: as usual, or nobody can tell. */
  unusual({ volumeTimes }: Pick<FlowWatch, 'volumeTimes'>): Usual | null {
    if (this.#now === undefined || volumeTimes === null) return null
    return this.#now.full ? this.#farFromMedian(this.#now, volumeTimes) : this.#surge(this.#now, volumeTimes)
  }

  #farFromMedian({ records }: Volume, times: number): Usual | null {
    const before = this.#before.slice(0, runsCompared).map((each) => each.records)
    if (before.length < runsForVolume || records === 0) return null
    const usual = median(before)
    const isFar = records * times < usual || records > usual * times
    // What varies so much of itself, as a file with another day's lines, is usual.
    const isNew = records < Math.min(...before) || records > Math.max(...before)
    return isFar && isNew && Math.abs(records - usual) >= leastDifference ? { records, usual } : null
  }

  /** Far more than in any run before, measured by the time since the run before each. */
  #surge(now: Volume, times: number): Usual | null {
    const all = [now, ...this.#before.slice(0, runsCompared + 1)]
    const rates = all.slice(0, -1).map((each, at) => each.records / hoursBetween(all[at + 1], each))
    const [rate = 0, ...before] = rates
    if (before.length < runsForVolume || now.records < leastSurge) return null
    if (rate <= Math.max(...before) * times * surgeTimes) return null
    return { records: now.records, usual: Math.max(...all.slice(1, -1).map(({ records }) => records)) }
  }
}

/** At least one: runs close to one another read the same changes again. */
function hoursBetween(before: Volume | undefined, after: Volume): number {
  return Math.max(1, (after.atMs - (before?.atMs ?? after.atMs)) / hourMs)
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[middle - 1] ?? 0) + upper) / 2)
}
