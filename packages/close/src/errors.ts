/**
 * Why a request to Close did not succeed. A closed union: `switch (error.code)` narrows it.
 *
 * - `unauthorized`: Close rejects the credential (401).
 * - `forbidden`: the credential's user may not do this (403).
 * - `not_found`: no such record or address (404, 410).
 * - `invalid`: the request itself is refused (other 4xx, or refused here before sending); see `fieldErrors`.
 * - `plan_limit`: the organization's plan does not include this (402).
 * - `rate_limited`: told to wait (429); see `retryAfterSeconds`.
 * - `server_error`: Close failed (5xx), or its answer cannot be used. A create is never sent again after it.
 * - `too_large`: the answer is larger than is taken, or than arrives in time. Ask for less at once.
 * - `unreachable`: no answer came, and nothing can have been changed.
 * - `in_doubt`: a request that is not safe to repeat was sent and its outcome is unknown. Look before repeating.
 */
export type CloseErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'invalid'
  | 'plan_limit'
  | 'rate_limited'
  | 'server_error'
  | 'too_large'
  | 'unreachable'
  | 'in_doubt'

export type CloseErrorDetails = {
  /** HTTP status of the answer, when there was one. */
  status?: number | undefined
  /** Close's message for each refused field; nested fields as dotted paths such as `contacts.0.name`. */
  fieldErrors?: Record<string, string> | undefined
  /** Seconds to wait before trying again, when Close said so. */
  retryAfterSeconds?: number | undefined
}

/**
 * The only error of this package. Its message has our words and those of Close, which are cut and cleaned. It never has
 * the request, its headers, or a secret.
 */
export class CloseError extends Error {
  override readonly name: string = 'CloseError'
  readonly code: CloseErrorCode
  declare readonly status?: number
  declare readonly fieldErrors?: Record<string, string>
  declare readonly retryAfterSeconds?: number

  constructor(code: CloseErrorCode, message: string, details: CloseErrorDetails = {}) {
    super(message)
    this.code = code
    if (details.status !== undefined) this.status = details.status
    if (details.fieldErrors !== undefined) this.fieldErrors = details.fieldErrors
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds
  }
}

/** Whether a caught value is a `CloseError`. */
export function isCloseError(value: unknown): value is CloseError {
  return value instanceof CloseError
}
