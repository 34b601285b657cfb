import { LatchworkError } from '@latchwork/contract'
import { faultOf } from './outcome.ts'
import { JournalError, RunTaken, type StreamStop } from './run.ts'
import type { RunParts } from './stream.ts'
import type { Outage, Pause } from './waiting.ts'

/** What is away is tried again then. */
export type Wait = Extract<Pause, { readonly waitMs: number }>
type Stop = Exclude<StreamStop, { readonly status: 'skipped' }>

/** What a failure leads to: another try, or the end. @throws what the run is left for */
export function afterFailure(
  { request, cancelled, leaving }: RunParts,
  error: unknown,
  side: 'source' | 'destination',
  outage: Outage,
): Wait | Stop {
  const taken = takenIn(cancelled.signal.reason) ?? takenIn(error)
  if (taken !== null) throw taken
  leaving.throwIfAborted()
  const refusal = cancelled.signal.reason instanceof LatchworkError ? cancelled.signal.reason : null
  const cause = refusal ?? error
  const pause = cancelled.signal.aborted ? null : outage.pauseAfter(cause, request.names[side])
  if (pause !== null && 'waitMs' in pause) return pause
  if (error instanceof JournalError) throw error
  if (cancelled.signal.aborted && refusal === null) return { status: 'cancelled' }
  const again = pause === null ? null : { afterMs: pause.againAfterMs }
  return { status: 'failed', error: faultOf(cause), cause, again }
}

/** What connectors make of an error keeps it as the cause. */
function takenIn(error: unknown): RunTaken | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof RunTaken) return each
  }
  return null
}
