import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, LatchworkError } from '@latchwork/contract'
import type { FastifyBaseLogger } from 'fastify'
import { problemOf, problemType } from './problem.ts'

/** @see https://nodejs.org/api/errors.html HPE_ codes are those of llhttp */
const parserCodes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

const underWay = new WeakMap<Socket, ServerResponse>()

/** Answers an `Expect` header that can't be met with a problem, and tracks which answers are under way. */
export function watchProtocol(server: Server, log: () => FastifyBaseLogger): void {
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    underWay.set(socket, response)
  })
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = refusal('expectation_failed', log())
    response.writeHead(status, headers).end(body)
  })
}

/** Answers bytes that Node can't parse as HTTP with a problem, too. They become no request, so no hook sees them. */
export function answerClientError(
  error: Error & { readonly code?: string },
  socket: Socket,
  log: FastifyBaseLogger,
): void {
  const answer = underWay.get(socket)
  const hasBegun = answer?.headersSent === true && !answer.writableFinished
  if (refused.has(socket)) return
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegun) {
    socket.destroy()
    return
  }
  refused.add(socket)
  const { status, headers, body } = refusal(parserCodes[error.code ?? ''] ?? 'malformed_request', log, error)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
  // If the socket closed before everything was read, a reset would destroy the answer.
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

/** How long bytes that follow a refusal are read and dropped. */
const lingerMs = 1000
const refused = new WeakSet<Socket>()

function refusal(code: ErrorCode, log: FastifyBaseLogger, cause?: Error) {
  const requestId = randomUUID()
  log.debug({ err: cause, code, reqId: requestId }, 'no request')
  const error = new LatchworkError(code)
  const body = JSON.stringify(problemOf(error, requestId))
  const headers = {
    'content-type': problemType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  }
  return { status: error.status, headers, body }
}
