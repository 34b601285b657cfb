import { chooseStreams } from './choose.ts'
import { moveToEnd } from './move.ts'
import { outcomeOf } from './outcome.ts'
import { type ChosenStream, type RunOutcome, type RunRequest, RunTaken, type StreamOutcome } from './run.ts'
import { SharedSide } from './sides.ts'
import type { RunParts } from './stream.ts'

const cancelCheckMs = 1000

/**
 * Executes a run, or continues it from the checkpoints of its streams. They are moved side by side, and one that fails
 * stops no other. One that the account may not read is passed over, unless it was chosen by name. Each goes through these
 * states:
 *
 * 1. **opening**: the stream is opened in the source, then in the destination with the state of its last acknowledged
 *    write.
 * 2. **moving**: a batch is read while the one before it is written, and waits; where writing much at once is less
 *    effort, what comes meanwhile joins it, up to 500 records. When the
 *    destination has acknowledged a batch, position and state are saved together with the counts and the refused
 *    records. A process that ends anywhere before that save reads and writes the batch again, which a destination
 *    takes without doubling; one that ends after it goes on with the next batch.
 * 3. **complete**: the stream ended, and that is saved, so that it is not read again.
 * 4. **finishing**: the destination puts the whole in its place. Repeating this after a crash changes nothing. Where every
 *    record was refused there is nothing to put there: the stream has failed.
 * 5. **ended**: that is saved too, and the stream is not begun again in this run.
 *
 * What is away for a while ends no stream: it waits, and goes on from its checkpoint, opened again. What is away for too
 * long fails it, with its destination left to be continued.
 *
 * From every state a stream can fail, be refused or be cancelled: then the destination is told to give it up, and what was
 * there before stays where the system allows it. When `signal` aborts, the journal fails for good or another process has
 * taken the run up, nothing is given up: the run is left as it is, and this function throws the signal's reason, a
 * `JournalError` or `RunTaken`.
 */
export async function executeRun(request: RunRequest): Promise<RunOutcome> {
  const [cancelled, left, ended] = [new AbortController(), new AbortController(), new AbortController()]
  const watching = watchCancellation(request, cancelled, ended.signal)
  const leaving = AbortSignal.any([request.signal, left.signal])
  const signal = AbortSignal.any([leaving, cancelled.signal])
  const source = new SharedSide(() => request.openSource(signal))
  const destination = new SharedSide(() => request.openDestination(signal))
  const run: RunParts = { request, source, destination, signal, cancelled, leaving }
  const outcomes = new Map<string, StreamOutcome>()
  const moveAll = async (selections: readonly ChosenStream[]): Promise<void> => {
    const waiting = selections.values()
    const lane = async (): Promise<void> => {
      for (const selection of waiting)
        outcomes.set(selection.stream, await moveToEnd(run, selection, selections))
    }
    const lanes = Array.from({ length: Math.min(request.atOnce, selections.length) }, () =>
      lane().catch((error: unknown) => {
        // The others are left as they are, too.
        left.abort(error)
        throw error
      }),
    )
    await Promise.allSettled(lanes)
  }
  try {
    const chosen = await chooseStreams(run)
    if ('status' in chosen) return chosen
    await moveAll(chosen)
    left.signal.throwIfAborted()
    return outcomeOf(outcomes, chosen)
  } finally {
    ended.abort()
    await watching
    try {
      await destination.close()
    } finally {
      await source.close()
    }
  }
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
