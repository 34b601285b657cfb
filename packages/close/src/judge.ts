import { readErrorBody, readRateReset } from './error-body.ts'
import { CloseError, type CloseErrorCode } from './errors.ts'
import { type AnswerLimits, defaultAnswerLimits } from './limits.ts'
import { parseJson, TooManyValues } from './parse-json.ts'
import { type HeaderReader, readWait } from './rate-limit-headers.ts'

/** An answer as it arrived. */
export type CloseAnswer = {
  status: number
  headers: HeaderReader
  bodyText: string
  /** Whether the request may be sent twice without harm. It decides the code of an unclear outcome. */
  repeatable: boolean
  nowMs: number
  /** Strings to blank wherever the answer echoes them. */
  secrets?: readonly string[]
  limits?: AnswerLimits
}

export type Verdict<T = unknown> = { ok: true; value: T } | { ok: false; error: CloseError }

/**
 * Judges an answer. Pure.
 *
 * A success is the parsed JSON, or `null` for an empty body (a 204, and most answers to DELETE). A success that
 * cannot be read is `server_error`, or `in_doubt` when the request is not safe to repeat.
 *
 * @see https://developer.close.com/api/overview/http-response-codes
 */
export function judgeResponse(answer: CloseAnswer): Verdict {
  const { status, bodyText, repeatable } = answer
  if (status >= 200 && status < 300) {
    if (!/\S/.test(bodyText)) return { ok: true, value: null }
    try {
      return { ok: true, value: parseJson(bodyText, answer.limits ?? defaultAnswerLimits) }
    } catch (error) {
      const why = error instanceof SyntaxError ? error.message : 'is not valid JSON'
      const unfit = error instanceof TooManyValues ? tooLargeAnswer : unusableAnswer
      return { ok: false, error: unfit(repeatable, `it ${why}`, status) }
    }
  }
  return { ok: false, error: refusal(answer) }
}

/** Close answered with success, but its answer cannot be used: for a create, the record may exist. */
export function unusableAnswer(repeatable: boolean, why: string, status?: number): CloseError {
  return repeatable
    ? new CloseError('server_error', `Close's answer cannot be used: ${why}.`, { status })
    : new CloseError(
        'in_doubt',
        `Close accepted the request, but its answer cannot be used: ${why}. Look whether it took effect before sending it again.`,
        { status },
      )
}

/** The same of an answer that is too large: less may be asked for at once. */
export function tooLargeAnswer(repeatable: boolean, why: string, status?: number): CloseError {
  return repeatable
    ? new CloseError('too_large', `Close's answer cannot be used: ${why}.`, { status })
    : unusableAnswer(repeatable, why, status)
}

function refusal(answer: CloseAnswer): CloseError {
  const { status, headers, nowMs } = answer
  const code = codeOf(status, answer.repeatable)
  const { text, fieldErrors } = readErrorBody(answer.bodyText, answer.secrets)
  const isLimited = code === 'rate_limited'
  const waits = isLimited || code === 'server_error'
  return new CloseError(code, `${explain(code, status)}${text === undefined ? '' : ` Close says: ${text}`}`, {
    status,
    fieldErrors,
    retryAfterSeconds: waits
      ? (readWait(headers, nowMs, isLimited) ?? (isLimited ? readRateReset(answer.bodyText) : undefined))
      : undefined,
  })
}

function codeOf(status: number, repeatable: boolean): CloseErrorCode {
  switch (status) {
    case 401:
      return 'unauthorized'
    case 402:
      return 'plan_limit'
    case 403:
      return 'forbidden'
    case 404:
    case 410:
      return 'not_found'
    case 429:
      return 'rate_limited'
    // Too slow, or too early: the same request passes later.
    case 408:
    case 425:
      return 'server_error'
    case 413:
      return repeatable ? 'too_large' : 'invalid'
    // A gateway that got no answer from Close itself: nobody knows what Close did.
    case 502:
    case 504:
      return repeatable ? 'server_error' : 'in_doubt'
    default:
      return status >= 400 && status < 500 ? 'invalid' : 'server_error'
  }
}

function explain(code: CloseErrorCode, status: number): string {
  switch (code) {
    case 'unauthorized':
      return 'Close rejects the credential. Check the API key, or authorize again.'
    case 'plan_limit':
      return "The organization's Close plan does not include this."
    case 'forbidden':
      return "The credential's user may not do this in Close. Ask an administrator for the permission."
    case 'not_found':
      return 'Close has no such record or address.'
    case 'rate_limited':
      return 'Close asks to wait before the next request.'
    case 'too_large':
      return `Close finds that too large (${status}).`
    case 'in_doubt':
      return `A gateway answered ${status} in place of Close. Look whether the request took effect before sending it again.`
    case 'invalid':
      return `Close refuses the request (${status}).`
    default:
      return status >= 300 && status < 400
        ? `Close answered with a redirect (${status}), which is never followed. Check the address of the API.`
        : `Close failed to answer (${status}).`
  }
}
