import { LatchworkError } from '@latchwork/contract'
import { afterFailure, type Wait } from './failing.ts'
import type { ChosenStream, StreamOutcome } from './run.ts'
import { moveStream, type RunParts, type Stretch, written } from './stream.ts'
import { Outage } from './waiting.ts'

/**
 * Moves a stream to its end, however often something is away meanwhile.
 * @param beside all that the run moves
 * @throws what the run is left for
 */
export async function moveToEnd(
  run: RunParts,
  selection: ChosenStream,
  beside: readonly ChosenStream[],
): Promise<StreamOutcome> {
  const { request, signal } = run
  const outage = new Outage(request.clock, request.waits)
  const stretch: Stretch = {
    ...{ run, selection, beside, culprit: 'source' },
    ...{ lastRecords: null, source: null, reader: null, destination: null, writer: null },
    moved: () => {
      if (outage.lasts) request.activity(null)
      outage.over()
    },
  }
  for (;;) {
    const next = await tryOnce(stretch, outage)
    if (!('waitMs' in next)) {
      if (!('output' in next)) await written(request.journal.stopped(selection.stream, next))
      return next
    }
    request.activity(next.sentence)
    // A cancellation meanwhile is met as soon as the stream goes on.
    await request.clock.sleep(next.waitMs, signal).catch(() => undefined)
  }
}

/** One stretch: to the stream's end, or until something is away. @throws what the run is left for */
async function tryOnce(stretch: Stretch, outage: Outage): Promise<StreamOutcome | Wait> {
  const { run, selection } = stretch
  let failed = true
  try {
    run.signal.throwIfAborted()
    const end = await moveStream(stretch)
    failed = false
    return end
  } catch (error) {
    const next = afterFailure(run, error, stretch.culprit, outage)
    if ('waitMs' in next) return next
    const isLeft = next.status === 'failed' && next.again !== null
    if (!isLeft && stretch.writer !== null) {
      // Only who has the run gives it up.
      await written(run.request.journal.cancelling())
      // What it leaves nevertheless is swept when the run is over.
      await stretch.writer.abort().catch(() => undefined)
    }
    const isUnavailable = error instanceof LatchworkError && error.code === 'stream_unavailable'
    if (next.status !== 'failed' || !isUnavailable || selection.skippable !== true) return next
    return { status: 'skipped', error: next.error }
  } finally {
    await closeAll(stretch, failed)
  }
}

async function closeAll(stretch: Stretch, failed: boolean): Promise<void> {
  const { source, reader, destination, writer } = stretch
  Object.assign(stretch, { source: null, reader: null, destination: null, writer: null })
  const releases = [
    () => writer?.close(),
    () => destination?.release(failed),
    () => reader?.close(),
    () => source?.release(failed),
  ]
  const faults: unknown[] = []
  for (const release of releases) {
    try {
      await release()
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw faults[0]
}
