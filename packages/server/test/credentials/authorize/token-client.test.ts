import type { OAuthServer } from '@latchwork/connectors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refreshTokens } from '../../../src/credentials/tokens/token-client.ts'
import { closeOAuth } from './close-oauth.ts'
import { json, oddities, startTokenServer, type TokenAnswer, type TokenServer } from './token-server.ts'

let server: TokenServer
let close: OAuthServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  // A new one for each test, so that a wait of one test does not remain in the next.
  close = closeOAuth(server.url)
  server.seen.length = 0
})

const app = { clientId: 'oa2client_one', clientSecret: 'the secret & all' }
const good = {
  token_type: 'Bearer',
  access_token: 'access-1',
  refresh_token: 'refresh-2',
  expires_in: 3600,
  scope: 'all.full_access offline_access',
  organization_id: 'orga_1',
}
async function refreshed(answer: TokenAnswer) {
  server.answers = [answer]
  return refreshTokens(close, app, 'refresh-1')
}

describe('the token request', () => {
  it('#13 is a POST of a form with the app in its body and nothing secret in its address', async () => {
    expect(await refreshed(json(good))).toEqual({
      kind: 'granted',
      grant: {
        accessToken: 'access-1',
        refreshToken: 'refresh-2',
        expiresInSeconds: 3600,
        scope: 'all.full_access offline_access',
        organizationId: 'orga_1',
      },
    })
    const [request] = server.seen
    expect([request?.method, request?.path]).toEqual(['POST', '/oauth2/token/'])
    expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    expect(request?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      client_id: app.clientId,
      client_secret: app.clientSecret,
    })
  })

  it('#13 has the app in a header where the server wants it there, and not in its body as well', async () => {
    server.answers = [json(good)]
    await refreshTokens({ ...close, clientAuthentication: 'basic' }, app, 'refresh-1')
    const [request] = server.seen
    const [scheme, given = ''] = request?.headers.authorization?.split(' ') ?? []
    // @see RFC 6749 section 2.3.1: both are encoded as in a form first.
    const [id = '', secret = ''] = Buffer.from(given, 'base64').toString().split(':')
    const decoded = [id, secret].map((each) => new URLSearchParams(`is=${each}`).get('is'))
    expect([scheme, ...decoded]).toEqual(['Basic', app.clientId, app.clientSecret])
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
    })
  })
})

describe('an answer', () => {
  it('#14 may write the token type as it likes, leave things out, and add others', async () => {
    const { refresh_token, expires_in, scope, organization_id, ...least } = good
    expect([refresh_token, expires_in, scope, organization_id]).toBeDefined()
    expect(await refreshed(json({ ...least, token_type: 'bEaReR', novelty: { a: 1 } }))).toEqual({
      kind: 'granted',
      // Without a lifetime it is taken to be short, so that it is refreshed early.
      grant: {
        accessToken: 'access-1',
        refreshToken: null,
        expiresInSeconds: 1800,
        scope: null,
        organizationId: null,
      },
    })
  })

  it.each([
    [1e15, 30 * 24 * 3600],
    [3600.9, 3600],
    ['3600', 3600],
    [1, 1],
    [0, 1],
    [0.4, 1],
    [-1, 1],
    ['-1', 1],
    ['soon', 1800],
    ['', 1800],
    [null, 1800],
    [[3600], 1800],
  ])('#14 that gives a lifetime of %j seconds is good for %i', async (expires_in, expiresInSeconds) => {
    expect(await refreshed(json({ ...good, expires_in }))).toMatchObject({ grant: { expiresInSeconds } })
  })

  it.each(oddities)('#14 with %s gives its tokens all the same', async (_, changes) => {
    const grant = { accessToken: 'access-1', refreshToken: 'refresh-2' }
    expect(await refreshed(json({ ...good, ...changes }))).toMatchObject({ kind: 'granted', grant })
  })

  it('#14 gives its tokens whatever its headers and its kind of success', async () => {
    const grant = { accessToken: 'access-1', refreshToken: 'refresh-2' }
    for (const [status, headers] of [
      [200, { 'content-type': 'text/html' }],
      [200, { 'www-authenticate': 'Bearer error="invalid_token"' }],
      [201, {}],
    ] as const) {
      expect(await refreshed(json(good, status, headers))).toMatchObject({ kind: 'granted', grant })
    }
  })

  it('#14 may list its scopes, which are then written as ever', async () => {
    const listed = await refreshed(json({ ...good, scope: ['all.full_access', 'offline_access'] }))
    expect(listed).toMatchObject({ grant: { scope: good.scope } })
  })

  it.each(['', null, 7])(
    '#14 with %j for a refresh token leaves the old one in force',
    async (refresh_token) => {
      const grant = { accessToken: 'access-1', refreshToken: null }
      expect(await refreshed(json({ ...good, refresh_token }))).toMatchObject({ kind: 'granted', grant })
    },
  )

  it('#14 names no organization that is no text', async () => {
    const odd = await refreshed(json({ ...good, organization_id: 7 }))
    expect(odd).toMatchObject({ kind: 'granted', grant: { organizationId: null } })
  })

  it.each([
    ['no access token', { ...good, access_token: undefined }],
    ['an empty access token', { ...good, access_token: '' }],
    ['an access token that is no text', { ...good, access_token: 7 }],
    ['a list', []],
    ['no JSON', '<html>'],
    ['half an answer', '{"access_token": "acc'],
    ['nothing', ''],
  ])('#14 that cannot be used leaves the token in doubt: %s', async (_, body) => {
    expect(await refreshed(json(body))).toEqual({ kind: 'in_doubt', answered: true })
  })

  it.each([
    ['invalid_grant', 400, 'grant_refused'],
    ['invalid_client', 401, 'app_refused'],
    ['invalid_client', 400, 'app_refused'],
    ['unauthorized_client', 400, 'app_refused'],
    ['invalid_request', 400, 'refused'],
    ['something_new', 418, 'refused'],
    ['something_new', 401, 'app_refused'],
    ['invalid_grant', 401, 'grant_refused'],
    ['invalid_grant', 499, 'grant_refused'],
    ['unsupported_grant_type', 400, 'refused'],
  ])('#15 %s with %i means %s, whatever its description says', async (error, status, kind) => {
    for (const error_description of ['invalid_grant', 'invalid_client', 'please retry', undefined]) {
      expect((await refreshed(json({ error, error_description }, status))).kind).toBe(kind)
    }
  })

  it.each([
    ['invalid_client', 401, true],
    ['invalid_client', 400, true],
    ['unauthorized_client', 400, false],
    ['something_new', 401, false],
  ])('%s with %i speaks of all credentials of the app: %s', async (error, status, speaksOfApp) => {
    // As RFC 6749 section 5.2 has it, and as servers do.
    for (const headers of [{}, { 'www-authenticate': 'Basic realm="Close"' }]) {
      expect(await refreshed(json({ error }, status, headers))).toEqual({ kind: 'app_refused', speaksOfApp })
    }
  })

  it('longer than any is not read to its end, and leaves the token in doubt', async () => {
    const endless: TokenAnswer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => response.destroyed || response.write(' '.repeat(65_536), () => more())
      more()
    }
    expect(await refreshed(endless)).toEqual({ kind: 'in_doubt', answered: true })
  })

  it('401 without a body refuses the app; another status is a refusal; a redirect is not followed', async () => {
    expect((await refreshed(json('', 401))).kind).toBe('app_refused')
    expect((await refreshed(json('', 403))).kind).toBe('refused')
    expect((await refreshed(json('', 307, { location: '/elsewhere' }))).kind).toBe('refused')
    expect(server.seen.map(({ path }) => path)).toEqual(Array(3).fill('/oauth2/token/'))
  })

  it.each([
    [204, { kind: 'in_doubt', answered: true }],
    [299, { kind: 'in_doubt', answered: true }],
    [300, { kind: 'refused' }],
    [404, { kind: 'refused' }],
  ])('%i without an OAuth error in it means %o', async (status, outcome) => {
    expect(await refreshed(json('', status))).toEqual(outcome)
  })

  it.each([
    ['7', 7],
    ['0', 0],
    ['86400', 3600],
    ['-1', null],
    ['soon', null],
    ['Infinity', null],
  ])('#22 that asks for %s seconds is waited for: %j', async (asked, retryAfterSeconds) => {
    const outcome = await refreshed(json('', 503, { 'retry-after': asked }))
    expect(outcome).toEqual({ kind: 'later', reached: true, notDone: true, retryAfterSeconds })
  })

  it('#22 that asks for later need not say when', async () => {
    expect(await refreshed(json('', 503))).toEqual({
      kind: 'later',
      reached: true,
      notDone: true,
      retryAfterSeconds: null,
    })
  })

  it.each([
    [429, true],
    [500, false],
    [502, false],
    [503, true],
    [504, false],
  ])(
    '#22 %i asks for later, even with an OAuth error in it; nothing was done: %s',
    async (status, notDone) => {
      expect(await refreshed(json({ error: 'invalid_grant' }, status, { 'retry-after': '7' }))).toEqual({
        kind: 'later',
        reached: true,
        notDone,
        retryAfterSeconds: 7,
      })
    },
  )
})
