import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { bearer, clientForm, postForm, refresh, send, tokensOf } from './client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 2 })
})
afterEach(() => sandbox.close())

describe('refresh', () => {
  const valid = async (token: unknown): Promise<boolean> =>
    (await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, bearer(String(token)))).status === 200

  it('gives a new pair and uses the old refresh token up; the old access token lives on', async () => {
    const { access, refresh: old } = await tokensOf(sandbox)
    const renewed = await refresh(sandbox, old)
    expect(renewed.status).toBe(200)
    expect(renewed.body['refresh_token']).not.toBe(old)
    expect(await valid(access)).toBe(true)
    expect(await valid(renewed.body['access_token'])).toBe(true)
    const again = await refresh(sandbox, old)
    expect(again.status).toBe(400)
    expect(again.body['error']).toBe('invalid_grant')
    expect((await refresh(sandbox, String(renewed.body['refresh_token']))).status).toBe(200)
  })

  it('revokes the family on reuse when told to', async () => {
    sandbox.control.setRefreshReuse({ mode: 'revoke_family' })
    const { refresh: old } = await tokensOf(sandbox)
    const renewed = await refresh(sandbox, old)
    expect((await refresh(sandbox, old)).status).toBe(400)
    expect((await refresh(sandbox, String(renewed.body['refresh_token']))).status).toBe(400)
    expect(await valid(renewed.body['access_token'])).toBe(false)
  })

  it('forgives reuse within the grace period when told to', async () => {
    sandbox.control.setRefreshReuse({ mode: 'grace', seconds: 30 })
    const { refresh: old } = await tokensOf(sandbox)
    await refresh(sandbox, old)
    sandbox.control.advanceClock(29_000)
    expect((await refresh(sandbox, old)).status).toBe(200)
    sandbox.control.advanceClock(2_000)
    expect((await refresh(sandbox, old)).status).toBe(400)
  })

  it('refuses tokens of another application, and lets it revoke none', async () => {
    const { refresh: token } = await tokensOf(sandbox)
    const other = sandbox.control.createOAuthApp('Other', ['https://other.example/cb'])
    const client = { client_id: other.clientId, client_secret: other.clientSecret }
    const form = { ...client, grant_type: 'refresh_token', refresh_token: token }
    expect((await postForm(sandbox, '/oauth2/token/', form)).body['error']).toBe('invalid_grant')
    await postForm(sandbox, '/oauth2/revoke/', { ...client, token })
    expect((await refresh(sandbox, token)).status).toBe(200)
  })

  it('hands out tokens of the lifetime that was set', async () => {
    sandbox.control.setAccessTokenLifetime(10)
    const { access, refresh: token } = await tokensOf(sandbox)
    sandbox.control.advanceClock(11_000)
    expect(await valid(access)).toBe(false)
    expect((await refresh(sandbox, token)).body['expires_in']).toBe(10)
  })

  it('ends with the grant, the user or the membership', async () => {
    const { client_id } = clientForm(sandbox)
    const { refresh: revoked } = await tokensOf(sandbox)
    sandbox.control.revokeGrants({ clientId: client_id })
    expect((await refresh(sandbox, revoked)).body['error']).toBe('invalid_grant')
    const { refresh: orphaned } = await tokensOf(sandbox)
    sandbox.control.setUserActive(sandbox.users[0]?.id ?? '', false)
    expect((await refresh(sandbox, orphaned)).body['error']).toBe('invalid_grant')
  })

  it('can be counted per grant and per token in the log', async () => {
    const { refresh: one } = await tokensOf(sandbox)
    const { refresh: two } = await tokensOf(sandbox)
    sandbox.control.clearRequests()
    await Promise.all([refresh(sandbox, one), refresh(sandbox, one), refresh(sandbox, two)])
    const log = sandbox.control.requests().filter(({ grantType }) => grantType === 'refresh_token')
    expect(log.filter(({ grantId }) => grantId === 'grant_1')).toHaveLength(2)
    expect(new Set(log.map(({ tokenFingerprint }) => tokenFingerprint)).size).toBe(2)
    expect(log.filter(({ status }) => status === 200)).toHaveLength(2)
  })
})

describe('revocation', () => {
  it('ends the grant of a refresh token and answers 200 for unknown tokens', async () => {
    const { access, refresh: token } = await tokensOf(sandbox)
    expect((await postForm(sandbox, '/oauth2/revoke/', { ...clientForm(sandbox), token })).status).toBe(200)
    expect((await refresh(sandbox, token)).status).toBe(400)
    const me = await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, bearer(access))
    expect(me.status).toBe(401)
    const unknown = await postForm(sandbox, '/oauth2/revoke/', { ...clientForm(sandbox), token: 'unknown' })
    expect(unknown.status).toBe(200)
    const wrong = await postForm(sandbox, '/oauth2/revoke/', {
      ...clientForm(sandbox),
      client_secret: 'x',
      token,
    })
    expect(wrong.status).toBe(401)
  })
})
