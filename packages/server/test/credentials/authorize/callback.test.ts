import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { consent } from '../../browser.ts'
import { publicUrl } from '../../running.ts'
import { AuthorizationGround } from './authorization-ground.ts'

let ground: AuthorizationGround
beforeAll(async () => {
  ground = await AuthorizationGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
afterEach(() => ground.sandbox.control.clearFaults())

describe('a callback that must not be believed', () => {
  const refused = { result: 'oauth_state_unknown' }

  it.each([
    '',
    '?code=abc',
    '?code=abc&state=unknown',
    '?state=a&state=b&code=c',
    `?code=a&state=${'x'.repeat(6000)}`,
  ])('#1 with no state that is known: %s', async (query) => {
    const before = ground.tokenPosts()
    const done = await ground.finish(`${publicUrl}/oauth/callback${query}`)
    expect(done.pathname).toBe('/oauth/done')
    expect(Object.fromEntries(done.searchParams)).toEqual(refused)
    expect(ground.tokenPosts()).toBe(before)
  })

  it('#1 with a state of another browser', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    const before = ground.tokenPosts()
    const other = await ground.server.signedIn()
    const theirs = await ground.draft()
    await other.client.credentials.authorize({ params: { id: theirs.id }, body: { display: 'popup' } })
    for (const browser of [other, ground.server.browser()]) {
      const done = await ground.finish(callback, browser)
      expect(Object.fromEntries(done.searchParams)).toEqual(refused)
    }
    expect(ground.tokenPosts()).toBe(before)
    expect((await ground.get(id)).identity).toBeNull()
  })

  it('#1 #8 with a state used before, even at the same moment: one token request, and the first stays good', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    const before = ground.tokenPosts()
    const sides = await Promise.all(Array.from({ length: 5 }, () => ground.finish(callback)))
    expect(sides.map((done) => done.searchParams.get('result')).sort()).toEqual(
      [
        'oauth_state_unknown',
        'oauth_state_unknown',
        'oauth_state_unknown',
        'oauth_state_unknown',
        'ok',
      ].sort(),
    )
    expect(ground.tokenPosts()).toBe(before + 1)
    expect((await ground.get(id)).identity).not.toBeNull()
  })

  it('#1 with a state older than ten minutes', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    const { tables } = ground.server.app.stores.database
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
    const before = ground.tokenPosts()
    expect(Object.fromEntries((await ground.finish(callback)).searchParams)).toEqual(refused)
    expect(ground.tokenPosts()).toBe(before)
  })

  it('#4 with an issuer that is not Close', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    const before = ground.tokenPosts()
    const done = await ground.finish(`${callback}&iss=https%3A%2F%2Fevil.example`)
    expect(done.searchParams.get('result')).toBe('oauth_failed')
    expect(ground.tokenPosts()).toBe(before)
  })

  it('#5 with a code that was given to another OAuth app', async () => {
    const other = ground.sandbox.control.createOAuthApp('Other app', [`${publicUrl}/oauth/callback`])
    const ours = await ground.draft()
    const theirs = await ground.draft({ clientId: other.clientId, clientSecret: other.clientSecret })
    const choice = { decision: 'allow', organizationId: ground.organization(0) } as const
    const ourCallback = new URL(await consent(ground.person, await ground.begin(ours.id), choice))
    const theirCallback = new URL(await consent(ground.person, await ground.begin(theirs.id), choice))
    const mixed = new URL(ourCallback)
    mixed.searchParams.set('code', theirCallback.searchParams.get('code') ?? '')

    const done = await ground.finish(mixed.href)
    expect(Object.fromEntries(done.searchParams)).toEqual({
      credential: ours.id,
      result: 'oauth_code_rejected',
    })
    expect(ground.sandbox.control.requests().at(-1)).toMatchObject({
      clientId: ground.app().clientId,
      status: 400,
    })
    expect((await ground.get(ours.id)).secretsSet).toEqual(['clientSecret'])
    // The one that it was given to is not harmed, and the spent state takes no second try.
    expect((await ground.finish(ourCallback.href)).searchParams.get('result')).toBe('oauth_state_unknown')
    expect((await ground.finish(theirCallback.href)).searchParams.get('result')).toBe('ok')
  })

  it('is not spent by a HEAD request', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    expect((await ground.person.fetch(callback, { method: 'HEAD' })).status).toBeGreaterThanOrEqual(404)
    expect((await ground.finish(callback)).searchParams.get('result')).toBe('ok')
  })
})

describe('an authorization that comes to nothing brings the person back with what to do', () => {
  async function endsWith(id: string, callback: string, code: string, message: RegExp): Promise<void> {
    const done = await ground.finish(callback)
    expect(Object.fromEntries(done.searchParams)).toEqual({ credential: id, result: code })
    const { reason, status, values } = await ground.get(id)
    expect(status).toBe('draft')
    expect(reason?.code).toBe(code)
    expect(reason?.message).toMatch(message)
    expect(values['clientId']).toBe(ground.app().clientId)
  }

  it('access declined', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), { decision: 'decline' })
    await endsWith(id, callback, 'oauth_declined', /declined/)
    expect((await ground.authorize(id)).searchParams.get('result')).toBe('ok')
    expect((await ground.get(id)).reason).toBeNull()
  })

  it('a wrong client secret', async () => {
    const { id } = await ground.draft({ clientSecret: 'not-the-secret' })
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    await endsWith(id, callback, 'oauth_client_rejected', /Client ID with this Client Secret/)
    // The form is still there: with the right secret it goes on.
    await ground.person.client.credentials.update({
      params: { id },
      body: { values: { clientId: ground.app().clientId, clientSecret: ground.app().clientSecret } },
    })
    expect((await ground.authorize(id)).searchParams.get('result')).toBe('ok')
  })

  it('a code that expired', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    ground.sandbox.control.advanceClock(120_000)
    await endsWith(id, callback, 'oauth_code_rejected', /expired/)
  })

  it('Close answering with an error or with nonsense', async () => {
    for (const fault of [{ kind: 'status', status: 500 }, { kind: 'nonsense' }] as const) {
      const { id } = await ground.draft()
      const callback = await consent(ground.person, await ground.begin(id), {
        decision: 'allow',
        organizationId: ground.organization(0),
      })
      ground.sandbox.control.addFault({ target: 'token', ...fault })
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
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    for (const status of [302, 307]) {
      ground.sandbox.control.addFault({
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
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    ground.sandbox.control.addFault({ target: 'token', kind: 'drop' })
    await endsWith(id, callback, 'unreachable', /reach/)
  })

  it('#9 an error code that nobody knows, with markup in its description', async () => {
    const { id } = await ground.draft()
    const state = new URL(await ground.begin(id)).searchParams.get('state') ?? ''
    const query = new URLSearchParams({
      state,
      error: 'teapot',
      error_description: '<script>alert(1)</script>',
    })
    await endsWith(id, `${publicUrl}/oauth/callback?${query}`, 'oauth_failed', /error/)
    expect(JSON.stringify(await ground.get(id))).not.toContain('alert(')
  })
})
