import { LatchworkError, systemCode } from '@latchwork/contract'

/**
 * How a request ended without a whole answer. `in_doubt`: it may have taken effect, and the answer was lost. `broken_off`:
 * the answer stopped. `refused`: the answer, or the rest of the upload, is not passed on.
 */
export type Outcome =
  | 'in_doubt'
  | 'unreachable'
  | 'timed_out'
  | 'broken_off'
  | 'refused'
  | 'client_left'
  | 'client_slow'

export interface Failure {
  readonly outcome: Outcome
  /** Null: nobody is there to be told. */
  readonly error: LatchworkError | null
  /** Another try does no harm. */
  readonly again: boolean
}

/** Why we ended it. */
export class Ended extends Error {
  override readonly name = 'Ended'
  readonly by: 'client_left' | 'client_slow' | 'broken_off'

  constructor(by: Ended['by']) {
    super(by)
    this.by = by
  }
}

/** Connections that ended, perhaps because they were idle before. */
const lostConnection = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/

/**
 * @param reads whether the request changes nothing
 * @param hasStarted whether bytes of it may have gone out
 * @param isAnswered whether an answer began
 */
export function failureOf(error: Error, reads: boolean, hasStarted: boolean, isAnswered: boolean): Failure {
  const again = false
  if (error instanceof Ended) return { outcome: error.by, error: null, again }
  if (error instanceof LatchworkError) return { outcome: 'refused', error, again }
  const code = systemCode(error) ?? ''
  if (!hasStarted) {
    return { outcome: 'unreachable', error: new LatchworkError('unreachable', { cause: error }), again: true }
  }
  if (!reads && !isAnswered) {
    return { outcome: 'in_doubt', error: new LatchworkError('in_doubt', { cause: error }), again }
  }
  if (/TIMEOUT$/.test(code)) {
    return { outcome: 'timed_out', error: new LatchworkError('upstream_timeout', { cause: error }), again }
  }
  const broken = new LatchworkError('upstream_error', { cause: error })
  return { outcome: 'broken_off', error: broken, again: !isAnswered && lostConnection.test(code) }
}
