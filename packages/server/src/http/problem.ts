import { Readable } from 'node:stream'
import { type ErrorCode, errorCatalogue, LatchworkError, type Problem } from '@latchwork/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isViolation } from '../database/violations.ts'

export const problemType = 'application/problem+json'

/** Codes of our catalogue for errors of fastify and its plugins. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_TYPE: 'unsupported_media_type',
  FST_ERR_BAD_URL: 'invalid_input',
  FST_ERR_NOT_FOUND: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_REOPENED_CLOSE_SERVER: 'shutting_down',
}

/** Codes for their other errors, by status. Any other 4xx is an invalid request. */
const frameworkStatuses: Readonly<Record<number, ErrorCode>> = {
  403: 'not_found',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'headers_too_large',
  415: 'unsupported_media_type',
  417: 'expectation_failed',
  431: 'headers_too_large',
}

/** Errors of the storage whose words are only for the person who runs the server. */
const storageCodes: ReadonlySet<ErrorCode> = new Set([
  'data_dir_unwritable',
  'database_unreachable',
  'database_locked',
  'kms_unavailable',
])

const retryAfterSeconds = 5

/** @param cause for the log */
export function unavailable(cause: unknown): LatchworkError {
  return new LatchworkError('storage_unavailable', { retryAfterSeconds, cause })
}

/**
 * The error for the answer. Our errors are for callers, except those of status 500, whose words are for the person who
 * runs the server. Errors of the framework are translated. Any other error reveals nothing.
 */
export function publicError(thrown: unknown): LatchworkError {
  const error = storageError(thrown) ?? thrown
  if (error instanceof LatchworkError) {
    if (error.status !== 500) return error
    if (storageCodes.has(error.code)) return unavailable(error)
    const shown = error.code === 'secret_unreadable' ? error.code : 'internal'
    return new LatchworkError(shown, { cause: error })
  }
  const code = stringProperty(error, 'code')
  const known = code === undefined ? undefined : frameworkCodes[code]
  if (known !== undefined) return new LatchworkError(known, { cause: error })
  // Two requests at once that can't both succeed, where no other code fits better.
  if (isViolation(error)) return new LatchworkError('conflict', { cause: error })
  const status = numberProperty(error, 'statusCode') ?? 500
  if (error instanceof SyntaxError && status === 400)
    return new LatchworkError('malformed_json', { cause: error })
  if (status < 400 || status >= 500) return new LatchworkError('internal', { cause: error })
  return new LatchworkError(frameworkStatuses[status] ?? 'malformed_request', { cause: error })
}

/**
 * The body of an error answer.
 * @see RFC 9457 section 3
 */
export function problemOf(error: LatchworkError, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: errorCatalogue[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(error.blockers === undefined ? {} : { blockers: error.blockers }),
    ...(error.accounts === undefined ? {} : { accounts: error.accounts }),
    ...(error.hiddenBlockers === undefined ? {} : { hiddenBlockers: error.hiddenBlockers }),
    ...(error.count === undefined ? {} : { count: error.count }),
    requestId,
  }
}

/** Answers with the problem. If the fault is ours, it is logged with its cause. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.send(problemAnswer(error, request, reply))
}

/**
 * Runs a hook on each answer before it leaves. If the hook fails, our error leaves in place of the answer. Otherwise
 * the framework would answer in its own form and words.
 */
export function addSendHook(
  app: FastifyInstance,
  hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>,
): void {
  app.addHook('onSend', async (request, reply, payload) => {
    try {
      return await hook(request, reply, payload)
    } catch (error) {
      if (payload instanceof Readable) payload.destroy()
      // The effects that these headers announce have not happened.
      for (const name of ['set-cookie', 'content-length', 'content-disposition', 'location']) {
        reply.removeHeader(name)
      }
      return problemAnswer(error, request, reply)
    }
  })
}

/** Turns an answer into an error. Returns its body. */
function problemAnswer(error: unknown, request: FastifyRequest, reply: FastifyReply): string {
  const { raw } = request
  const brokeOff = raw.destroyed && !raw.complete
  const answer = brokeOff ? new LatchworkError('malformed_request', { cause: error }) : publicError(error)
  if (answer.status >= 500) request.log.error({ err: answer.cause ?? answer, code: answer.code }, 'failed')
  request.problemCode = answer.code
  if (answer.code === 'not_signed_in') reply.header('www-authenticate', 'Bearer realm="Latchwork"')
  const wait = answer.retryAfterSeconds ?? (answer.status === 503 ? retryAfterSeconds : undefined)
  if (wait !== undefined) reply.header('retry-after', wait)
  reply.code(answer.status).type(problemType)
  return JSON.stringify(problemOf(answer, request.id))
}

/** Libraries that use our stores may wrap the errors of these. */
function storageError(error: unknown, depth = 0): LatchworkError | null {
  if (!(error instanceof Error) || depth > 3) return null
  if (error instanceof LatchworkError) return error.code === 'storage_unavailable' ? error : null
  return storageError(error.cause, depth + 1)
}

function stringProperty(value: unknown, name: string): string | undefined {
  const found = property(value, name)
  return typeof found === 'string' ? found : undefined
}

function numberProperty(value: unknown, name: string): number | undefined {
  const found = property(value, name)
  return typeof found === 'number' ? found : undefined
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Reflect.get(value, name)
  return found
}
