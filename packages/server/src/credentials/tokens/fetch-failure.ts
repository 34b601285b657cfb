import { proxyRefusal, wasNeverSent } from '@latchwork/close'
import { systemCode } from '@latchwork/contract'

/** `not_sent`: no connection was made. `unknown`: it broke, or time ran out, after something may have been sent. */
export type FetchFailure = 'not_sent' | 'unknown'

/** Judges an error of `fetch` by the codes in its chain of causes. */
export function fetchFailure(error: unknown): FetchFailure {
  let current = error
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (wasNeverSent(proxyRefusal(current) ?? systemCode(current) ?? '')) return 'not_sent'
    // Several addresses of one name were tried. Nothing was sent only if each error says so.
    if (current instanceof AggregateError && current.errors.length > 0) {
      return current.errors.every((each) => fetchFailure(each) === 'not_sent') ? 'not_sent' : 'unknown'
    }
    current = current.cause
  }
  return 'unknown'
}
