import { systemClock } from '@latchwork/close'
import type { OAuthServer } from '@latchwork/connectors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exchangeCode, refreshTokens, revokeGrant } from '../../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from './close-oauth.ts'
import { json, pair, startTokenServer, type TokenServer } from './token-server.ts'

let server: TokenServer
let close: OAuthServer
let nowMs = 0
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  close = closeOAuth(server.url)
  nowMs = 1_800_000_000_000
  server.seen.length = 0
})

/** Moves only when the test says so, and for who sleeps. */
const clock = {
  now: () => nowMs,
  sleep: async (ms: number) => {
    nowMs += ms
  },
}
const app = { clientId: 'oa2client_one', clientSecret: 'secret-1' }
const other = { clientId: 'oa2client_two', clientSecret: 'secret-2' }
const redirectUri = 'https://localhost:8443/oauth/callback'

const refresh = (as = app) => refreshTokens(close, as, 'refresh-1', { clock })
const revoke = (as = app) => revokeGrant(close, as, 'refresh-1', { clock })
const exchange = (as = app, by: typeof systemClock = clock) => {
  const query = new URLSearchParams({ code: 'code-1', state: 'state-1' })
  const callback = { query, state: 'state-1', verifier: 'v'.repeat(43) }
  return exchangeCode(close, as, redirectUri, callback, { clock: by })
}

const inSeconds = (seconds: number) => ({ 'retry-after': String(seconds) })
const later = (retryAfterSeconds: number) => ({ kind: 'later', notDone: true, retryAfterSeconds })

describe('#22 an OAuth server that told to wait', () => {
  it.each([
    ['a refresh', refresh],
    ['a code', exchange],
    ['a revocation', revoke],
  ])('is sent nothing by any path until then, whatever was told it: %s', async (_, ask) => {
    server.answers = [json({}, 429, inSeconds(60)), pair(2)]
    await ask()
    nowMs += 30_000
    expect(await refresh()).toMatchObject(later(30))
    expect(await exchange()).toMatchObject(later(30))
    expect(await revoke()).toBe('later')
    expect(server.seen).toHaveLength(1)
    nowMs += 30_000
    expect(await refresh()).toMatchObject({ kind: 'granted' })
    expect(server.seen).toHaveLength(2)
  })

  it.each([
    [{ 'retry-after': '2.5' }, 2.5],
    [{ ratelimit: 'limit=5, remaining=0, reset=1.25' }, 1.25],
    [
      {
        date: 'Sun, 01 Mar 2026 11:57:00 GMT',
        'retry-after': 'Sun, 01 Mar 2026 11:57:30 GMT',
      },
      30,
    ],
  ])('is understood in every spelling: %o', async (headers, seconds) => {
    server.answers = [json({}, 429, headers), pair(2)]
    expect(await refresh()).toMatchObject(later(seconds))
    nowMs += seconds * 1000 - 1
    expect(await refresh()).toMatchObject({ kind: 'later' })
    nowMs += 1
    expect(await refresh()).toMatchObject({ kind: 'granted' })
  })

  it('told one app of its limit: another goes on', async () => {
    server.answers = [json({}, 429, inSeconds(60)), pair(2)]
    await refresh()
    expect(await refresh(other)).toMatchObject({ kind: 'granted' })
  })

  it('told of an outage, which is everybody’s', async () => {
    server.answers = [json({}, 503, inSeconds(60)), pair(2)]
    await refresh()
    expect(await refresh(other)).toMatchObject({ kind: 'later', notDone: true })
    expect(server.seen).toHaveLength(1)
  })

  it('is waited for with a code in hand, if it is not for long', async () => {
    server.answers = [json({}, 429, { 'retry-after': '0.3' }), pair(2)]
    await refreshTokens(close, app, 'refresh-1')
    expect(await exchange(app, systemClock)).toMatchObject({ kind: 'granted' })
    expect(server.seen).toHaveLength(2)
  })
})
