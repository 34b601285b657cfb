import { doublingMs } from '@latchwork/contract'
import { defaultWaits, type RunOutcome, type Waits } from '@latchwork/sync'
import type { RunRow } from '../store/run-row.ts'

/** How long a run waits for what is away, and how often it is tried again by itself after that. */
export interface RunWaits extends Waits {
  readonly retries: number
  /** After the first failure; each further one waits twice as long. Milliseconds. */
  readonly firstRetryMs: number
}

/** Of tries after 5, 10, 20, 40 and 80 minutes, each of which waits for 15 minutes. */
export const runWaits: RunWaits = { ...defaultWaits, retries: 5, firstRetryMs: 5 * 60_000 }

/** When a run that ended so is tried again, in milliseconds from now; null: it is not. */
export function retryInMs(
  { retries }: Pick<RunRow, 'retries'>,
  outcome: RunOutcome,
  waits: Pick<RunWaits, 'retries' | 'firstRetryMs'>,
): number | null {
  if (outcome.again === null || retries >= waits.retries) return null
  return Math.max(outcome.again.afterMs, doublingMs(retries + 1, waits.firstRetryMs))
}
