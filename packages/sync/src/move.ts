import type { Selection } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { faultOf } from './outcome.ts'
import { JournalError, type RunFault, RunTaken, type StreamOutcome } from './run.ts'
import { moveStream, type RunParts, type Stretch, written } from './stream.ts'
import { Outage } from './waiting.ts'

/** Moves a stream to its end, however often something is away meanwhile. @throws what the run is left for */
export async function moveToEnd(run: RunParts, selection: Selection): Promise<StreamOutcome> {
  const { request, signal } = run
  const outage = new Outage(request.clock, request.waits)
  const stretch: Stretch = {
    ...{ run, selection, culprit: 'source' },
    ...{ lastRecords: null, source: null, reader: null, destination: null, writer: null },
    moved: () => {
      if (outage.lasts) request.activity(null)
      outage.over()
    },
  }
  for (;;) {
    const next = await tryOnce(stretch, outage)
    if (!('waitMs' in next)) return next
    request.activity(next.sentence)
    // A cancellation meanwhile is met as soon as the stream goes on.
    await request.clock.sleep(next.waitMs, signal).catch(() => undefined)
  }
}

/** One stretch: to the stream's end, or until something is away. @throws what the run is left for */
async function tryOnce(
  stretch: Stretch,
  outage: Outage,
): Promise<StreamOutcome | { readonly waitMs: number; readonly sentence: string }> {
  let failed = true
  try {
    stretch.run.signal.throwIfAborted()
    const end = await moveStream(stretch)
    failed = false
    return end
  } catch (error) {
    const { request, cancelled, leaving } = stretch.run
    const taken = takenIn(cancelled.signal.reason) ?? takenIn(error)
    if (taken !== null) throw taken
    leaving.throwIfAborted()
    const refusal = cancelled.signal.reason instanceof LatchworkError ? cancelled.signal.reason : null
    const cause = refusal ?? error
    const pause = cancelled.signal.aborted ? null : outage.pauseAfter(cause, request.names[stretch.culprit])
    if (pause !== null && 'waitMs' in pause) return pause
    if (error instanceof JournalError) throw error
    if (pause === null && stretch.writer !== null) {
      // Only who has the run gives it up.
      await written(request.journal.cancelling())
      // What it leaves nevertheless is swept when the run is over.
      await stretch.writer.abort().catch(() => undefined)
    }
    if (cancelled.signal.aborted && refusal === null) return { status: 'cancelled' }
    const again = pause === null ? null : { afterMs: pause.againAfterMs }
    const fault: RunFault = faultOf(cause)
    return { status: 'failed', error: fault, cause, again }
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

/** What connectors make of an error keeps it as the cause. */
function takenIn(error: unknown): RunTaken | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof RunTaken) return each
  }
  return null
}
