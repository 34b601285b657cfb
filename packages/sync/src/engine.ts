import { type ErrorCode, LatchworkError } from '@latchwork/contract'
import { moveRecords, type Stretch, written } from './move.ts'
import { JournalError, type RunOutcome, type RunRequest, RunTaken } from './run.ts'
import { Outage } from './waiting.ts'

const cancelCheckMs = 1000

/**
 * Executes a run, or continues it from its checkpoint.
 *
 * A run goes through these states:
 *
 * 1. **opening**: the source is opened, then the destination with the state of its last acknowledged write.
 * 2. **moving**: a page is read while the one before it is written; never more than one page waits. When the
 *    destination has acknowledged a page, position and state are saved together with the counts and the refused
 *    records. A process that ends anywhere before that save reads and writes the page again, which a destination
 *    takes without doubling; one that ends after it goes on with the next page.
 * 3. **complete**: the source ended, and that is saved, so that it is not read again.
 * 4. **finishing**: the destination puts the whole in its place. Repeating this after a crash changes nothing. Where every
 *    record was refused there is nothing to put there: the run has failed.
 *
 * What is away for a while ends no run: it waits, and goes on from its checkpoint with both sides opened again. What
 * is away for too long fails it, with its destination left to be continued.
 *
 * From every state it can fail, be refused or be cancelled: then the destination is told to give up, and what was there before
 * stays where the system allows it. When `signal` aborts, the journal fails for good or another process has taken the run
 * up, nothing is given up: the run is left as it is, and this function throws the signal's reason, a `JournalError` or
 * `RunTaken`.
 */
export async function executeRun(request: RunRequest): Promise<RunOutcome> {
  const cancelled = new AbortController()
  const ended = new AbortController()
  const watching = watchCancellation(request, cancelled, ended.signal)
  const signal = AbortSignal.any([request.signal, cancelled.signal])
  const outage = new Outage(request.clock, request.waits)
  const stretch: Stretch = {
    ...{ request, signal, cancelled, source: null, destination: null, culprit: 'source' },
    lastRecords: request.lastRecords ?? [],
    moved: () => {
      if (outage.lasts) request.activity(null)
      outage.over()
    },
  }
  try {
    for (;;) {
      const next = await tryOnce(stretch, outage)
      if (!('waitMs' in next)) return next
      request.activity(next.sentence)
      // A cancellation meanwhile is met as soon as the run goes on.
      await request.clock.sleep(next.waitMs, signal).catch(() => undefined)
    }
  } finally {
    ended.abort()
    await watching
  }
}

/** One stretch: to the run's end, or until something is away. @throws what the run is left for */
async function tryOnce(
  stretch: Stretch,
  outage: Outage,
): Promise<RunOutcome | { readonly waitMs: number; readonly sentence: string }> {
  try {
    stretch.signal.throwIfAborted()
    return await moveRecords(stretch)
  } catch (error) {
    const { request, cancelled } = stretch
    const taken = takenIn(cancelled.signal.reason) ?? takenIn(error)
    if (taken !== null) throw taken
    request.signal.throwIfAborted()
    const refusal = cancelled.signal.reason instanceof LatchworkError ? cancelled.signal.reason : null
    const cause = refusal ?? error
    const pause = cancelled.signal.aborted ? null : outage.pauseAfter(cause, request.names[stretch.culprit])
    if (pause !== null && 'waitMs' in pause) return pause
    if (error instanceof JournalError) throw error
    if (pause === null && stretch.destination !== null) {
      // Only who has the run gives it up.
      await written(request.journal.cancelling())
      // What it leaves nevertheless is swept when the run is over.
      await stretch.destination.abort().catch(() => undefined)
    }
    if (cancelled.signal.aborted && refusal === null) return { status: 'cancelled' }
    const again = pause === null ? null : { afterMs: pause.againAfterMs }
    return { status: 'failed', error: explainFailure(cause), cause, again }
  } finally {
    await closeAll(stretch)
  }
}

async function closeAll(stretch: Stretch): Promise<void> {
  const { source, destination } = stretch
  stretch.source = null
  stretch.destination = null
  try {
    await destination?.close()
  } finally {
    await source?.close()
  }
}

/** What connectors make of an error keeps it as the cause. */
function takenIn(error: unknown): RunTaken | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof RunTaken) return each
  }
  return null
}

/** A source may wait long for its system. A cancellation or a withdrawn right takes effect without waiting. */
async function watchCancellation(
  request: RunRequest,
  cancelled: AbortController,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted && !cancelled.signal.aborted) {
    try {
      await request.clock.sleep(cancelCheckMs, ended)
      if (await request.journal.cancelling()) cancelled.abort()
      const refusal = await request.journal.refusal()
      if (refusal !== null) cancelled.abort(refusal)
    } catch (error) {
      // The run ended, or the store did not answer: then the saving of progress meets the same fault and reports it.
      if (error instanceof RunTaken) cancelled.abort(error)
    }
  }
}

/** What went wrong, in a code and a sentence for a person. An error without a code is ours, and its words are for the log. */
function explainFailure(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof LatchworkError) return { code: error.code, message: error.message }
  return {
    code: 'internal',
    message: "Something went wrong on our side. The server's log has the details under this run's id.",
  }
}
