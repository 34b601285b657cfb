import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CredentialAccess } from '../../src/index.ts'
import { testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
})
afterEach(() => sandbox.control.clearFaults())
afterAll(() => sandbox.close())

const check = (credential: CredentialAccess, parts = {}) =>
  sandboxConnector(sandbox, parts).check?.(credential, testContext())

describe('the check of a Close credential', () => {
  it('says whom an API key acts for', async () => {
    const [organization] = sandbox.organizations
    const result = await check(keyCredential(sandbox, undefined, null))
    expect(result).toMatchObject({
      status: 'verified',
      identity: {
        organizationId: organization?.id,
        organizationName: organization?.name,
        userEmail: expect.stringMatching(/@.+\.example$/),
      },
      reason: null,
    })
    expect(result?.identity?.userName).not.toBe('')
  })

  it('says which organization, though its user belongs to two', async () => {
    for (const organization of sandbox.organizations) {
      const key = sandbox.control.createKey(sandbox.apiKeys[0]?.userId ?? '', organization.id)
      const result = await check(keyCredential(sandbox, key.key, null))
      expect(result?.identity?.organizationId).toBe(organization.id)
    }
  })

  it.each(['wrong', 'two words', '', 'x\ny', `api_${'x'.repeat(9000)}`])(
    'refuses the key %j',
    async (apiKey) => {
      const result = await check(keyCredential(sandbox, apiKey))
      const reason = { code: 'api_key_rejected', field: 'apiKey' }
      expect(result).toMatchObject({ status: 'failed', identity: null, reason })
      if (apiKey.length > 3) expect(JSON.stringify(result)).not.toContain(apiKey.slice(0, 20))
    },
  )

  it('verifies nothing while Close cannot be reached, and says so', async () => {
    const result = await check(keyCredential(sandbox), { apiUrl: 'http://127.0.0.1:1' })
    expect(result).toMatchObject({ status: 'unverified', reason: { code: 'unreachable' } })
    // Whether it is saved, and so what comes next, only the form knows.
    expect(result?.reason).toEqual({
      code: 'unreachable',
      message: "We couldn't reach Close (127.0.0.1:1).",
    })
  })

  it.each([
    ['a server error', { kind: 'status', status: 500, times: 9 }, 'upstream_error'],
    ['nonsense', { kind: 'nonsense', times: 9 }, 'upstream_error'],
    ['a dropped connection', { kind: 'drop', times: 9 }, 'unreachable'],
  ] as const)('verifies nothing on %s', async (_, fault, code) => {
    sandbox.control.addFault({ target: '/api/v1/me/', ...fault })
    expect(await check(keyCredential(sandbox))).toMatchObject({ status: 'unverified', reason: { code } })
  })

  it('uses the access token of an OAuth credential, and asks for another one once when it is refused', async () => {
    const app = sandbox.oauthApps[0]
    const code = sandbox.control.authorize({ clientId: app?.clientId ?? '' })
    const answer = await fetch(`${sandbox.apiUrl}/oauth2/token/`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: app?.clientId ?? '',
        client_secret: app?.clientSecret ?? '',
        code,
      }),
    })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    let current = 'out-of-date'
    let refused = 0
    const credential: CredentialAccess = {
      ...keyCredential(sandbox),
      method: 'oauth2',
      secret: () => Promise.reject(new Error('not asked for')),
      accessToken: async () => current,
      rejected: async () => {
        refused += 1
        current = token
        return true
      },
    }
    expect(await check(credential)).toMatchObject({ status: 'verified' })
    expect(refused).toBe(1)
    current = 'out-of-date'
    const over = await check({ ...credential, rejected: async () => false })
    expect(over).toMatchObject({ status: 'failed', reason: { code: 'grant_rejected' } })
    expect(over?.reason?.field).toBeUndefined()
  })
})
