import { LatchworkError, outsideLimits, outsideText } from '@latchwork/contract'
import type { SentSecrets } from './watched-credential.ts'

/** Of an error that is for the log alone, in characters. */
const logLimits = { message: 2_000, stack: 8_000 } as const
const deepest = 5

/**
 * Masks what was sent to a system in an error and its causes, and cuts their texts. The error stays the same one: who
 * catches it knows it by its class, and by what it carries.
 */
export function cleanError(error: unknown, sent: SentSecrets, depth = 0): unknown {
  if (!(error instanceof Error) || depth > deepest) return error
  const own = error instanceof LatchworkError
  const max = own ? outsideLimits.message : logLimits.message
  const before = error.message
  const message = outsideText(before, { ...sent, max })
  const stack = error.stack
  if (message !== before) rewrite(error, 'message', message)
  if (stack !== undefined) {
    // A stack begins with the message, whatever its length.
    const text = stack.replace(before, () => message)
    const clean = outsideText(text, { ...sent, max: logLimits.stack, lines: true })
    if (clean !== stack) rewrite(error, 'stack', clean)
  }
  if (own) {
    for (const fault of error.errors ?? []) {
      fault.message = outsideText(fault.message, { ...sent, max: outsideLimits.message })
    }
  }
  cleanError(error.cause, sent, depth + 1)
  if (error instanceof AggregateError) {
    for (const each of error.errors.slice(0, 10)) cleanError(each, sent, depth + 1)
  }
  return error
}

/** Errors of the runtime, such as a time-out, have texts of their own that can't be written. */
function rewrite(error: Error, name: 'message' | 'stack', text: string): void {
  Reflect.defineProperty(error, name, { value: text, enumerable: false, configurable: true, writable: true })
}
