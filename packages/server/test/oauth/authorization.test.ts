import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Credential } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, consent, location, problem } from '../browser.ts'
import { publicUrl, type Running, startRunning } from '../running.ts'

let sandbox: Sandbox
let server: Running
let person: Browser

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
  server = await startRunning(sandbox)
  person = await server.signedIn()
})
afterAll(async () => {
  await server?.stop()
  await sandbox?.close()
})
afterEach(() => sandbox.control.clearFaults())

const organization = (index: number) => sandbox.organizations[index]?.id ?? ''
const app = () => sandbox.oauthApps[0] ?? { clientId: '', clientSecret: '' }
const tokenPosts = () =>
  sandbox.control.requests().filter((request) => request.path === '/oauth2/token/').length

async function draft(values: Record<string, string> = {}): Promise<Credential> {
  const { clientId, clientSecret } = app()
  return person.client.credentials.create({
    body: {
      connector: 'close',
      method: 'oauth2',
      draft: true,
      values: { clientId, clientSecret, ...values },
    },
  })
}
async function begin(id: string, options: { display?: 'popup' | 'page'; returnTo?: string } = {}) {
  const { authorizeUrl } = await person.client.credentials.authorize({
    params: { id },
    body: { display: 'popup', ...options },
  })
  return authorizeUrl
}
async function finish(callback: string, browser = person): Promise<URL> {
  const answer = await browser.fetch(callback)
  expect(answer.status).toBe(303)
  return new URL(location(answer), publicUrl)
}
const get = (id: string) => person.client.credentials.get({ params: { id } })

/** Draft, consent and callback in one go; answers where the browser ended. */
async function authorize(id: string, organizationId = organization(0)): Promise<URL> {
  return finish(await consent(person, await begin(id), { decision: 'allow', organizationId }))
}

describe('the three-legged authorization', () => {
  it('ends with tokens, the account pinned, and a credential that can be saved', async () => {
    const { id } = await draft({ scope: 'all.full_access offline_access' })
    const url = new URL(await begin(id))
    expect(url.origin + url.pathname).toBe(`${sandbox.appUrl}/oauth2/authorize/`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: app().clientId,
      redirect_uri: `${publicUrl}/oauth/callback`,
      code_challenge_method: 'S256',
      scope: 'all.full_access offline_access',
    })
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/)
    expect(url.href).not.toContain(app().clientSecret)

    const done = await finish(
      await consent(person, url.href, { decision: 'allow', organizationId: organization(1) }),
    )
    expect(done.pathname).toBe('/oauth/done')
    expect(Object.fromEntries(done.searchParams)).toEqual({ credential: id, result: 'ok' })
    const authorized = await get(id)
    expect(authorized).toMatchObject({ status: 'draft', reason: null, grantedScope: expect.any(String) })
    expect(authorized.identity?.organizationId).toBe(organization(1))
    expect(authorized.secretsSet.sort()).toEqual(['accessToken', 'clientSecret', 'refreshToken'])

    const saved = await person.client.credentials.save({ params: { id }, body: { name: 'Ops' } })
    expect(saved).toMatchObject({ id, status: 'verified', name: 'Ops' })
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })
  })

  it('#29 asks for no scope when none was given', async () => {
    expect(new URL(await begin((await draft()).id)).searchParams.has('scope')).toBe(false)
  })

  it('comes back to the page where no popup could be opened', async () => {
    const { id } = await draft()
    const url = await begin(id, { display: 'page', returnTo: '/new?step=2' })
    const done = await finish(
      await consent(person, url, { decision: 'allow', organizationId: organization(0) }),
    )
    expect(done.pathname + done.search).toBe(`/new?step=2&draft=${id}&result=ok`)
  })

  it('survives a restart of the server between Authorize and the callback', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    const cookies = person.cookies
    await server.restart()
    person = server.browser()
    for (const [host, jar] of cookies) person.cookies.set(host, jar)
    expect((await finish(callback)).searchParams.get('result')).toBe('ok')
    expect((await get(id)).identity?.organizationId).toBe(organization(0))
  })
})

describe('a callback that must not be believed', () => {
  const refused = { result: 'oauth_state_unknown' }

  it.each([
    '',
    '?code=abc',
    '?code=abc&state=unknown',
    '?state=a&state=b&code=c',
    `?code=a&state=${'x'.repeat(6000)}`,
  ])('#1 with no state that is known: %s', async (query) => {
    const before = tokenPosts()
    const done = await finish(`${publicUrl}/oauth/callback${query}`)
    expect(done.pathname).toBe('/oauth/done')
    expect(Object.fromEntries(done.searchParams)).toEqual(refused)
    expect(tokenPosts()).toBe(before)
  })

  it('#1 with a state of another browser', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    const before = tokenPosts()
    const other = await server.signedIn()
    const theirs = await draft()
    await other.client.credentials.authorize({ params: { id: theirs.id }, body: { display: 'popup' } })
    for (const browser of [other, server.browser()]) {
      const done = await finish(callback, browser)
      expect(Object.fromEntries(done.searchParams)).toEqual(refused)
    }
    expect(tokenPosts()).toBe(before)
    expect((await get(id)).identity).toBeNull()
  })

  it('#1 #8 with a state used before, even at the same moment: one token request, and the first stays good', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    const before = tokenPosts()
    const ends = await Promise.all(Array.from({ length: 5 }, () => finish(callback)))
    expect(ends.map((done) => done.searchParams.get('result')).sort()).toEqual(
      [
        'oauth_state_unknown',
        'oauth_state_unknown',
        'oauth_state_unknown',
        'oauth_state_unknown',
        'ok',
      ].sort(),
    )
    expect(tokenPosts()).toBe(before + 1)
    expect((await get(id)).identity).not.toBeNull()
  })

  it('#1 with a state older than ten minutes', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    const { tables } = server.app.stores.database
    const row = await tables
      .selectFrom('authorizations')
      .select('expiresAt')
      .where('credentialId', '=', id)
      .executeTakeFirstOrThrow()
    expect(row.expiresAt - Date.now()).toBeGreaterThan(9 * 60_000)
    expect(row.expiresAt - Date.now()).toBeLessThanOrEqual(10 * 60_000)
    await tables
      .updateTable('authorizations')
      .set({ expiresAt: Date.now() - 1 })
      .where('credentialId', '=', id)
      .execute()
    const before = tokenPosts()
    expect(Object.fromEntries((await finish(callback)).searchParams)).toEqual(refused)
    expect(tokenPosts()).toBe(before)
  })

  it('#4 with an issuer that is not Close', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    const before = tokenPosts()
    const done = await finish(`${callback}&iss=https%3A%2F%2Fevil.example`)
    expect(done.searchParams.get('result')).toBe('oauth_failed')
    expect(tokenPosts()).toBe(before)
  })

  it('#5 with a code that was given to another OAuth app', async () => {
    const other = sandbox.control.createOAuthApp('Other app', [`${publicUrl}/oauth/callback`])
    const ours = await draft()
    const theirs = await draft({ clientId: other.clientId, clientSecret: other.clientSecret })
    const choice = { decision: 'allow', organizationId: organization(0) } as const
    const ourCallback = new URL(await consent(person, await begin(ours.id), choice))
    const theirCallback = new URL(await consent(person, await begin(theirs.id), choice))
    const mixed = new URL(ourCallback)
    mixed.searchParams.set('code', theirCallback.searchParams.get('code') ?? '')

    const done = await finish(mixed.href)
    expect(Object.fromEntries(done.searchParams)).toEqual({
      credential: ours.id,
      result: 'oauth_code_rejected',
    })
    expect(sandbox.control.requests().at(-1)).toMatchObject({ clientId: app().clientId, status: 400 })
    expect((await get(ours.id)).secretsSet).toEqual(['clientSecret'])
    // The one that it was given to is not harmed, and the spent state takes no second try.
    expect((await finish(ourCallback.href)).searchParams.get('result')).toBe('oauth_state_unknown')
    expect((await finish(theirCallback.href)).searchParams.get('result')).toBe('ok')
  })

  it('is not spent by a HEAD request', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    expect((await person.fetch(callback, { method: 'HEAD' })).status).toBeGreaterThanOrEqual(404)
    expect((await finish(callback)).searchParams.get('result')).toBe('ok')
  })
})

describe('an authorization that comes to nothing brings the person back with what to do', () => {
  async function endsWith(id: string, callback: string, code: string, message: RegExp): Promise<void> {
    const done = await finish(callback)
    expect(Object.fromEntries(done.searchParams)).toEqual({ credential: id, result: code })
    const { reason, status, values } = await get(id)
    expect(status).toBe('draft')
    expect(reason?.code).toBe(code)
    expect(reason?.message).toMatch(message)
    expect(values['clientId']).toBe(app().clientId)
  }

  it('access declined', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), { decision: 'decline' })
    await endsWith(id, callback, 'oauth_declined', /declined/)
    expect((await authorize(id)).searchParams.get('result')).toBe('ok')
    expect((await get(id)).reason).toBeNull()
  })

  it('a wrong client secret', async () => {
    const { id } = await draft({ clientSecret: 'not-the-secret' })
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    await endsWith(id, callback, 'oauth_client_rejected', /Client ID with this Client Secret/)
    // The form is still there: with the right secret it goes on.
    await person.client.credentials.update({
      params: { id },
      body: { values: { clientId: app().clientId, clientSecret: app().clientSecret } },
    })
    expect((await authorize(id)).searchParams.get('result')).toBe('ok')
  })

  it('a code that expired', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    sandbox.control.advanceClock(120_000)
    await endsWith(id, callback, 'oauth_code_rejected', /expired/)
  })

  it('Close answering with an error or with nonsense', async () => {
    for (const fault of [{ kind: 'status', status: 500 }, { kind: 'nonsense' }] as const) {
      const { id } = await draft()
      const callback = await consent(person, await begin(id), {
        decision: 'allow',
        organizationId: organization(0),
      })
      sandbox.control.addFault({ target: 'token', ...fault })
      await endsWith(id, callback, 'oauth_failed', /Authorize again/)
    }
  })

  it('#25 a redirect from the token endpoint, which is not followed', async () => {
    let visits = 0
    const elsewhere = createServer((_, response) => {
      visits += 1
      response.end('{}')
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const address = elsewhere.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    for (const status of [302, 307]) {
      sandbox.control.addFault({
        target: 'token',
        kind: 'status',
        status,
        headers: { location: `http://127.0.0.1:${port}/` },
      })
    }
    await endsWith(id, callback, 'oauth_failed', /error/)
    expect(visits).toBe(0)
    await new Promise((resolve) => elsewhere.close(resolve))
  })

  it('Close dropping the connection', async () => {
    const { id } = await draft()
    const callback = await consent(person, await begin(id), {
      decision: 'allow',
      organizationId: organization(0),
    })
    sandbox.control.addFault({ target: 'token', kind: 'drop' })
    await endsWith(id, callback, 'unreachable', /reach/)
  })

  it('#9 an error code that nobody knows, with markup in its description', async () => {
    const { id } = await draft()
    const state = new URL(await begin(id)).searchParams.get('state') ?? ''
    const query = new URLSearchParams({
      state,
      error: 'teapot',
      error_description: '<script>alert(1)</script>',
    })
    await endsWith(id, `${publicUrl}/oauth/callback?${query}`, 'oauth_failed', /error/)
    expect(JSON.stringify(await get(id))).not.toContain('alert(')
  })
})

describe('authorizing a saved credential again', () => {
  async function saved(name: string): Promise<Credential> {
    const { id } = await draft()
    await authorize(id)
    return person.client.credentials.save({ params: { id }, body: { name } })
  }

  it('keeps its id and takes the new tokens', async () => {
    const { id } = await saved('Again')
    const before = tokenPosts()
    expect((await authorize(id)).searchParams.get('result')).toBe('ok')
    expect(tokenPosts()).toBe(before + 1)
    expect(await get(id)).toMatchObject({ id, name: 'Again', status: 'verified' })
  })

  it('is refused for another organization, naming both, unless confirmed; the new grant is then ended at Close', async () => {
    const { id } = await saved('Pinned')
    const alive = () => sandbox.control.grants().filter((grant) => grant.alive).length
    const before = alive()
    expect((await authorize(id, organization(1))).searchParams.get('result')).toBe('identity_changed')
    const refused = await get(id)
    expect(refused.status).toBe('verified')
    expect(refused.identity?.organizationId).toBe(organization(0))
    for (const { name } of sandbox.organizations.slice(0, 2)) expect(refused.reason?.message).toContain(name)
    expect(alive()).toBe(before)
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({ status: 'verified' })

    const { authorizeUrl } = await person.client.credentials.authorize({
      params: { id },
      body: { display: 'popup', confirmIdentityChange: true },
    })
    const callback = await consent(person, authorizeUrl, {
      decision: 'allow',
      organizationId: organization(1),
    })
    expect((await finish(callback)).searchParams.get('result')).toBe('ok')
    expect((await get(id)).identity?.organizationId).toBe(organization(1))
  })
})

describe('Close out of reach right after it gave the tokens', () => {
  const outage = () => sandbox.control.addFault({ target: 'api', kind: 'status', status: 503, times: 20 })

  it('keeps them, to be checked later', async () => {
    const { id } = await draft()
    outage()
    expect((await authorize(id)).searchParams.get('result')).toBe('ok')
    expect(await get(id)).toMatchObject({
      status: 'draft',
      identity: null,
      reason: { message: expect.stringMatching(/Close/) },
    })
    expect(await person.client.credentials.save({ params: { id }, body: { name: 'Unseen' } })).toMatchObject({
      status: 'unverified',
      reason: { code: 'never_checked' },
    })
    sandbox.control.clearFaults()
    expect(await person.client.credentials.check({ params: { id } })).toMatchObject({
      status: 'verified',
      identity: { organizationId: organization(0) },
    })
  })

  it('still tells another organization by the token answer', async () => {
    const { id } = await draft()
    await authorize(id)
    await person.client.credentials.save({ params: { id }, body: { name: 'Told apart' } })
    outage()
    expect((await authorize(id, organization(1))).searchParams.get('result')).toBe('identity_changed')
    expect((await get(id)).identity?.organizationId).toBe(organization(0))
  })
})

describe('Authorize', () => {
  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/api/session',
    '\\\\evil',
    '',
    '/ok\u0000',
    '///evil.example',
    '/./\\evil.example',
    '/..//evil.example',
    '/%2e%2e//evil.example',
    '\u2028//evil.example',
    ' //evil.example',
    '/\n/evil.example',
    'evil.example',
    '@evil.example',
    '/OAuth/callback?code=x',
    '/%61pi/../oauth/callback',
  ])('#11 refuses to return to %j', async (returnTo) => {
    const { id } = await draft()
    const refused = await problem(
      person.client.credentials.authorize({ params: { id }, body: { display: 'page', returnTo } }),
    )
    expect(refused).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ field: 'returnTo' }] })
  })

  it('refuses a draft whose app is not filled in, and a method that needs no authorization', async () => {
    const empty = await person.client.credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: {} },
    })
    expect(await problem(begin(empty.id))).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'values.clientId', message: 'Client ID is required.' }],
    })
    const key = await person.client.credentials.create({
      body: { connector: 'close', method: 'api_key', draft: true, values: {} },
    })
    expect(await problem(begin(key.id))).toMatchObject({ code: 'method_unknown' })
  })

  it('#6 #50 builds the redirect URI from the settings, whatever the request says', async () => {
    const { id } = await draft()
    const answer = await person.fetch(`${server.url}/api/credentials/${id}/authorize`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-latchwork': '1',
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        forwarded: 'host=evil.example',
      },
      body: JSON.stringify({ display: 'popup' }),
    })
    const { authorizeUrl } = JSON.parse(answer.body)
    expect(new URL(authorizeUrl).searchParams.get('redirect_uri')).toBe(`${publicUrl}/oauth/callback`)
    expect(authorizeUrl).not.toContain('evil')
  })

  it('#1 keeps of the state only a hash', async () => {
    const { id } = await draft()
    const state = new URL(await begin(id)).searchParams.get('state') ?? ''
    const rows = await server.app.stores.database.tables.selectFrom('authorizations').selectAll().execute()
    expect(JSON.stringify(rows)).toContain(createHash('sha256').update(state).digest('hex'))
    expect(JSON.stringify(rows)).not.toContain(state)
  })
})
