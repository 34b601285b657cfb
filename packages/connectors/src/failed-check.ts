import type { CheckResult, ErrorCode, LatchworkError } from '@latchwork/contract'

/** Codes that say nothing about the credential itself: its system did not answer the question. */
const unanswered: ReadonlySet<ErrorCode> = new Set([
  'unreachable',
  'upstream_error',
  'upstream_refused',
  'upstream_rate_limited',
  'oauth_failed',
])

/** Which field of the form is at fault, by code. */
export type FaultFields = Readonly<Partial<Record<ErrorCode, string>>>

/** The result of a check that ended in an error. */
export function failedCheck({ code, message }: LatchworkError, fields: FaultFields = {}): CheckResult {
  const field = fields[code]
  return {
    status: unanswered.has(code) ? 'unverified' : 'failed',
    identity: null,
    reason: { code, message, ...(field === undefined ? {} : { field }) },
  }
}
