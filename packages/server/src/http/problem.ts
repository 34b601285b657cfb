import { type ErrorCode, errorCatalogue, LatchworkError, type Problem } from '@latchwork/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What fastify's own errors (and its plugins') mean in our catalogue. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_TYPE: 'unsupported_media_type',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_NOT_FOUND: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_REOPENED_CLOSE_SERVER: 'shutting_down',
}

/** The error to answer with: ours as it is, the framework's translated, anything else `internal`. */
function publicError(error: unknown): LatchworkError {
  if (error instanceof LatchworkError) return error
  const code = stringProperty(error, 'code')
  const known = code === undefined ? undefined : frameworkCodes[code]
  if (known !== undefined) return new LatchworkError(known, { cause: error })
  if (error instanceof SyntaxError && numberProperty(error, 'statusCode') === 400) {
    return new LatchworkError('malformed_json', { cause: error })
  }
  if (numberProperty(error, 'statusCode') === 413) return new LatchworkError('body_too_large')
  return new LatchworkError('internal', { cause: error })
}

/**
 * The body of an error answer.
 * @see RFC 9457 section 3
 */
function problemOf(error: LatchworkError, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: errorCatalogue[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(error.blockers === undefined ? {} : { blockers: error.blockers }),
    ...(error.hiddenBlockers === undefined ? {} : { hiddenBlockers: error.hiddenBlockers }),
    requestId,
  }
}

/** Answers with the problem; logs what is our fault, with its cause. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = publicError(error)
  if (answer.status >= 500) request.log.error({ err: answer.cause ?? answer, code: answer.code }, 'failed')
  request.problemCode = answer.code
  if (answer.code === 'not_signed_in') reply.header('www-authenticate', 'Bearer realm="Latchwork"')
  return reply
    .code(answer.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(answer, request.id)))
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
