import type { Clock } from '@latchwork/connectors'

/**
 * Starts a stopwatch, which returns the milliseconds since then: by the machine's clock or by the process's steady
 * clock, whichever gives more. The first may be set back, and the second stands still while the machine sleeps.
 */
export function startStopwatch(clock: Clock): () => number {
  const startedAtMs = clock.now()
  const steadyFromMs = performance.now()
  return () => Math.max(clock.now() - startedAtMs, performance.now() - steadyFromMs)
}
