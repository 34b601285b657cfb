import { authorizationHeader, type CloseAuth, sameAuth, secretForms } from './auth.ts'
import type { Budget, RequestPriority } from './budget.ts'
import { type CloseClock, systemClock } from './clock.ts'
import { type CloseError, isCloseError } from './errors.ts'
import { type Exchange, exchange, type FetchFunction } from './exchange.ts'
import { judgeResponse, type Verdict } from './judge.ts'
import { type AnswerLimits, defaultAnswerLimits } from './limits.ts'
import { endpointGroup, RateBudget } from './rate-budget.ts'
import { type RateObservation, readRateLimit } from './rate-limit-headers.ts'
import { apiAddress, type BuiltRequest, buildRequest, type CloseRequest } from './request.ts'
import {
  decideRetry,
  defaultRetryPolicy,
  isRepeatable,
  type RetryDecision,
  type RetryPolicy,
} from './retry-timing.ts'

export type TransportOptions = {
  /** Origin of the API, or `https://HOST/close` for the gateway of a Latchwork server. Requests go nowhere else. */
  apiUrl?: string | undefined
  /** Accept a plain http `apiUrl` that is not on this machine. Credentials then travel in the clear. */
  allowPlainHttp?: boolean | undefined
  /** Called for every attempt, so that a token may change between them. */
  authorize: () => Promise<CloseAuth>
  /**
   * Called when Close rejects a credential (401), with the rejected one. Resolves to whether `authorize` now has
   * another; then the request is sent again, once. By default `authorize` is called and the result compared.
   */
  rejected?: ((refused: CloseAuth) => Promise<boolean>) | undefined
  fetch?: FetchFunction | undefined
  /** Called with the wait (ms) when Close asks a request to wait, and with null once it answers that one again. */
  onWait?: ((ms: number | null) => void) | undefined
  clock?: CloseClock | undefined
  /** Uniform in [0, 1); for the jitter. */
  random?: (() => number) | undefined
  /** Ends every request of this client when aborted. */
  signal?: AbortSignal | undefined
  retry?: Partial<RetryPolicy> | undefined
  /** Shared by all clients of one organization; by default this client has its own. */
  budget?: Budget | undefined
  /** Names the bucket of the key or grant, asked before each attempt; by default all requests share one. */
  budgetKey?: (() => Promise<string>) | undefined
  /** Who asks, for a fair division of the budget. */
  consumer?: string | undefined
  /** Its requests wait for what was told of their groups, but take no place of the budget. */
  besideBudget?: boolean | undefined
  userAgent?: string | undefined
  /** For one attempt, from sending to the last byte of the answer. Default 30,000. */
  timeoutMs?: number | undefined
  limits?: Partial<AnswerLimits> | undefined
}

export type RequestOptions = {
  signal?: AbortSignal | undefined
  /** Default `interactive`. */
  priority?: RequestPriority | undefined
  /** Called before each attempt, when nothing is left to wait for; what it throws is the request's end. */
  beforeSend?: (() => Promise<void>) | undefined
  /** The caller can tell a duplicate (or does not mind one), so a create may be sent again when in doubt. */
  repeatable?: boolean | undefined
}

/**
 * Sends one request as often as is safe, and resolves to what `read` makes of the parsed answer, `null` for an empty one.
 * An answer that `read` cannot use, by the `CloseError` that it throws, is asked for again like one that is no JSON.
 */
export type Transport = <T>(
  request: CloseRequest,
  options: RequestOptions | undefined,
  read: (answer: unknown) => T,
) => Promise<T>

/**
 * The only place that does I/O: builds, waits for the budget, authorizes, sends, judges, and repeats what is safe.
 *
 * Rejects with a `CloseError`, with the reason of an aborted signal, or with whatever `authorize` throws. After
 * an abort, a create that was already on its way may still take effect.
 */
export function createTransport(options: TransportOptions): Transport {
  const address = apiAddress(options.apiUrl ?? 'https://api.close.com', options.allowPlainHttp ?? false)
  const clock = options.clock ?? systemClock
  const budget = options.budget ?? new RateBudget({ clock })
  const policy: RetryPolicy = { ...defaultRetryPolicy, ...options.retry }
  const random = options.random ?? Math.random
  const userAgent = options.userAgent ?? 'latchwork-close/0.1'
  const timeoutMs = options.timeoutMs ?? 30_000
  const limits: AnswerLimits = { ...defaultAnswerLimits, ...options.limits }
  const { answerBytes } = limits
  const send: FetchFunction = options.fetch ?? ((url, init) => fetch(url, init))
  const rejected =
    options.rejected ?? (async (refused: CloseAuth) => !sameAuth(refused, await options.authorize()))

  return async <T>(
    request: CloseRequest,
    requestOptions: RequestOptions = {},
    read: (answer: unknown) => T,
  ): Promise<T> => {
    const built = buildRequest(address, request, userAgent)
    const repeatable = requestOptions.repeatable ?? isRepeatable(request.method, request.path)
    const signal = eitherSignal(options.signal, requestOptions.signal)
    const permitFor = {
      group: endpointGroup(request.method, request.path),
      priority: requestOptions.priority ?? 'interactive',
      maxWaitMs: policy.maxRequestedDelayMs,
      beside: options.besideBudget ?? false,
      consumer: options.consumer,
      signal,
    }
    let waits = 0
    let failures = 0
    let failingSinceMs: number | undefined
    let mayBeDone = false
    let reauthorized = false
    let isWaiting = false

    for (;;) {
      let auth: CloseAuth
      let verdict: Verdict<T>
      let decision: RetryDecision = { retry: false }
      let observation: RateObservation | undefined
      const permit = await budget.acquire({ ...permitFor, key: await options.budgetKey?.() })
      const sentAtMs = clock.now()
      try {
        auth = await options.authorize()
        await requestOptions.beforeSend?.()
        const outcome = await exchange(send, authorized(built, auth), {
          timeoutMs,
          answerBytes,
          repeatable,
          signal,
        })
        verdict = readable(judge(outcome, repeatable, clock.now(), secretForms(auth), limits), read)
        if (outcome.answered) observation = readRateLimit(outcome.headers)
        if (!verdict.ok) {
          const { error } = verdict
          const sent = outcome.answered || outcome.sent
          const isLimited = error.code === 'rate_limited'
          const count = isLimited ? ++waits : ++failures
          if (!isLimited) failingSinceMs ??= sentAtMs
          const troubleMs = failingSinceMs === undefined ? 0 : clock.now() - failingSinceMs
          decision = decideRetry({ error, sent, repeatable, failures: count, troubleMs }, policy, random)
          if (isAskedToWait(error)) {
            const { retryAfterSeconds } = error
            const isGuessed = retryAfterSeconds === undefined
            observation = { ...observation, holdMs: holdMs(retryAfterSeconds, decision), isGuessed }
          }
          if (request.method === 'DELETE' && error.code === 'not_found' && mayBeDone) return read(null)
          mayBeDone ||= sent && error.code !== 'rate_limited'
        }
      } finally {
        permit.release(observation)
      }

      const asksToWait = !verdict.ok && isAskedToWait(verdict.error)
      if (isWaiting && !asksToWait) options.onWait?.(null)
      isWaiting = asksToWait && decision.retry
      if (verdict.ok) return verdict.value
      if (verdict.error.code === 'unauthorized') {
        // The token may have been replaced while the request was under way; a 401 has changed nothing.
        const replaced = await rejected(auth)
        if (replaced && !reauthorized) {
          reauthorized = true
          continue
        }
      }
      if (!decision.retry) throw verdict.error
      // The budget enforces a wait that Close asked for, for all requests.
      if (asksToWait) options.onWait?.(decision.delayMs)
      else await clock.sleep(decision.delayMs, signal)
    }
  }
}

function readable<T>(verdict: Verdict, read: (answer: unknown) => T): Verdict<T> {
  if (!verdict.ok) return verdict
  try {
    return { ok: true, value: read(verdict.value) }
  } catch (error) {
    if (!isCloseError(error)) throw error
    return { ok: false, error }
  }
}

function judge(
  outcome: Exchange,
  repeatable: boolean,
  nowMs: number,
  secrets: string[],
  limits: AnswerLimits,
): Verdict {
  if (!outcome.answered) return { ok: false, error: outcome.error }
  const { status, headers, bodyText } = outcome
  return judgeResponse({ status, headers, bodyText, repeatable, nowMs, secrets, limits })
}

function authorized(request: BuiltRequest, auth: CloseAuth): BuiltRequest {
  return { ...request, headers: { ...request.headers, authorization: authorizationHeader(auth) } }
}

/** By 429, or by a failure that names a time. */
function isAskedToWait({ code, retryAfterSeconds }: CloseError): boolean {
  return code === 'rate_limited' || retryAfterSeconds !== undefined
}

function holdMs(retryAfterSeconds: number | undefined, decision: RetryDecision): number {
  return decision.retry ? decision.delayMs : Math.ceil((retryAfterSeconds ?? 0) * 1_000)
}

function eitherSignal(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): AbortSignal | undefined {
  return first && second ? AbortSignal.any([first, second]) : (first ?? second)
}
