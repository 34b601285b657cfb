/** If a timer fires later than this, the process did not run: it was stopped, or had no processor. */
const lateMs = 1000
/** The time to read what has arrived meanwhile. */
const graceMs = 2000

/**
 * Aborts a request after `limitMs`. When a stopped process goes on, `AbortSignal.timeout` fires first and throws away
 * an answer that has arrived. This one lets it be read: with a refresh it may be the only copy of a pair.
 */
export function requestLimit(limitMs: number): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new DOMException('The request took too long.', 'TimeoutError'))
  const dueAtMs = performance.now() + limitMs
  const timer = setTimeout(() => {
    if (performance.now() - dueAtMs < lateMs) abort()
    else setTimeout(abort, graceMs).unref()
  }, limitMs)
  timer.unref()
  return controller.signal
}
