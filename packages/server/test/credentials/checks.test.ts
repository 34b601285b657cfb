import type { AlertKind } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, consent } from '../browser.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser

beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  return made.stop
})
beforeEach(() => sandbox.control.clearFaults())

const api = () => person.client.credentials
const tables = () => server.app.stores.database.tables
const tick = () => server.app.tick(new AbortController().signal)
const organization = (index: number) => sandbox.organizations[index]?.id ?? ''
const userId = () => sandbox.apiKeys[0]?.userId ?? ''
const newKey = () => sandbox.control.createKey(userId(), organization(0))
const tokenPosts = () =>
  sandbox.control.requests().filter((request) => request.path === '/oauth2/token/').length

let count = 0
async function withKey() {
  const key = newKey()
  count += 1
  const body = { connector: 'close', method: 'api_key', name: `Key ${count}`, values: { apiKey: key.key } }
  const { id } = await api().create({ body })
  await tick()
  return { key, id, params: { id } }
}

async function signedIn(app: { clientId: string; clientSecret: string }) {
  const { clientId, clientSecret } = app
  const body = { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } }
  const { id } = await api().create({ body })
  const { authorizeUrl } = await api().authorize({ params: { id }, body: { display: 'popup' } })
  await person.fetch(
    await consent(person, authorizeUrl, { decision: 'allow', organizationId: organization(0) }),
  )
  count += 1
  await api().save({ params: { id }, body: { name: `Sign-in ${count}` } })
  return id
}

/** As if the time of the next scheduled check had come for these and no other; answers the credentials after it. */
async function checkOnSchedule(...ids: string[]) {
  await tables().updateTable('credentials').set({ nextCheckAt: 9_999_999_999_999 }).execute()
  await tables().updateTable('credentials').set({ nextCheckAt: 1 }).where('id', 'in', ids).execute()
  await tick()
  return Promise.all(ids.map((id) => api().get({ params: { id } })))
}

async function alertsOf(id: string | null): Promise<AlertKind[]> {
  const { items } = await person.client.alerts.list({ query: { limit: 200 } })
  return items.filter((alert) => alert.credentialId === id).map((alert) => alert.kind)
}

describe('what a check tells apart', () => {
  it('a key that was disabled, once accepted', async () => {
    const { id, key } = await withKey()
    sandbox.control.setKeyEnabled(key.id, false)
    expect(await checkOnSchedule(id)).toMatchObject([
      { status: 'failed', reason: { code: 'api_key_disabled' } },
    ])
    expect(await alertsOf(id)).toEqual(['failed'])
  })

  it('an account that is another one', async () => {
    const { id, key } = await withKey()
    sandbox.control.moveKey(key.id, organization(1))
    expect(await checkOnSchedule(id)).toMatchObject([
      { status: 'failed', reason: { code: 'identity_changed' } },
    ])
  })

  it('a role that allows less: told once, with what was lost', async () => {
    const { id, key } = await withKey()
    const me = await fetch(`${sandbox.apiUrl}/api/v1/me/`, {
      headers: { authorization: `Basic ${Buffer.from(`${key.key}:`).toString('base64')}` },
    })
    const { memberships } = (await me.json()) as { memberships: { id: string }[] } // the sandbox's own shape
    const setRole = (role_id: string) =>
      fetch(`${sandbox.apiUrl}/api/v1/membership/${memberships[0]?.id}/`, {
        method: 'PUT',
        headers: {
          authorization: `Basic ${Buffer.from(`${key.key}:`).toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ role_id }),
      })
    expect((await setRole('superuser')).status).toBe(200)
    const [narrowed] = await checkOnSchedule(id)
    expect(narrowed).toMatchObject({ status: 'verified', reason: { code: 'role_narrowed' } })
    expect(narrowed?.reason?.message).toContain('manage_organization')
    expect(await checkOnSchedule(id)).toMatchObject([{ status: 'verified', reason: null }])
    expect(await alertsOf(id)).toEqual(['narrowed'])
  })

  it('#21 access that was taken back in Close, before the time of its token was up; then no more token requests', async () => {
    const app = sandbox.control.createOAuthApp('Revoked', ['https://localhost:8443/oauth/callback'])
    const id = await signedIn(app)
    sandbox.control.revokeGrants({ clientId: app.clientId })
    expect(await checkOnSchedule(id)).toMatchObject([
      { status: 'failed', reason: { code: 'access_revoked' } },
    ])
    const posts = tokenPosts()
    for (let day = 0; day < 7; day++) await checkOnSchedule(id)
    expect(tokenPosts()).toBe(posts)
    expect(await api().get({ params: { id } })).toMatchObject({ reason: { code: 'access_revoked' } })
    expect(await alertsOf(id)).toEqual(['failed'])
  })
})

describe('alerts', () => {
  it('tell failed and recovered once each', async () => {
    const { id, key } = await withKey()
    sandbox.control.setKeyEnabled(key.id, false)
    for (let round = 0; round < 3; round++) await checkOnSchedule(id)
    expect(await alertsOf(id)).toEqual(['failed'])
    sandbox.control.setKeyEnabled(key.id, true)
    await checkOnSchedule(id)
    expect(await alertsOf(id)).toEqual(['failed'])
    for (let round = 0; round < 3; round++) await checkOnSchedule(id)
    expect(await alertsOf(id)).toEqual(['recovered', 'failed'])
  })

  it('tell that a replaced key works at its first check', async () => {
    const { id, key, params } = await withKey()
    sandbox.control.setKeyEnabled(key.id, false)
    await checkOnSchedule(id)
    await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    await tick()
    expect(await alertsOf(id)).toEqual(['recovered', 'failed'])
  })

  it('#22 say nothing of one check without an answer, and once of an outage', async () => {
    const { id } = await withKey()
    const outage = () => sandbox.control.addFault({ target: 'api', kind: 'status', status: 503, times: 50 })
    outage()
    expect(await checkOnSchedule(id)).toMatchObject([{ status: 'unverified' }])
    sandbox.control.clearFaults()
    await checkOnSchedule(id)
    await checkOnSchedule(id)
    expect(await alertsOf(id)).toEqual([])
    outage()
    for (let round = 0; round < 3; round++) await checkOnSchedule(id)
    sandbox.control.clearFaults()
    for (let round = 0; round < 3; round++) await checkOnSchedule(id)
    expect(await alertsOf(id)).toEqual(['recovered', 'unreachable'])
  })

  it('tell of a sign-in that cannot be refreshed that it is about to expire', async () => {
    const app = sandbox.control.createOAuthApp('Short', ['https://localhost:8443/oauth/callback'])
    const id = await signedIn(app)
    const row = await server.app.stores.credentials.find(id)
    if (row === null) throw new Error('the credential is gone')
    const { refreshToken: _, ...fields } = row.sealed.fields
    await server.app.stores.credentials.update(id, { sealed: { ...row.sealed, fields } })
    await checkOnSchedule(id)
    await checkOnSchedule(id)
    expect(await alertsOf(id)).toEqual(['expiring'])
  })

  it('are counted until they are read, and are those of the owner', async () => {
    await person.client.alerts.test({ body: { channel: 'page' } })
    const before = await person.client.alerts.list({ query: {} })
    expect(before.unread).toBeGreaterThan(0)
    expect(before.items[0]).toMatchObject({ kind: 'test' })
    expect(before.targets).toEqual({ email: null, webhook: null })
    await person.client.alerts.read()
    expect((await person.client.alerts.list({ query: {} })).unread).toBe(0)
    expect(await server.app.stores.alerts.list('usr_nobody', 10)).toEqual([])
  })
})

it('one refused OAuth app: one alert, all of its credentials paused, all resumed when the secret is replaced on one', async () => {
  const app = sandbox.control.createOAuthApp('Refused', ['https://localhost:8443/oauth/callback'])
  const ids = [await signedIn(app), await signedIn(app), await signedIn(app)]
  const other = await signedIn(
    sandbox.control.createOAuthApp('Other', ['https://localhost:8443/oauth/callback']),
  )
  await tick()
  const before = (await alertsOf(null)).length
  sandbox.control.setClientSecret(app.clientId, 'a-new-client-secret')
  sandbox.control.expireAccessTokens()
  await checkOnSchedule(ids[0] ?? '')
  await tick()
  const states = async () =>
    Promise.all(ids.map(async (id) => (await api().get({ params: { id } })).reason?.code ?? 'fine'))
  expect(await states()).toEqual(ids.map(() => 'oauth_client_rejected'))
  expect((await api().get({ params: { id: other } })).status).toBe('verified')
  await checkOnSchedule(...ids)
  expect((await alertsOf(null)).slice(0, -before || undefined)).toEqual(['app_rejected'])

  await api().secrets({
    params: { id: ids[1] ?? '' },
    body: { values: { clientSecret: 'a-new-client-secret' } },
  })
  await expect.poll(states, { timeout: 15_000 }).toEqual(ids.map(() => 'fine'))
  await tick()
  await expect
    .poll(async () => (await alertsOf(null)).slice(0, -before || undefined), { timeout: 5000 })
    .toEqual(['app_recovered', 'app_rejected'])
  expect((await alertsOf(ids[0] ?? '')).length).toBe(0)
})

it('#49 an idle sign-in is kept alive: its scheduled check refreshes it', async () => {
  const id = await signedIn(sandbox.control.createOAuthApp('Idle', ['https://localhost:8443/oauth/callback']))
  sandbox.control.expireAccessTokens()
  const posts = tokenPosts()
  expect(await checkOnSchedule(id)).toMatchObject([{ status: 'verified' }])
  expect(tokenPosts()).toBe(posts + 1)
})

it('#49 a sign-in whose token ended while the server was off is refreshed, though nobody uses it', async () => {
  const id = await signedIn(
    sandbox.control.createOAuthApp('Slept', ['https://localhost:8443/oauth/callback']),
  )
  const weekMs = 7 * 86_400_000
  const slept = { accessTokenExpiresAt: Date.now() - weekMs, nextCheckAt: Date.now() + weekMs }
  await tables().updateTable('credentials').set(slept).where('id', '=', id).execute()
  const posts = tokenPosts()
  await tick()
  expect(tokenPosts()).toBe(posts + 1)
  const row = await tables()
    .selectFrom('credentials')
    .select('accessTokenExpiresAt')
    .where('id', '=', id)
    .executeTakeFirst()
  expect(row?.accessTokenExpiresAt).toBeGreaterThan(Date.now())
})

describe('the schedule', () => {
  it('gives each credential a time of its own within the interval', async () => {
    const { id } = await withKey()
    const other = await withKey()
    await tables().updateTable('credentials').set({ nextCheckAt: 0 }).execute()
    const requests = sandbox.control.requests().length
    await tick()
    expect(sandbox.control.requests().length).toBe(requests)
    const rows = await tables()
      .selectFrom('credentials')
      .select('nextCheckAt')
      .where('id', 'in', [id, other.id])
      .execute()
    for (const { nextCheckAt } of rows) {
      expect(nextCheckAt).toBeGreaterThan(Date.now() - 60_000)
      expect(nextCheckAt).toBeLessThan(Date.now() + 6 * 3_600_000 + 60_000)
    }
    expect(rows[0]?.nextCheckAt).not.toBe(rows[1]?.nextCheckAt)
  })

  it('checks one within the hour again when the answer is not certain yet', async () => {
    const { id } = await withKey()
    sandbox.control.addFault({ target: 'api', kind: 'status', status: 503, times: 50 })
    await checkOnSchedule(id)
    const row = await tables()
      .selectFrom('credentials')
      .select('nextCheckAt')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(row.nextCheckAt - Date.now()).toBeLessThan(15 * 60_000)
  })
})

describe('the health page', () => {
  it('shows the worst of each day, what happened and how it stands', async () => {
    const { id, key } = await withKey()
    const today = new Date().toISOString().slice(0, 10)
    const find = async () => {
      const { items } = await person.client.health.list({ query: { limit: 200 } })
      return items.find((item) => item.id === id)
    }
    expect(await find()).toMatchObject({ status: 'verified', days: [{ day: today, status: 'verified' }] })
    sandbox.control.setKeyEnabled(key.id, false)
    await checkOnSchedule(id)
    sandbox.control.setKeyEnabled(key.id, true)
    await checkOnSchedule(id)
    expect(await find()).toMatchObject({
      status: 'verified',
      days: [{ day: today, status: 'failed', reason: { code: 'api_key_disabled' } }],
    })
  })

  it('comes in pages, filtered by status and words', async () => {
    const first = await person.client.health.list({ query: { limit: 2 } })
    expect(first.items).toHaveLength(2)
    const next = await person.client.health.list({ query: { limit: 2, cursor: first.nextCursor ?? '' } })
    expect(next.items.map(({ id }) => id)).not.toContain(first.items[0]?.id)
    const failed = await person.client.health.list({ query: { status: 'failed', limit: 200 } })
    expect(failed.items.every(({ status }) => status === 'failed')).toBe(true)
    expect((await person.client.health.list({ query: { query: 'no such name' } })).items).toEqual([])
  })
})
