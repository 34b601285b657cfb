/** How often a worker proves that it lives. */
export const heartbeatMs = 2_000
/** After this silence a worker counts as dead. */
export const leaseMs = 6_000
export const pollMs = 500
export const defaultRetries = 5
/** Wait before the first retry; each further one waits twice as long. */
export const firstRetryMs = 1_000
export const longestRetryMs = 60_000
/** How long an aborted handler may take to end. */
export const abortedGraceMs = 2_000

/** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}

/** Waits for all promises, but no longer than `ms`. Returns whether all have ended. */
export async function allEnded(promises: Iterable<Promise<unknown>>, ms: number): Promise<boolean> {
  const done = new AbortController()
  const all = Promise.allSettled(promises).then(() => done.abort())
  await Promise.race([all, pause(ms, done.signal)])
  return done.signal.aborted
}
