import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RateLimitState, readRateLimit, readRetryAfter } from '../src/rate-limit-headers.ts'

const read = (headers: Record<string, string>): RateLimitState => readRateLimit(new Headers(headers))

describe('readRateLimit', () => {
  const expected = { limit: 100, remaining: 50, resetSeconds: 5 }
  it.each([
    [{ RateLimit: 'limit=100, remaining=50, reset=5' }],
    [{ RateLimit: 'limit=100; remaining=50; reset=5' }],
    [{ ratelimit: 'reset=5,REMAINING=50;limit = 100' }],
    [{ 'RateLimit-Limit': '100', 'RateLimit-Remaining': '50', 'RateLimit-Reset': '5' }],
    [{ 'x-rate-limit-limit': '100', 'x-rate-limit-remaining': '50', 'x-rate-limit-reset': '5' }],
    [{ 'X-RateLimit-Limit': '100', 'X-RateLimit-Remaining': '50', 'X-RateLimit-Reset': '5' }],
    [{ RateLimit: 'limit=100, reset=5', 'RateLimit-Remaining': '50' }],
  ])('reads %j', (headers) => expect(read(headers)).toEqual(expected))

  it('reads the letters of later drafts, of which a name stands first', () => {
    expect(read({ RateLimit: '"default";r=50;t=30' })).toEqual({ remaining: 50, resetSeconds: 30 })
    expect(read({ RateLimit: 'limit=100, remaining=50, reset=5;t=60' })).toEqual(expected)
  })

  it('reads fractions and what is there', () => {
    expect(read({ RateLimit: 'reset=0.25' })).toEqual({ resetSeconds: 0.25 })
    expect(read({})).toEqual({})
  })

  it.each([
    'limit=-1',
    'limit=1e9',
    'limit=',
    '=5',
    'limit==5',
    'limit=NaN',
    'limit=0x10',
    'reset=99999999',
    ';;,,',
  ])('ignores %j', (RateLimit) => expect(read({ RateLimit })).toEqual({}))

  it('yields finite numbers or nothing, whatever it is given', () => {
    const header = fc.oneof(fc.string(), fc.stringMatching(/^[a-z=;,. 0-9]*$/))
    fc.assert(
      fc.property(header, (value) => {
        for (const number of Object.values(readRateLimit({ get: () => value }))) {
          expect(number).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(number)).toBe(true)
        }
      }),
    )
  })
})

describe('readRetryAfter', () => {
  const nowMs = Date.parse('2026-03-01T12:00:00Z')
  const retryAfter = (value: string): number | undefined =>
    readRetryAfter(new Headers({ 'retry-after': value }), nowMs)

  it.each([
    ['0', 0],
    ['17', 17],
    ['2.5', 2.5],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['Sunday, 01-Mar-26 12:01:00 GMT', 60],
    ['999999999', 86_400],
    ['99999999999999999999', 86_400],
    ['Sun Mar  1 12:00:30 2026', 30],
    ['Sun, 1 Mar 2026 12:00:30 GMT', 30],
    ['Sun, 01 Mar 2026 12:00:30 UTC', 30],
    ['5, 60', 60],
    ['60, 5', 60],
  ])('reads %j', (value, seconds) => expect(retryAfter(value)).toBe(seconds))

  it.each(['', 'soon', '-5', '2026-03-01', 'Sun, 99 Mar 2026 12:00:30 GMT', '5, soon'])(
    'ignores %j',
    (value) => expect(retryAfter(value)).toBeUndefined(),
  )

  it('compares a date with the answer’s own clock, which may be another than ours', () => {
    const headers = new Headers({
      date: 'Sun, 01 Mar 2026 11:57:00 GMT',
      'retry-after': 'Sun, 01 Mar 2026 11:57:30 GMT',
    })
    expect(readRetryAfter(headers, nowMs)).toBe(30)
  })
})
