import { CloseError } from './errors.ts'
import { tooLargeAnswer } from './judge.ts'
import { proxyRefusal, wasNeverSent } from './never-sent.ts'
import type { HeaderReader } from './rate-limit-headers.ts'
import type { BuiltRequest } from './request.ts'

/** The part of `fetch` that this package needs. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>

/** The outcome of one request: an answer, or none that can be used. */
export type Exchange =
  | { answered: true; status: number; headers: HeaderReader; bodyText: string }
  | { answered: false; error: CloseError; sent: boolean }

export type ExchangeOptions = {
  /** Until the last byte of the answer. */
  timeoutMs: number
  /** Of the answer's body. */
  answerBytes: number
  repeatable: boolean
  signal?: AbortSignal | undefined
}

/**
 * Sends one request and reads its answer whole. Never follows a redirect.
 * Rejects only with the reason of the caller's aborted signal.
 */
export async function exchange(
  send: FetchFunction,
  request: BuiltRequest,
  options: ExchangeOptions,
): Promise<Exchange> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout.signal]) : timeout.signal
  let head: { status: number; headers: HeaderReader } | undefined
  try {
    const response = await send(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal,
      ...(request.bodyText === undefined ? {} : { body: request.bodyText }),
    })
    // A browser hides the status of a redirect that it was told not to follow.
    const status = response.type === 'opaqueredirect' ? 302 : response.status
    head = { status, headers: response.headers }
    const bodyText = await readBounded(response, options.answerBytes)
    if (bodyText === undefined) {
      return {
        answered: false,
        sent: true,
        error: tooLargeAnswer(options.repeatable, 'it is too large', status),
      }
    }
    return { answered: true, ...head, bodyText }
  } catch (error) {
    options.signal?.throwIfAborted()
    // The status has the verdict, even if the explanation was cut off.
    if (head !== undefined && head.status >= 300) return { answered: true, ...head, bodyText: '' }
    if (head !== undefined && timeout.signal.aborted) {
      const why = `it did not arrive whole within ${options.timeoutMs} ms`
      return { answered: false, sent: true, error: tooLargeAnswer(options.repeatable, why, head.status) }
    }
    const why = timeout.signal.aborted ? `no answer within ${options.timeoutMs} ms` : failureCode(error)
    return lost(why, options.repeatable)
  } finally {
    clearTimeout(timer)
  }
}

function lost(why: string, repeatable: boolean): Exchange {
  const sent = !wasNeverSent(why)
  const error =
    sent && !repeatable
      ? new CloseError(
          'in_doubt',
          `The request was sent, but no answer came (${why}). Look whether it took effect before sending it again.`,
        )
      : new CloseError('unreachable', `Close could not be reached (${why}). Check the network, or try later.`)
  return { answered: false, sent, error }
}

async function readBounded(response: Response, maxBytes: number): Promise<string | undefined> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel()
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** The code that a runtime adds to a failed fetch. Its message is not used, since it may name too much. */
function failureCode(error: unknown): string {
  for (let current = error, depth = 0; depth < 4; depth += 1) {
    if (typeof current !== 'object' || current === null) break
    const refused = proxyRefusal(current)
    if (refused !== null) return refused
    if ('code' in current && typeof current.code === 'string' && /^[A-Z0-9_]{1,64}$/.test(current.code)) {
      return current.code
    }
    current = 'cause' in current ? current.cause : undefined
  }
  return 'connection failed'
}
