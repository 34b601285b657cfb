import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RateLimitHeaderStyle, type Sandbox, startSandbox } from '../src/index.ts'
import { basic, caller, keyOf } from './client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  // A clock that starts with a whole window of a minute: no test waits for one to end.
  sandbox = await startSandbox({ leads: 2, rateLimit: { limit: 3, windowSeconds: 60 } })
})
afterEach(() => sandbox.close())

describe('rate limits', () => {
  it('count down, refuse, and start anew when the window is over', async () => {
    const call = caller(sandbox)
    const first = await call('GET', '/lead/')
    expect(first.headers.get('ratelimit')).toMatch(/^limit=3, remaining=2, reset=\d+(\.\d+)?$/)
    await call('GET', '/lead/')
    await call('GET', '/lead/')
    const refused = await call('GET', '/lead/')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('ratelimit')).toMatch(/^limit=3, remaining=0, reset=/)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    sandbox.control.advanceClock(60_000)
    expect((await call('GET', '/lead/')).status).toBe(200)
  })

  it('are per group of endpoints', async () => {
    const call = caller(sandbox)
    for (let sent = 0; sent < 4; sent += 1) await call('GET', '/lead/')
    expect((await call('GET', '/contact/')).status).toBe(200)
    expect((await call('POST', '/lead/', { name: 'Another group' })).status).toBe(200)
  })

  it('are per key, and for all keys of an organization together', async () => {
    sandbox.control.setRateLimit({ limit: 3, organizationLimit: 4, windowSeconds: 60 })
    const admin = caller(sandbox)
    const user = caller(sandbox, keyOf(sandbox, 2))
    for (let sent = 0; sent < 3; sent += 1) expect((await admin('GET', '/lead/')).status).toBe(200)
    expect((await admin('GET', '/lead/')).status).toBe(429)
    const last = await user('GET', '/lead/')
    expect(last.headers.get('ratelimit')).toMatch(/^limit=4, remaining=0/)
    expect((await user('GET', '/lead/')).status).toBe(429)
    expect((await caller(sandbox, keyOf(sandbox, 1))('GET', '/lead/')).status).toBe(200)
  })

  it('of an organization are three times those of a key unless set', async () => {
    const [first] = sandbox.apiKeys
    for (let number = 0; number < 3; number += 1) {
      const key = sandbox.control.createKey(first?.userId ?? '', first?.organizationId ?? '')
      const call = caller(sandbox, basic(key.key))
      for (let sent = 0; sent < 3; sent += 1) expect((await call('GET', '/lead/')).status).toBe(200)
    }
    expect((await caller(sandbox)('GET', '/lead/')).status).toBe(429)
  })

  const styles: [RateLimitHeaderStyle, Record<string, RegExp | null>][] = [
    ['comma', { ratelimit: /^limit=1, remaining=0, reset=/, 'ratelimit-limit': null }],
    ['semicolon', { ratelimit: /^limit=1; remaining=0; reset=/ }],
    [
      'separate',
      { 'ratelimit-limit': /^1$/, 'ratelimit-remaining': /^0$/, 'ratelimit-reset': /^\d/, ratelimit: null },
    ],
    [
      'x-rate-limit',
      { 'x-rate-limit-limit': /^1$/, 'x-rate-limit-remaining': /^0$/, 'x-rate-limit-reset': /^\d/ },
    ],
    ['none', { ratelimit: null, 'ratelimit-limit': null, 'x-rate-limit-limit': null }],
  ]
  it.each(styles)('are told in the spelling %s', async (headers, expected) => {
    sandbox.control.setRateLimit({ limit: 1, windowSeconds: 60, headers, retryAfter: headers === 'none' })
    const call = caller(sandbox)
    await call('GET', '/me/')
    const refused = await call('GET', '/me/')
    expect(refused.status).toBe(429)
    for (const [name, pattern] of Object.entries(expected)) {
      if (pattern === null) expect(refused.headers.get(name)).toBeNull()
      else expect(refused.headers.get(name)).toMatch(pattern)
    }
    expect(refused.headers.has('retry-after')).toBe(headers === 'none')
  })

  it('can be taken away, headers and all', async () => {
    sandbox.control.setRateLimit(null)
    const call = caller(sandbox)
    for (let sent = 0; sent < 10; sent += 1) expect((await call('GET', '/me/')).status).toBe(200)
    expect((await call('GET', '/me/')).headers.has('ratelimit')).toBe(false)
  })
})
