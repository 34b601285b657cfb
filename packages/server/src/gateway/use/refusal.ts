import type { LatchworkError } from '@latchwork/contract'
import { problemOf, problemType, publicError } from '../../http/problem.ts'
import type { Outbound } from '../proxy/sides.ts'

/** Clients that know Close send their key the first time; the others are told how. */
const usualChallenge = 'Basic realm="Latchwork gateway", charset="UTF-8", Bearer realm="Latchwork gateway"'

/**
 * Answers with a problem of our own. If an answer has begun already, its connection is ended, so that nobody takes what
 * came of it for all.
 * @param challenge how to send a pass, for who sent none that works
 * @returns the error as it was told
 */
export function sendRefusal(
  response: Outbound,
  thrown: unknown,
  requestId: string,
  challenge = usualChallenge,
): LatchworkError {
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
