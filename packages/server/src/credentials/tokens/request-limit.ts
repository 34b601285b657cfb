/** Later than that, and the process did not run when its timer was due: it was stopped, or had no processor. */
const lateMs = 1000
/** Then there is time to read what has arrived meanwhile. */
const graceMs = 2000

/**
 * Aborts a request after `limitMs`. Unlike `AbortSignal.timeout`, which fires first when a stopped process goes on, it
 * does not throw an answer away that lies there to be read: with a refresh it may be the only copy of a pair.
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
