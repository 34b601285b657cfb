import type { Clock } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Refresher } from '../../src/credentials/refresh/refresh.ts'
import { Revoker } from '../../src/credentials/refresh/revoking.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { type Browser, consent, problem } from '../browser.ts'
import { publicUrl, type Running, startRunning } from '../running.ts'

let sandbox: Sandbox
let server: Running
let person: Browser
let vault: Vault
let aheadMs = 0

/** The machine's clock, which a test can put forward together with Close's. */
const clock: Clock = {
  now: () => Date.now() + aheadMs,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}
function forward(ms: number): void {
  aheadMs += ms
  sandbox.control.advanceClock(ms)
}

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  server = await startRunning(sandbox, { clock })
  person = await server.signedIn()
  vault = await openVault(server.settings, server.app.stores.metadata)
})
afterAll(async () => {
  await server?.stop()
  await sandbox?.close()
})
afterEach(() => {
  sandbox.control.clearFaults()
  sandbox.control.setRefreshReuse({ mode: 'refuse' })
})

/** As a process of its own on the same database. */
function refresher(owner: string): Refresher {
  const { stores } = server.app
  const endpoints = {
    closeApiUrl: sandbox.apiUrl,
    closeAppUrl: sandbox.appUrl,
    redirectUri: `${publicUrl}/oauth/callback`,
  }
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const revoker = new Revoker({ vault, endpoints, log, stores })
  return new Refresher({
    store: stores.credentials,
    vault,
    endpoints,
    clock,
    log,
    owner,
    marginMs: 300_000,
    revoker,
  })
}

let made = 0
async function authorized(): Promise<string> {
  const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
  const { credentials } = person.client
  const { id } = await credentials.create({
    body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
  })
  const { authorizeUrl } = await credentials.authorize({ params: { id }, body: { display: 'popup' } })
  const organizationId = sandbox.organizations[0]?.id ?? ''
  await person.fetch(await consent(person, authorizeUrl, { decision: 'allow', organizationId }))
  made += 1
  await credentials.save({ params: { id }, body: { name: `Refreshed ${made}` } })
  sandbox.control.clearRequests()
  return id
}
const posts = () => sandbox.control.requests().filter((request) => request.path === '/oauth2/token/').length
const row = async (id: string) => {
  const found = await server.app.stores.credentials.find(id)
  if (found === null) throw new Error('the credential is gone')
  return found
}
async function code(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (error instanceof LatchworkError ? error.code : String(error)),
  )
}
/** A token works if Close answers to it. */
async function works(token: string): Promise<boolean> {
  const answer = await fetch(`${sandbox.apiUrl}/api/v1/me/`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return answer.ok
}

describe('a token', () => {
  it('that is fresh is handed out as it is', async () => {
    const id = await authorized()
    const { token } = await refresher('a').accessToken(id)
    expect(await works(token)).toBe(true)
    expect(posts()).toBe(0)
  })

  it('near its end is served while one caller refreshes', async () => {
    const id = await authorized()
    const process = refresher('a')
    const before = await process.accessToken(id)
    forward(3_400_000)
    const served = await Promise.all(Array.from({ length: 40 }, () => process.accessToken(id)))
    expect(new Set(served.map(({ token }) => token))).toEqual(new Set([before.token]))
    await process.drain()
    expect(posts()).toBe(1)
    const after = await process.accessToken(id)
    expect(after.token).not.toBe(before.token)
    expect(await works(after.token)).toBe(true)
    expect(await row(id)).toMatchObject({
      generation: before.row.generation + 1,
      intentGeneration: null,
      leaseOwner: null,
    })
  })

  it('that ended is refreshed once for all callers of several processes', async () => {
    const id = await authorized()
    forward(3_700_000)
    const processes = ['a', 'b', 'c', 'd'].map(refresher)
    const served = await Promise.all(
      processes.flatMap((process) => Array.from({ length: 25 }, () => process.accessToken(id))),
    )
    expect(posts()).toBe(1)
    expect(new Set(served.map(({ token }) => token)).size).toBe(1)
    expect(await works(served[0]?.token ?? '')).toBe(true)
  })

  it('is refreshed ahead by the tick', async () => {
    const id = await authorized()
    forward(3_400_000)
    const { generation } = await row(id)
    await server.app.tick(new AbortController().signal)
    expect((await row(id)).generation).toBe(generation + 1)
  })

  it('that Close refuses is refreshed once by a check, which then succeeds', async () => {
    const id = await authorized()
    sandbox.control.expireAccessTokens()
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
    expect(posts()).toBe(1)
  })
})

describe('an answer that was lost', () => {
  it('before Close acted: one retry with the stored refresh token, and the grant lives', async () => {
    const id = await authorized()
    forward(3_700_000)
    sandbox.control.addFault({ target: 'token', kind: 'drop' })
    const { token } = await refresher('a').accessToken(id)
    expect(await works(token)).toBe(true)
    expect(posts()).toBe(2)
  })

  it.each([{ kind: 'drop' }, { kind: 'nonsense' }] as const)(
    'after Close acted ($kind): one retry, then a reason of its own, and no request any more',
    async ({ kind }) => {
      const id = await authorized()
      forward(3_700_000)
      sandbox.control.addFault({ target: 'token', kind, when: 'after' })
      const process = refresher('a')
      expect(await code(process.accessToken(id))).toBe('lost_rotation')
      expect(posts()).toBe(2)
      expect(await row(id)).toMatchObject({
        status: 'failed',
        reasonCode: 'lost_rotation',
        intentGeneration: null,
      })
      for (let again = 0; again < 3; again++)
        expect(await code(process.accessToken(id))).toBe('lost_rotation')
      expect(await code(refresher('b').accessToken(id))).toBe('lost_rotation')
      expect(posts()).toBe(2)
    },
  )

  it('with a server that forgives a second use at once, the retry brings the pair', async () => {
    const id = await authorized()
    forward(3_700_000)
    sandbox.control.setRefreshReuse({ mode: 'grace', seconds: 30 })
    sandbox.control.addFault({ target: 'token', kind: 'drop', when: 'after' })
    expect(await works((await refresher('a').accessToken(id)).token)).toBe(true)
  })
})

describe('a process that died', () => {
  /** Leaves what a process leaves that was killed after it committed its intent. */
  async function die(id: string): Promise<void> {
    const { credentials } = server.app.stores
    const { generation } = await row(id)
    expect(await credentials.acquireLease(id, 'dead', 300)).not.toBeNull()
    expect(await credentials.recordIntent(id, 'dead', generation)).toBe(true)
  }

  it('before it sent anything: the next waits for its lease, then goes on with the same refresh token', async () => {
    const id = await authorized()
    forward(3_700_000)
    await die(id)
    const { token } = await refresher('a').accessToken(id)
    expect(await works(token)).toBe(true)
    expect(posts()).toBe(1)
  })

  it('with the answer in its hands: the grant is gone, and the reason says how', async () => {
    const id = await authorized()
    forward(3_700_000)
    const { sealed, secretVersion, values } = await row(id)
    const place = { table: 'credentials', rowId: id, version: secretVersion }
    const secrets = await vault.openAll(place, sealed)
    await die(id)
    const spent = await fetch(`${sandbox.apiUrl}/oauth2/token/`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: values['clientId'] ?? '',
        client_secret: secrets['clientSecret']?.reveal() ?? '',
        refresh_token: secrets['refreshToken']?.reveal() ?? '',
      }),
    })
    expect(spent.ok).toBe(true)
    expect(await code(refresher('a').accessToken(id))).toBe('lost_rotation')
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({
      status: 'failed',
      reason: { code: 'lost_rotation' },
    })
  })
})

describe('a refusal', () => {
  it('of the grant ends it: failed, with the reason, and never asked again', async () => {
    const id = await authorized()
    forward(3_700_000)
    sandbox.control.revokeGrants({ clientId: sandbox.oauthApps[0]?.clientId ?? '' })
    const process = refresher('a')
    for (let again = 0; again < 3; again++) expect(await code(process.accessToken(id))).toBe('grant_rejected')
    expect(posts()).toBe(1)
    const credential = await person.client.credentials.get({ params: { id } })
    expect(credential).toMatchObject({ status: 'failed', reason: { code: 'grant_rejected' } })
    expect(credential.secretsSet).toContain('refreshToken')
  })

  it('of the grant costs one token request in a week, whoever asks (#21)', async () => {
    const id = await authorized()
    const grantId = sandbox.control.grants().at(-1)?.id ?? ''
    sandbox.control.revokeGrants({ grantId })
    for (let day = 0; day < 7; day++) {
      const process = refresher(`day ${day}`)
      for (let hour = 0; hour < 24; hour++) {
        forward(3_600_000)
        expect(await code(process.accessToken(id))).toBe('grant_rejected')
        expect(await code(process.refresh(id, (await row(id)).generation))).toBe('grant_rejected')
      }
      await process.refreshAhead(new AbortController().signal)
    }
    const sent = sandbox.control.requests().filter((request) => request.path === '/oauth2/token/')
    expect(sent.filter((request) => request.grantId === grantId)).toHaveLength(1)
  })

  it('of the app waits for its new secret, which is tried before it is kept', async () => {
    const id = await authorized()
    const app = sandbox.oauthApps[0]
    if (app === undefined) throw new Error('the sandbox has no app')
    const oldSecret = app.clientSecret
    sandbox.control.setClientSecret(app.clientId, 'a-new-client-secret')
    forward(3_700_000)
    const process = refresher('a')
    for (let again = 0; again < 3; again++)
      expect(await code(process.accessToken(id))).toBe('oauth_client_rejected')
    expect(posts()).toBe(1)

    const replace = (clientSecret: string) =>
      person.client.credentials.secrets({ params: { id }, body: { values: { clientSecret } } })
    expect(await problem(replace('another-wrong-one'))).toMatchObject({
      status: 422,
      code: 'oauth_client_rejected',
      errors: [{ field: 'values.clientSecret' }],
    })
    expect(await replace('a-new-client-secret')).toMatchObject({ status: 'verified', reason: null })
    expect(await works((await process.accessToken(id)).token)).toBe(true)
    sandbox.control.setClientSecret(app.clientId, oldSecret)
  })
})

describe('Close out of order', () => {
  it('never fails a caller while the old token works, and is left alone for a while', async () => {
    const id = await authorized()
    forward(3_400_000)
    sandbox.control.addFault({ target: 'token', kind: 'status', status: 503, times: 100 })
    const process = refresher('a')
    for (let again = 0; again < 10; again++) {
      expect(await works((await process.accessToken(id)).token)).toBe(true)
      await process.drain()
    }
    expect(posts()).toBe(1)
    expect(await row(id)).toMatchObject({ status: 'verified', intentGeneration: null, leaseOwner: null })
    sandbox.control.clearFaults()
    forward(61_000)
    await process.accessToken(id)
    await process.drain()
    expect(posts()).toBe(2)
    expect((await row(id)).generation).toBeGreaterThan(1)
  })

  it('fails no caller in the last seconds of a token either', async () => {
    const id = await authorized()
    forward(3_595_000)
    sandbox.control.addFault({ target: 'token', kind: 'status', status: 503 })
    const { accessTokenExpiresAt } = await row(id)
    expect(accessTokenExpiresAt).toBeGreaterThan(clock.now())
    expect((await refresher('a').accessToken(id)).token).not.toBe('')
    expect(posts()).toBe(1)
  })

  it('is told apart from a dead grant once the token has ended', async () => {
    const id = await authorized()
    forward(3_700_000)
    sandbox.control.addFault({
      target: 'token',
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '30' },
    })
    const process = refresher('a')
    expect(await code(process.accessToken(id))).toBe('upstream_error')
    expect(await code(process.accessToken(id))).toBe('upstream_error')
    expect(posts()).toBe(1)
    forward(31_000)
    expect(await works((await process.accessToken(id)).token)).toBe(true)
  })
})

describe('a credential that changes meanwhile', () => {
  it('keeps both a secret replaced during a refresh and the new tokens', async () => {
    const id = await authorized()
    forward(3_700_000)
    sandbox.control.addFault({ target: 'token', kind: 'delay', delayMs: 400 })
    const refreshed = refresher('a').accessToken(id)
    await expect.poll(async () => (await row(id)).intentGeneration).not.toBeNull()
    const now = await row(id)
    const place = (version: number) => ({ table: 'credentials', rowId: id, version })
    const version = now.secretVersion + 1
    const sealed = await vault.reseal(place(now.secretVersion), now.sealed, place(version), {})
    expect(
      await server.app.stores.credentials.update(id, { sealed, secretVersion: version }, now.secretVersion),
    ).not.toBeNull()
    const { token } = await refreshed
    expect(await works(token)).toBe(true)
    expect((await row(id)).secretVersion).toBe(version + 1)
  })

  it('and was deleted: the tokens that come back are ended at Close', async () => {
    const id = await authorized()
    forward(3_700_000)
    sandbox.control.addFault({ target: 'token', kind: 'delay', delayMs: 400 })
    const refreshed = code(refresher('a').accessToken(id))
    await expect.poll(async () => (await row(id)).intentGeneration).not.toBeNull()
    await server.app.stores.credentials.update(id, { deletedAt: Date.now() })
    expect(await refreshed).toBe('credential_not_found')
    const [latest] = sandbox.control.grants().slice(-1)
    expect(latest?.alive).toBe(false)
  })
})
