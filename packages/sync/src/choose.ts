import { afterFailure } from './failing.ts'
import { outcomeWithout } from './outcome.ts'
import type { ChosenStream, RunOutcome } from './run.ts'
import { type RunParts, refuse } from './stream.ts'
import { Outage } from './waiting.ts'

/**
 * The streams that a run moves, however often the source is away while it is asked for them; or what became of the run
 * that could not be told. @throws what the run is left for
 */
export async function chooseStreams(run: RunParts): Promise<readonly ChosenStream[] | RunOutcome> {
  const { request, signal } = run
  const { selections, clock, journal, activity } = request
  if (typeof selections !== 'function') return selections
  const outage = new Outage(clock, request.waits)
  for (;;) {
    try {
      signal.throwIfAborted()
      await refuse(journal)
      const chosen = await askSource(run, selections)
      if (outage.lasts) activity(null)
      return chosen
    } catch (error) {
      const next = afterFailure(run, error, 'source', outage)
      if (!('waitMs' in next)) return outcomeWithout(next)
      activity(next.sentence)
      await clock.sleep(next.waitMs, signal).catch(() => undefined)
    }
  }
}

async function askSource<T>(
  { source }: RunParts,
  ask: (source: Awaited<ReturnType<RunParts['source']['use']>>['side']) => Promise<T>,
): Promise<T> {
  const used = await source.use()
  let failed = true
  try {
    const answer = await ask(used.side)
    failed = false
    return answer
  } finally {
    await used.release(failed)
  }
}
