import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import type { Running } from '../running.ts'
import { codeOf } from './refresh-ground.ts'
import { RefreshWithClose } from './refresh-with-close.ts'

let ground: RefreshWithClose
let sandbox: Sandbox
let server: Running
let person: Browser
beforeAll(async () => {
  ground = await RefreshWithClose.start()
  ;({ sandbox, server, person } = ground.made)
  return ground.made.stop
})
afterEach(() => ground.reset())

describe('a refusal', () => {
  it('of the grant ends it: failed, with the reason, and never asked again', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    sandbox.control.revokeGrants({ clientId: sandbox.oauthApps[0]?.clientId ?? '' })
    const process = ground.refresher('a')
    for (let again = 0; again < 3; again++)
      expect(await codeOf(process.accessToken(id))).toBe('grant_rejected')
    expect(ground.posts).toBe(1)
    const credential = await person.client.credentials.get({ params: { id } })
    expect(credential).toMatchObject({ status: 'failed', reason: { code: 'grant_rejected' } })
    expect(credential.secretsSet).toContain('refreshToken')
  })

  it('of the grant costs one token request in a week, whoever asks (#21)', async () => {
    const id = await ground.authorized()
    const grantId = sandbox.control.grants().at(-1)?.id ?? ''
    sandbox.control.revokeGrants({ grantId })
    for (let day = 0; day < 7; day++) {
      const process = ground.refresher(`day ${day}`)
      for (let hour = 0; hour < 24; hour++) {
        ground.forward(3_600_000)
        expect(await codeOf(process.accessToken(id))).toBe('grant_rejected')
        expect(await codeOf(process.refresh(id, (await ground.row(id)).generation))).toBe('grant_rejected')
      }
      await process.refreshAhead(new AbortController().signal)
    }
    const sent = sandbox.control.requests().filter((request) => request.path === '/oauth2/token/')
    expect(sent.filter((request) => request.grantId === grantId)).toHaveLength(1)
  })

  it('of the app waits for its new secret, which is tried before it is kept', async () => {
    const id = await ground.authorized()
    const app = sandbox.oauthApps[0]
    if (app === undefined) throw new Error('the sandbox has no app')
    const oldSecret = app.clientSecret
    sandbox.control.setClientSecret(app.clientId, 'a-new-client-secret')
    ground.forward(3_700_000)
    const process = ground.refresher('a')
    for (let again = 0; again < 3; again++)
      expect(await codeOf(process.accessToken(id))).toBe('oauth_client_rejected')
    expect(ground.posts).toBe(1)

    const replace = (clientSecret: string) =>
      person.client.credentials.secrets({ params: { id }, body: { values: { clientSecret } } })
    expect(await problem(replace('another-wrong-one'))).toMatchObject({
      status: 422,
      code: 'oauth_client_rejected',
      errors: [{ field: 'values.clientSecret' }],
    })
    expect(await replace('a-new-client-secret')).toMatchObject({ status: 'verified', reason: null })
    expect(await ground.works((await process.accessToken(id)).token)).toBe(true)
    sandbox.control.setClientSecret(app.clientId, oldSecret)
  })
})

describe('Close out of order', () => {
  it('never fails a caller while the old token works, and is left alone for a while', async () => {
    const id = await ground.authorized()
    ground.forward(3_400_000)
    sandbox.control.addFault({ target: 'token', kind: 'status', status: 503, times: 100 })
    const process = ground.refresher('a')
    for (let again = 0; again < 10; again++) {
      expect(await ground.works((await process.accessToken(id)).token)).toBe(true)
      await process.drain()
    }
    expect(ground.posts).toBe(1)
    expect(await ground.row(id)).toMatchObject({
      status: 'verified',
      intentGeneration: null,
      leaseOwner: null,
    })
    sandbox.control.clearFaults()
    ground.forward(61_000)
    await process.accessToken(id)
    await process.drain()
    expect(ground.posts).toBe(2)
    expect((await ground.row(id)).generation).toBeGreaterThan(1)
  })

  it('fails no caller in the last seconds of a token either', async () => {
    const id = await ground.authorized()
    ground.forward(3_595_000)
    sandbox.control.addFault({ target: 'token', kind: 'status', status: 503 })
    const { accessTokenExpiresAt } = await ground.row(id)
    expect(accessTokenExpiresAt).toBeGreaterThan(ground.clock.now())
    expect((await ground.refresher('a').accessToken(id)).token).not.toBe('')
    expect(ground.posts).toBe(1)
  })

  it('is told apart from a dead grant once the token has ended', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    sandbox.control.addFault({
      target: 'token',
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '30' },
    })
    const process = ground.refresher('a')
    expect(await codeOf(process.accessToken(id))).toBe('upstream_error')
    expect(await codeOf(process.accessToken(id))).toBe('upstream_error')
    expect(ground.posts).toBe(1)
    ground.forward(31_000)
    expect(await ground.works((await process.accessToken(id)).token)).toBe(true)
  })
})

describe('a credential that changes meanwhile', () => {
  it('keeps both a secret replaced during a refresh and the new tokens', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    sandbox.control.addFault({ target: 'token', kind: 'delay', delayMs: 400 })
    const refreshed = ground.refresher('a').accessToken(id)
    await expect.poll(async () => (await ground.row(id)).intentGeneration).not.toBeNull()
    const now = await ground.row(id)
    const place = (version: number) => ({ table: 'credentials', rowId: id, version })
    const version = now.secretVersion + 1
    const sealed = await ground.vault.reseal(place(now.secretVersion), now.sealed, place(version), {})
    expect(
      await server.app.stores.credentials.update(id, { sealed, secretVersion: version }, now.secretVersion),
    ).not.toBeNull()
    const { token } = await refreshed
    expect(await ground.works(token)).toBe(true)
    expect((await ground.row(id)).secretVersion).toBe(version + 1)
  })

  it('and was deleted: the tokens that come back are ended at Close', async () => {
    const id = await ground.authorized()
    ground.forward(3_700_000)
    sandbox.control.addFault({ target: 'token', kind: 'delay', delayMs: 400 })
    const refreshed = codeOf(ground.refresher('a').accessToken(id))
    await expect.poll(async () => (await ground.row(id)).intentGeneration).not.toBeNull()
    await server.app.stores.credentials.update(id, { deletedAt: Date.now() })
    expect(await refreshed).toBe('credential_not_found')
    const [latest] = sandbox.control.grants().slice(-1)
    expect(latest?.alive).toBe(false)
  })
})
