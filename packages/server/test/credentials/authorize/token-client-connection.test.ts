import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { OAuthServer } from '@latchwork/connectors'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refreshTokens, revokeGrant } from '../../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from './close-oauth.ts'
import {
  dropped,
  json,
  portOf,
  startTokenServer,
  type TokenAnswer,
  type TokenServer,
} from './token-server.ts'

let server: TokenServer
let close: OAuthServer
beforeAll(async () => {
  server = await startTokenServer()
  close = closeOAuth(server.url)
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  server.seen.length = 0
})

const app = { clientId: 'oa2client_one', clientSecret: 'the secret & all' }
async function refreshed(answer: TokenAnswer) {
  server.answers = [answer]
  return refreshTokens(close, app, 'refresh-1')
}

describe('a connection', () => {
  it('that breaks after the request was sent leaves the token in doubt', async () => {
    expect(await refreshed(dropped)).toEqual({ kind: 'in_doubt', answered: false })
    const half: TokenAnswer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
      response.write('{"access_token"', () => response.destroy())
    }
    expect(await refreshed(half)).toEqual({ kind: 'in_doubt', answered: true })
  })

  it('that never stood sent nothing', async () => {
    const nothing = { kind: 'later', reached: false, notDone: true, retryAfterSeconds: null }
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const port = portOf(closed)
    await new Promise((resolve) => closed.close(resolve))
    expect(await refreshTokens(closeOAuth(`http://127.0.0.1:${port}`), app, 'refresh-1')).toEqual(nothing)
    expect(await refreshTokens(closeOAuth('https://no-such-host.invalid'), app, 'refresh-1')).toEqual(nothing)
  })

  it('#24 to a server whose certificate nobody vouches for sends nothing', async () => {
    let requests = 0
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    })
    const forged = createTlsServer({ key, cert }, (_, response) => {
      requests += 1
      response.end()
    })
    await new Promise<void>((resolve) => forged.listen(0, '127.0.0.1', resolve))
    const outcome = await refreshTokens(closeOAuth(`https://localhost:${portOf(forged)}`), app, 'refresh-1')
    expect([outcome.kind, requests]).toEqual(['later', 0])
    expect(await revokeGrant(closeOAuth(`https://localhost:${portOf(forged)}`), app, 'refresh-1')).toBe(
      'later',
    )
    forged.close()
  })

  it('#24 without encryption is refused for any address but those of this machine', async () => {
    // It is answered here as well, but an address of no one machine may be answered elsewhere.
    const anywhere = server.url.replace('127.0.0.1', '0.0.0.0')
    for (const url of ['http://close.example', anywhere]) {
      const outcome = await refreshTokens(closeOAuth(url), app, 'refresh-1')
      expect(outcome).toEqual({ kind: 'later', reached: false, notDone: true, retryAfterSeconds: null })
    }
    // Though the token endpoint is on this machine, the app's secret would leave it in the open.
    const abroad = { ...close, revokeUrl: `${anywhere}/oauth2/revoke/` }
    expect(await revokeGrant(abroad, app, 'refresh-1')).toBe('later')
    expect(server.seen).toEqual([])
  })
})

describe('revoking', () => {
  it('#30 is confirmed by 200 alone, for a token unknown there too', async () => {
    server.answers = [json('')]
    expect(await revokeGrant(close, app, 'refresh-1')).toBe('ended')
    expect(server.seen[0]?.path).toBe('/oauth2/revoke/')
    expect(server.seen[0]?.form.get('token')).toBe('refresh-1')
    for (const [status, outcome] of [
      [400, 'refused'],
      [401, 'refused'],
      [429, 'later'],
      [500, 'later'],
      [503, 'later'],
    ] as const) {
      server.answers = [json({ error: 'unsupported_token_type' }, status)]
      expect(await revokeGrant(close, app, 'refresh-1')).toBe(outcome)
    }
  })

  it('#30 is nothing that a server without such an endpoint is asked for', async () => {
    const { revokeUrl, ...others } = close
    expect(revokeUrl).toBeDefined()
    expect(await revokeGrant(others, app, 'refresh-1')).toBe('refused')
    expect(server.seen).toEqual([])
  })
})
