import { againSentence, LatchworkError, scheduleSentence } from '@latchwork/contract'
import type { Sides } from './sides/sides.ts'
import type { FlowView } from './store/flows.ts'
import type { RunStore } from './store/runs.ts'

interface RepeatParts {
  readonly stores: { readonly runs: Pick<RunStore, 'lastFull'> }
  readonly sources: Pick<Sides, 'isKeyed'>
  readonly destinations: Pick<Sides, 'madeAgain'>
}

const anyRecords = { one: 'record', many: 'records' }

/**
 * Refuses a run that would create what the last one created. One that failed or was cancelled is gone on with: it makes
 * nothing twice.
 * @throws {LatchworkError} `repeat_creates`
 */
export async function refuseRepeating(
  { stores, destinations }: RepeatParts,
  { id, destinationId }: Pick<FlowView, 'id' | 'destinationId'>,
): Promise<void> {
  const words = await destinations.madeAgain(destinationId)
  const last = await stores.runs.lastFull(id)
  if (last === null || (last.status !== 'succeeded' && last.status !== 'partial')) return
  // Earlier versions did not count what they created.
  const isOld = last.attempt === 0 && words?.unlessKeyed === false
  const count = isOld ? last.recordsWritten : last.recordsCreated
  if (count === 0) return
  throw new LatchworkError('repeat_creates', { message: againSentence(count, words ?? anyRecords), count })
}

/** Refuses a schedule of which each run would create records again. @throws {LatchworkError} `repeat_creates` */
export async function refuseSchedule(
  { sources, destinations }: RepeatParts,
  { destinationId, sourceId, ownerId }: Pick<FlowView, 'destinationId' | 'sourceId' | 'ownerId'>,
): Promise<void> {
  const words = await destinations.madeAgain(destinationId)
  if (words === null) return
  const isSafe = words.unlessKeyed && (await sources.isKeyed(sourceId, ownerId))
  if (!isSafe) throw new LatchworkError('repeat_creates', { message: scheduleSentence(words) })
}
