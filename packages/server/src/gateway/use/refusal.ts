import type { ServerResponse } from 'node:http'
import type { LatchworkError } from '@latchwork/contract'
import { problemOf, problemType, publicError } from '../../http/problem.ts'

/** Clients that know Close send their key the first time; the others are told how. */
const challenge = 'Basic realm="Latchwork gateway", charset="UTF-8", Bearer realm="Latchwork gateway"'

/**
 * Answers with a problem of our own. If an answer has begun already, its connection is ended, so that nobody takes what
 * came of it for all.
 * @returns the error as it was told
 */
export function sendRefusal(response: ServerResponse, thrown: unknown, requestId: string): LatchworkError {
  const error = publicError(thrown)
  if (response.headersSent) {
    response.destroy()
    return error
  }
  const body = Buffer.from(JSON.stringify(problemOf(error, requestId)))
  response.writeHead(error.status, {
    'content-type': problemType,
    'content-length': body.length,
    'cache-control': 'no-store',
    ...(error.status === 401 ? { 'www-authenticate': challenge } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
  })
  response.end(body)
  return error
}
