import { Readable } from 'node:stream'
import { LatchworkError } from '@latchwork/contract'
import type { Dispatcher } from 'undici'
import { Answer, type AnswerParts } from './answer.ts'
import { Exchange, type ExchangeEnd } from './exchange.ts'
import { Ended, type Outcome } from './failure.ts'
import { requestHeaders } from './headers.ts'
import type { Inbound, Outbound } from './sides.ts'
import { linger, readUpload } from './upload.ts'
import type { Upstream } from './upstream.ts'
import { wireOf } from './wire.ts'

export interface ForwardParts extends Omit<AnswerParts, 'origin'> {
  readonly request: Inbound
  readonly response: Outbound
  readonly upstream: Upstream
  /** `stream`: as the client sends it. */
  readonly body: Buffer | 'stream'
  /** The value of `Authorization`, asked before each attempt. */
  authorize(): Promise<string>
  /** Whether there is another credential, after Close refused this one. Asked once. */
  rejected(authorization: string): Promise<boolean>
}

export interface Forwarded {
  /** What the client was answered; null: nothing yet. */
  readonly status: number | null
  /** Of the bodies: from the client, and to it. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly outcome: 'answered' | Outcome
  readonly attempts: number
  /** To be answered by whoever called, since nothing has gone out. */
  readonly error: LatchworkError | null
}

/**
 * Sends a request on to Close, and the answer back. It sends a request a second time only if nothing of it went out, if it
 * reads and the connection broke before an answer, or after a 401 for which there is another credential.
 * @throws what `authorize` throws; nothing for what Close does
 */
export async function forward(parts: ForwardParts): Promise<Forwarded> {
  const { request, response, upstream, target, body } = parts
  const counts = { bytesIn: body === 'stream' ? 0 : body.length, attempts: 0 }
  const answer = new Answer({ ...parts, origin: upstream.origin })
  const ended = (outcome: Forwarded['outcome'], error: LatchworkError | null = null): Forwarded => ({
    ...{ status: answer.status, bytesIn: counts.bytesIn, bytesOut: answer.bytes },
    ...{ outcome, attempts: counts.attempts },
    error: response.headersSent || response.destroyed ? null : error,
  })
  const fault = faultOf(parts)
  if (fault !== null) return ended('refused', fault)
  let current: Exchange | null = null
  const closed = new Promise<void>((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) current?.abort(new Ended('client_left'))
      resolve()
    })
  })
  const streams = body === 'stream' && target.hasBody
  const reads = target.method === 'GET' || target.method === 'HEAD'
  let isFirst401 = true
  upstream.active += 1
  try {
    for (;;) {
      const authorization = await parts.authorize()
      if (response.destroyed) return ended('client_left')
      counts.attempts += 1
      // A body that went out as it came is gone, but the next request shall have a better credential.
      const replaced = async () => (await parts.rejected(authorization)) && !streams
      const end = await new Promise<ExchangeEnd>((done) => {
        const { idleMs } = upstream.limits
        current = new Exchange(answer, response, idleMs, reads, isFirst401 ? replaced : null, done)
        upstream.dispatcher.dispatch(optionsOf(parts, authorization, counts), current)
      })
      if (end.kind === 'answered') {
        linger(request, upstream.limits.lingerMs)
        await closed
        return ended(response.writableFinished ? 'answered' : 'client_left')
      }
      if (end.kind === 'replay') {
        isFirst401 = false
        continue
      }
      if (end.again && counts.attempts === 1) continue
      if (response.headersSent) answer.breakOff()
      return ended(end.outcome, end.error)
    }
  } finally {
    upstream.active -= 1
  }
}

/** Why nothing is sent; null: nothing speaks against it. */
function faultOf({ request, upstream, target }: ForwardParts): LatchworkError | null {
  const { limits, active } = upstream
  if (target.paramsInBody) return new LatchworkError('gateway_request_ambiguous')
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes)
    return new LatchworkError('body_too_large')
  return active < limits.atOnce ? null : new LatchworkError('gateway_busy', { retryAfterSeconds: 1 })
}

function optionsOf(
  { request, upstream, target, body, filter }: ForwardParts,
  authorization: string,
  counts: { bytesIn: number },
): Dispatcher.DispatchOptions {
  const { method, path, params } = wireOf(target)
  const headers = requestHeaders(request.rawHeaders, authorization, filter !== null)
  const options = { origin: upstream.origin.origin, path, method, headers }
  if (params !== null) {
    headers.push('content-type', 'application/json', 'x-http-method-override', 'GET')
    return { ...options, body: params }
  }
  if (!target.hasBody) return options
  if (body !== 'stream') return { ...options, body }
  const length = request.headers['content-length']
  if (length !== undefined) headers.push('content-length', length)
  const upload = readUpload(request, upstream.limits, (bytes) => {
    counts.bytesIn += bytes
  })
  // The reader hears of an error; afterwards nobody has to.
  return { ...options, body: Readable.from(upload, { objectMode: false }).on('error', () => undefined) }
}
