import {
  type Budget,
  endpointGroup,
  isCloseError,
  type RateObservation,
  readRateLimit,
  readWait,
} from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'

/** A call waits for Close's windows for this long; then its client is told when to come again. */
const maxWaitMs = 15_000

export interface Asked {
  readonly method: string
  /** Below `/api/v1`. */
  readonly path: string
  /** Names what Close counts under. */
  readonly key: string
  readonly passId: string
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal
}

/** The right to send one request, and what the answer to it says about the next. */
export interface CallPermit {
  observe(status: number, rawHeaders: readonly string[]): void
  release(): void
}

/**
 * Waits for the right to send one request, like everything else that acts for the organization.
 * @throws {LatchworkError} `upstream_limit`; the signal's reason
 */
export async function permitFor(budget: Budget, asked: Asked): Promise<CallPermit> {
  const { method, path, key, passId, signal } = asked
  // HEAD counts as GET.
  const group = endpointGroup(method === 'HEAD' ? 'GET' : method, path)
  const options = { group, key, consumer: passId, maxWaitMs, beside: true, signal } as const
  const permit = await budget.acquire({ ...options, priority: 'interactive' }).catch((error: unknown) => {
    if (!isCloseError(error) || error.code !== 'rate_limited') throw error
    const seconds = Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))
    throw new LatchworkError('upstream_limit', { retryAfterSeconds: seconds })
  })
  let observation: RateObservation | undefined
  return {
    observe(status, rawHeaders) {
      const headers = readerOf(rawHeaders)
      const waitSeconds =
        status === 429 || status === 503 ? readWait(headers, Date.now(), status === 429) : undefined
      const holdMs = waitSeconds ?? (status === 429 ? 1 : undefined)
      observation = {
        ...readRateLimit(headers),
        ...(holdMs === undefined ? {} : { holdMs: Math.ceil(holdMs * 1000) }),
      }
    },
    release: () => permit.release(observation),
  }
}

/** Values of headers by their names in small letters; what stands twice is joined. */
function readerOf(rawHeaders: readonly string[]): { get(name: string): string | null } {
  const values = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const [before, value] = [values.get(name), rawHeaders[index + 1] ?? '']
    values.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { get: (name) => values.get(name) ?? null }
}
