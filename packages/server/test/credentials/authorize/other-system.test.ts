import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { placeOfRow } from '../../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../../src/master-keys/open.ts'
import { type Browser, location } from '../../browser.ts'
import { publicUrl, type Running, startRunning } from '../../running.ts'
import { Meadow } from './meadow.ts'
import { StrictClose } from './strict-close.ts'

/*
 * A connector of another system, with an OAuth server of its own: what Latchwork does for Close it does for it, and Close
 * is told nothing of it.
 */
const close = new StrictClose()
let meadow: Meadow
let server: Running
let person: Browser
beforeAll(async () => {
  meadow = await Meadow.start()
  const url = await close.listen()
  const settings = { closeApiUrl: url, closeAppUrl: url }
  server = await startRunning(null, { settings, connectors: [meadow.connector] })
  person = await server.signedIn()
})
afterAll(async () => {
  await server?.stop()
  close.close()
  await meadow?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  meadow.received.length = 0
})

const scope = 'openid offline_access'
const credentials = () => person.client.credentials
const asked = (path: string) => meadow.received.filter((each) => each.path === path)

async function begin(): Promise<{ id: string; authorizeUrl: string }> {
  const values = { ...meadow.app, scope }
  const { id } = await credentials().create({
    body: { connector: 'meadow', method: 'oauth2', draft: true, values },
  })
  const { authorizeUrl } = await credentials().authorize({ params: { id }, body: { display: 'popup' } })
  return { id, authorizeUrl }
}

async function finish(callback: string): Promise<string | null> {
  const landed = new URL(location(await person.fetch(callback)), publicUrl)
  return landed.searchParams.get('result')
}

async function signedIn(name: string): Promise<string> {
  const { id, authorizeUrl } = await begin()
  expect(await finish(await meadow.consent(authorizeUrl))).toBe('ok')
  await credentials().save({ params: { id }, body: { name } })
  return id
}

async function rowOf(id: string) {
  const row = await server.app.stores.credentials.find(id)
  if (row === null) throw new Error('the credential is gone')
  return row
}

async function accessTokenOf(id: string): Promise<string> {
  const vault = await openVault(server.settings, server.app.stores.metadata)
  const row = await rowOf(id)
  return (await vault.open(placeOfRow(row), row.sealed, 'accessToken')).reveal()
}

describe('a credential of another system', () => {
  it('is authorized on the page of its connector, at its token endpoint, as its server wants an app to authenticate', async () => {
    const { id, authorizeUrl } = await begin()
    const page = new URL(authorizeUrl)
    expect(page.origin + page.pathname).toBe(`${meadow.url}/gate/ask`)
    expect(page.searchParams.get('redirect_uri')).toBe(`${publicUrl}/oauth/callback`)
    expect(await finish(await meadow.consent(authorizeUrl))).toBe('ok')
    const [exchange, ...others] = asked('/gate/tokens')
    expect(others).toEqual([])
    expect(exchange).toMatchObject({ method: 'POST', authorization: expect.stringMatching(/^Basic /) })
    const saved = await credentials().save({ params: { id }, body: { name: 'Authorized' } })
    expect(saved).toMatchObject({
      connector: 'meadow',
      status: 'verified',
      identity: { organizationName: 'The flock' },
    })
  })

  it('is refreshed there, by its refresh token and never twice with the same', async () => {
    const id = await signedIn('Refreshed')
    const before = await rowOf(id)
    const old = await accessTokenOf(id)
    meadow.received.length = 0
    for (const _ of ['once', 'and again']) {
      const accessTokenExpiresAt = Date.now() - 1000
      await server.app.stores.credentials.update(id, { accessTokenExpiresAt })
      expect(await credentials().check({ params: { id } })).toMatchObject({ status: 'verified' })
    }
    expect(asked('/gate/tokens')).toHaveLength(2)
    expect(await rowOf(id)).toMatchObject({ generation: before.generation + 2, intentGeneration: null })
    expect(await accessTokenOf(id)).not.toBe(old)
  })

  it('is ended there when it is deleted', async () => {
    const id = await signedIn('Ended')
    const token = await accessTokenOf(id)
    expect(await meadow.accepts(token)).toBe(true)
    await credentials().delete({ params: { id } })
    await expect.poll(() => asked('/gate/ended').length).toBe(1)
    await expect.poll(() => meadow.accepts(token)).toBe(false)
  })

  it('is taken from its own issuer only', async () => {
    const { authorizeUrl } = await begin()
    const callback = new URL(await meadow.consent(authorizeUrl))
    callback.searchParams.set('iss', server.settings.closeApiUrl)
    expect(await finish(callback.href)).toBe('oauth_failed')
    expect(asked('/gate/tokens')).toEqual([])
  })

  it('is told of by its own name, when its server is out of reach', async () => {
    const id = await signedIn('Out of reach')
    const { id: draft, authorizeUrl } = await begin()
    const callback = await meadow.consent(authorizeUrl)
    await meadow[Symbol.asyncDispose]()
    expect(await finish(callback)).toBe('unreachable')
    const { reason } = await credentials().get({ params: { id: draft } })
    expect(reason?.message).toContain(`We couldn't reach Meadow (${new URL(meadow.url).host})`)
    await credentials().delete({ params: { id } })
    await server.restart()
    const [alert] = (await person.client.alerts.list({ query: {} })).items
    expect(alert).toMatchObject({ kind: 'not_ended', title: 'Meadow still allows "Out of reach" access' })
    expect(alert?.message).toMatch(/End it by hand\. Close the gate of the Meadow\.$/)
  })

  it('leaves Close alone', () => {
    expect(close.received).toEqual([])
  })
})
