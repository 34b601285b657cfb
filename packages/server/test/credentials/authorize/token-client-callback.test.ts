import type { OAuthServer } from '@latchwork/connectors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { authorizationUrl, exchangeCode } from '../../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from './close-oauth.ts'
import { dropped, json, oddities, pair, refusal, startTokenServer, type TokenServer } from './token-server.ts'

/* The way to Close's page, and what the browser brings back from it. */
let server: TokenServer
let close: OAuthServer
const redirectUri = 'https://latchwork.hollowoak.example/oauth/callback'
beforeAll(async () => {
  server = await startTokenServer()
  close = closeOAuth(server.url, 'https://app.close.example')
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  server.seen.length = 0
  server.answers = [pair(1, { organization_id: 'orga_1' })]
})

const app = { clientId: 'oa2client_one', clientSecret: 'the secret & all' }
const callback = (query: Record<string, string>) =>
  exchangeCode(close, app, redirectUri, {
    query: new URLSearchParams(query),
    state: 'state-1',
    verifier: 'v'.repeat(43),
  })
const good = { code: 'code-1', state: 'state-1' }

describe("the address of Close's page", () => {
  const request = { state: 'state-1', challenge: 'challenge-1', scope: 'all.full_access offline_access' }
  const address = (changes = {}) =>
    new URL(authorizationUrl(close, app, redirectUri, { ...request, ...changes }))

  it('#2 #6 names the app, the one redirect URI, the state and the S256 challenge, and no secret', () => {
    const { origin, pathname, searchParams, href } = address()
    expect(origin + pathname).toBe('https://app.close.example/oauth2/authorize/')
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: redirectUri,
      state: 'state-1',
      code_challenge: 'challenge-1',
      code_challenge_method: 'S256',
      scope: request.scope,
    })
    expect(href).not.toContain('secret')
  })

  it('#29 asks for no scope where none is wanted', () => {
    expect(address({ scope: '' }).searchParams.has('scope')).toBe(false)
  })
})

describe('a callback', () => {
  it('#7 is exchanged with its code, the verifier, and the same redirect URI', async () => {
    expect(await callback(good)).toEqual({
      kind: 'granted',
      grant: {
        accessToken: 'access-1',
        refreshToken: 'refresh-1',
        expiresInSeconds: 3600,
        scope: 'all.full_access offline_access',
        organizationId: 'orga_1',
      },
    })
    expect(server.seen[0]?.path).toBe('/oauth2/token/')
    expect(Object.fromEntries(server.seen[0]?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: redirectUri,
      code_verifier: 'v'.repeat(43),
      client_id: app.clientId,
      client_secret: app.clientSecret,
    })
  })

  it('#4 may name its issuer, if that is Close', async () => {
    expect((await callback({ ...good, iss: server.url })).kind).toBe('granted')
  })

  it.each([
    ['another issuer (#4)', { ...good, iss: 'https://elsewhere.example' }],
    ['another state (#1)', { ...good, state: 'state-2' }],
    ['no state (#1)', { code: 'code-1' }],
    ['no code', { state: 'state-1' }],
    ['an error', { state: 'state-1', error: 'server_error' }],
  ])('with %s is refused, and nothing is sent', async (_, query) => {
    expect(await callback(query)).toEqual({ kind: 'refused' })
    expect(server.seen).toEqual([])
  })

  it.each(oddities)('#14 that is answered with %s gives its tokens all the same', async (_, changes) => {
    server.answers = [pair(1, changes)]
    const grant = { accessToken: 'access-1', refreshToken: 'refresh-1' }
    expect(await callback(good)).toMatchObject({ kind: 'granted', grant })
  })

  it('of somebody who declined says that', async () => {
    expect(await callback({ state: 'state-1', error: 'access_denied' })).toEqual({ kind: 'declined' })
    expect(server.seen).toEqual([])
  })

  it.each([
    ['invalid_grant', refusal('invalid_grant'), { kind: 'grant_refused' }],
    ['invalid_client', refusal('invalid_client', 401), { kind: 'app_refused', speaksOfApp: true }],
    ['an outage', json({}, 503), { kind: 'later', reached: true, notDone: true, retryAfterSeconds: null }],
    ['a lost answer', dropped, { kind: 'in_doubt', answered: false }],
    ['an unreadable answer', json('<html>'), { kind: 'in_doubt', answered: true }],
  ])('#8 whose exchange ends in %s is judged as a refresh is', async (_, answer, outcome) => {
    server.answers = [answer]
    expect(await callback(good)).toEqual(outcome)
    expect(server.seen).toHaveLength(1)
  })
})
