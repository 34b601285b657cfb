import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { basic, bearer, caller, keyOf, send, tokensOf } from './client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 5 })
})
afterEach(() => sandbox.close())

/** Status and body of /me/ with these headers. */
const me = (headers: Record<string, string>) =>
  send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, headers)

describe('authentication', () => {
  it('takes an API key as user name with an empty password', async () => {
    const answer = await me(keyOf(sandbox))
    expect(answer.status).toBe(200)
    expect(answer.body['organizations']).toMatchObject([{ id: sandbox.organizations[0]?.id }])
  })

  it('binds each key to its own organization and user', async () => {
    const answer = await me(keyOf(sandbox, 1))
    expect(answer.body['id']).toBe(sandbox.apiKeys[1]?.userId)
    expect(answer.body['organizations']).toMatchObject([
      { id: sandbox.organizations[1]?.id, name: 'Beta Beverages' },
    ])
  })

  it('gives the same keys for the same seed and others for another', async () => {
    const same = await startSandbox({ leads: 1 })
    const other = await startSandbox({ leads: 1, seed: 2 })
    expect(same.apiKeys).toEqual(sandbox.apiKeys)
    expect(other.apiKeys[0]?.key).not.toBe(sandbox.apiKeys[0]?.key)
    expect(sandbox.apiKeys[0]?.key).toMatch(/^api_[0-9A-Za-z]{22}\.[0-9A-Za-z]{22}$/)
    await Promise.all([same.close(), other.close()])
  })

  const refused: [string, (key: string) => Record<string, string>][] = [
    ['no header', () => ({})],
    ['an unknown key', () => basic('api_unknown')],
    ['a key with a password', (key) => basic(key, 'secret')],
    ['a key as bearer token', (key) => bearer(key)],
    ['a key without Basic', (key) => ({ authorization: key })],
    ['Basic that is no base64', () => ({ authorization: 'Basic !!!' })],
    ['an empty Basic', () => basic('')],
    ['an unknown token', () => bearer('unknown')],
  ]
  it.each(refused)('refuses %s', async (_what, headers) => {
    const answer = await me(headers(sandbox.apiKeys[0]?.key ?? ''))
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({ error: 'Unauthorized' })
  })

  it('refuses a disabled or deleted key, and takes an enabled one again', async () => {
    const [key] = sandbox.apiKeys
    const keyId = key?.id ?? ''
    sandbox.control.setKeyEnabled(keyId, false)
    expect((await me(keyOf(sandbox))).status).toBe(401)
    sandbox.control.setKeyEnabled(keyId, true)
    expect((await me(keyOf(sandbox))).status).toBe(200)
    sandbox.control.deleteKey(keyId)
    expect((await me(keyOf(sandbox))).status).toBe(401)
  })

  it('refuses keys and tokens of a deactivated user', async () => {
    const { access } = await tokensOf(sandbox)
    expect((await me(bearer(access))).status).toBe(200)
    sandbox.control.setUserActive(sandbox.users[0]?.id ?? '', false)
    expect((await me(bearer(access))).status).toBe(401)
    expect((await me(keyOf(sandbox))).status).toBe(401)
  })

  it('refuses an access token after its hour', async () => {
    const { access } = await tokensOf(sandbox)
    sandbox.control.advanceClock(3_599_000)
    expect((await me(bearer(access))).status).toBe(200)
    sandbox.control.advanceClock(2_000)
    expect((await me(bearer(access))).status).toBe(401)
  })

  it('answers for another organization when key or user have been moved', async () => {
    const [first, second] = sandbox.organizations
    const { access } = await tokensOf(sandbox)
    sandbox.control.moveKey(sandbox.apiKeys[0]?.id ?? '', second?.id ?? '')
    expect((await me(keyOf(sandbox))).body['organizations']).toMatchObject([{ id: second?.id }])
    expect((await me(bearer(access))).body['organizations']).toMatchObject([{ id: first?.id }])
    sandbox.control.moveUser(sandbox.users[0]?.id ?? '', second?.id ?? '')
    expect((await me(bearer(access))).body['organizations']).toMatchObject([{ id: second?.id }])
  })

  it('keeps organizations apart', async () => {
    const [lead] = sandbox.control.truth(sandbox.organizations[1]?.id ?? '', 'lead')
    expect((await caller(sandbox)('GET', `/lead/${lead?.['id']}/`)).status).toBe(404)
    expect((await caller(sandbox, keyOf(sandbox, 1))('GET', `/lead/${lead?.['id']}/`)).status).toBe(200)
  })

  it('holds users to their role', async () => {
    const asUser = caller(sandbox, keyOf(sandbox, 2))
    expect((await asUser('POST', '/status/lead/', { label: 'Mine' })).status).toBe(403)
    expect((await caller(sandbox)('POST', '/status/lead/', { label: 'Mine' })).status).toBe(200)
  })

  it('wants OAuth where Close does', async () => {
    const meeting = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'meeting')[0]
    const path = `/activity/meeting/${meeting?.['id']}/integration/`
    expect((await caller(sandbox)('POST', path, {})).status).toBe(403)
    const { access } = await tokensOf(sandbox)
    expect((await caller(sandbox, bearer(access))('POST', path, {})).status).toBe(200)
  })

  it('logs who called, never with what', async () => {
    const { access } = await tokensOf(sandbox)
    await me(keyOf(sandbox))
    await me(bearer(access))
    const log = sandbox.control.requests()
    expect(log.map(({ path, status }) => [path, status])).toEqual([
      ['/oauth2/token/', 200],
      ['/api/v1/me/', 200],
      ['/api/v1/me/', 200],
    ])
    expect(log[1]).toMatchObject({ apiKeyId: sandbox.apiKeys[0]?.id, userId: sandbox.users[0]?.id })
    expect(log[2]).toMatchObject({ apiKeyId: null, grantId: 'grant_1' })
    const text = JSON.stringify(log)
    expect(text).not.toContain(sandbox.apiKeys[0]?.key)
    expect(text).not.toContain(access)
    expect(text).not.toContain(sandbox.oauthApps[0]?.clientSecret)
  })
})
