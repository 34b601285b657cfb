import { createServer as createPlainServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import { generate } from 'selfsigned'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refreshTokens } from '../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from '../credentials/authorize/close-oauth.ts'
import { StrictClose } from '../credentials/authorize/strict-close.ts'
import { publicUrl, startRunning } from '../running.ts'

describe('what is sent to Close', () => {
  it('#23 #50 has tokens and secrets where they belong: in no address, cookie, other header or other body', async () => {
    const close = new StrictClose()
    const url = await close.listen()
    onTestFinished(() => close.close())
    const server = await startRunning(null, { settings: { closeApiUrl: url, closeAppUrl: url } })
    onTestFinished(() => server.stop())
    const person = await server.signedIn()
    const { credentials, sources } = person.client
    const clientSecret = 'canary-client-secret'
    const { id } = await credentials.create({
      body: {
        connector: 'close',
        method: 'oauth2',
        draft: true,
        values: { clientId: 'oa2client_1', clientSecret },
      },
    })
    const params = { id }
    const { authorizeUrl } = await credentials.authorize({ params, body: { display: 'popup' } })
    await person.fetch(close.consent(authorizeUrl))
    await credentials.save({ params, body: { name: 'Recorded' } })
    await credentials.check({ params })
    // This Close has no leads; what it was asked is what counts.
    const body = { connector: 'close', credentialId: id, config: { object: 'leads' } }
    await sources.sample({ body }).catch(() => undefined)
    await server.app.stores.database.tables
      .updateTable('credentials')
      .set({ accessTokenExpiresAt: Date.now() - 1 })
      .where('id', '=', id)
      .execute()
    await credentials.check({ params })
    await credentials.delete({ params })
    await expect.poll(() => close.received.some(({ url }) => url === '/oauth2/revoke/')).toBe(true)

    const grants = close.tokenRequests().map((form) => form.get('grant_type'))
    expect(grants).toEqual(['authorization_code', 'refresh_token'])
    const api = close.received.filter(({ url }) => url.startsWith('/api/'))
    expect(api.length).toBeGreaterThan(3)
    for (const { headers } of api) expect(headers.authorization).toMatch(/^Bearer access-\d+$/)
    const secrets = /access-\d|refresh-\d|canary/
    for (const { method, url, headers, rawHeaders, body } of close.received) {
      expect(`${method} ${url}`).not.toMatch(secrets)
      expect(headers.cookie).toBeUndefined()
      const others = rawHeaders.filter(
        (_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'authorization',
      )
      expect(others.join('\n')).not.toMatch(secrets)
      if (url.startsWith('/api/')) expect(body).not.toMatch(secrets)
      else {
        expect([method, headers['content-type']]).toEqual([
          'POST',
          expect.stringMatching(/^application\/x-www-form/),
        ])
        expect(headers.authorization).toBeUndefined()
        expect(new URLSearchParams(body).get('client_secret')).toBe(clientSecret)
      }
    }
    expect(publicUrl).toMatch(/^https:/)
  })
})

/** Listens with a certificate that nobody vouches for, and counts what it is asked. */
async function impostor(commonName: string, days: number): Promise<{ url: string; asked: () => number }> {
  const notBeforeDate = new Date(Date.now() - 10 * 86_400_000)
  const notAfterDate = new Date(Date.now() + days * 86_400_000)
  const { private: key, cert } = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: commonName }] }],
  })
  let requests = 0
  const server = createServer({ key, cert }, (_, response) => {
    requests += 1
    response.end('{}')
  })
  await listening(server)
  return { url: `https://localhost:${portOf(server)}`, asked: () => requests }
}

async function listening(server: Server | ReturnType<typeof createPlainServer>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
}

function portOf(server: { address(): unknown }): number {
  const address = server.address()
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port)
  throw new Error('the server has no port')
}

describe('a Close whose certificate nobody vouches for', () => {
  it.each([
    ['signed by itself', 'localhost', 30],
    ['for another name', 'api.close.example', 30],
    ['that has ended', 'localhost', -1],
  ])('#13 #24 is told nothing, by the API or the token endpoint: %s', async (_, name, days) => {
    const { url, asked } = await impostor(name, days)
    const server = await startRunning(null, { settings: { closeApiUrl: url, closeAppUrl: url } })
    onTestFinished(() => server.stop())
    const { credentials } = (await server.signedIn()).client
    const checked = await credentials.verify({
      body: { connector: 'close', method: 'api_key', values: { apiKey: 'api_canary.canary' } },
    })
    expect(checked).toMatchObject({ status: 'unverified', reason: { code: 'unreachable' } })
    const app = { clientId: 'oa2client_1', clientSecret: 'canary' }
    expect(await refreshTokens(closeOAuth(url), app, 'canary')).toMatchObject({
      kind: 'later',
      reached: false,
    })
    expect(asked()).toBe(0)
  })
})

describe('a Close that answers drop by drop', () => {
  it('#46 is left when the time of a token request is over', { timeout: 60_000 }, async () => {
    let left = false
    const server = createPlainServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const dripping = setInterval(() => response.write(' '), 100)
      response.on('close', () => {
        left = true
        clearInterval(dripping)
      })
    })
    await listening(server)
    const url = `http://127.0.0.1:${portOf(server)}`
    const outcome = await refreshTokens(closeOAuth(url), { clientId: 'a', clientSecret: 'b' }, 'c')
    // It was sent, and what was to come may have been a new pair.
    expect(outcome.kind).toBe('in_doubt')
    await expect.poll(() => left).toBe(true)
  })
})
