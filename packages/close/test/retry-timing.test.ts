import { CloseError, type CloseErrorCode } from '@latchwork/close'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideRetry, defaultRetryPolicy, type FailedAttempt, isRepeatable } from '../src/retry-timing.ts'

const attempt = (
  code: CloseErrorCode,
  parts: Partial<FailedAttempt> & { status?: number; seconds?: number } = {},
): FailedAttempt => ({
  error: new CloseError(code, 'no', { status: parts.status, retryAfterSeconds: parts.seconds }),
  sent: parts.sent ?? true,
  repeatable: parts.repeatable ?? true,
  failures: parts.failures ?? 1,
  troubleMs: parts.troubleMs ?? 0,
})
const retries = (failed: FailedAttempt): boolean => decideRetry(failed, defaultRetryPolicy, () => 0.5).retry

describe('isRepeatable', () => {
  it('holds for everything but a POST that creates', () => {
    expect(isRepeatable('GET', '/lead/')).toBe(true)
    expect(isRepeatable('PUT', '/lead/lead_1/')).toBe(true)
    expect(isRepeatable('DELETE', '/lead/lead_1/')).toBe(true)
    expect(isRepeatable('POST', '/data/search/')).toBe(true)
    expect(isRepeatable('POST', '/report/activity/')).toBe(true)
    expect(isRepeatable('POST', '/lead/')).toBe(false)
    expect(isRepeatable('POST', '/lead/merge/')).toBe(false)
    expect(isRepeatable('POST', '/lead/data/search/')).toBe(false)
  })
})

describe('decideRetry', () => {
  it('sends again only what does no harm', () => {
    expect(retries(attempt('server_error', { status: 500 }))).toBe(true)
    expect(retries(attempt('server_error', { status: 500, repeatable: false }))).toBe(false)
    expect(retries(attempt('server_error', { status: 503, repeatable: false }))).toBe(false)
    expect(retries(attempt('server_error', { status: 503, repeatable: false, seconds: 1 }))).toBe(true)
    expect(retries(attempt('server_error', { status: 302 }))).toBe(false)
    expect(retries(attempt('unreachable'))).toBe(true)
    expect(retries(attempt('unreachable', { repeatable: false, sent: false }))).toBe(true)
    expect(retries(attempt('unreachable', { repeatable: false, sent: true }))).toBe(false)
    expect(retries(attempt('rate_limited', { repeatable: false, seconds: 1 }))).toBe(true)
  })

  it.each(['unauthorized', 'forbidden', 'not_found', 'invalid', 'plan_limit', 'in_doubt'] as const)(
    'never repeats after %s',
    (code) => expect(retries(attempt(code, { sent: false }))).toBe(false),
  )

  it('waits as long as it is told, and gives up when told to wait too long', () => {
    const reported = (seconds: number): unknown =>
      decideRetry(attempt('rate_limited', { seconds }), defaultRetryPolicy, () => 0)
    expect(reported(1.5)).toEqual({ retry: true, delayMs: 1_500 })
    expect(reported(0)).toEqual({ retry: true, delayMs: 0 })
    expect(reported(121)).toEqual({ retry: false })
  })

  it('spreads out those who are told to wait again', () => {
    const again = attempt('rate_limited', { seconds: 1, failures: 3 })
    expect(decideRetry(again, defaultRetryPolicy, () => 0.5)).toEqual({ retry: true, delayMs: 2_000 })
  })

  it('ends after the last attempt', () => {
    expect(retries(attempt('unreachable', { failures: 4 }))).toBe(true)
    expect(retries(attempt('unreachable', { failures: 5 }))).toBe(false)
    expect(retries(attempt('rate_limited', { failures: 19, seconds: 1 }))).toBe(true)
    expect(retries(attempt('rate_limited', { failures: 20, seconds: 1 }))).toBe(false)
  })

  it('ends once a request has been failing for long, and leaves the rest of an outage to whoever asked', () => {
    const { longestTroubleMs } = defaultRetryPolicy
    expect(retries(attempt('unreachable', { troubleMs: longestTroubleMs - 1 }))).toBe(true)
    expect(retries(attempt('unreachable', { troubleMs: longestTroubleMs }))).toBe(false)
    expect(retries(attempt('server_error', { status: 503, seconds: 60, troubleMs: 60_000 }))).toBe(false)
    expect(retries(attempt('rate_limited', { seconds: 60, troubleMs: 600_000 }))).toBe(true)
  })

  it('backs off exponentially with full jitter under a cap', () => {
    const policy = { ...defaultRetryPolicy, maxAttempts: 100 }
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const decision = decideRetry(attempt('unreachable', { failures }), policy, () => random)
          const cap = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1))
          expect(decision).toEqual({ retry: true, delayMs: Math.ceil(random * cap) })
        },
      ),
    )
  })
})
