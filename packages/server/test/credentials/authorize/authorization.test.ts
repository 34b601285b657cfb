import { createHash } from 'node:crypto'
import type { Credential } from '@latchwork/contract'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { consent, problem } from '../../browser.ts'
import { publicUrl } from '../../running.ts'
import { AuthorizationGround } from './authorization-ground.ts'

let ground: AuthorizationGround
beforeAll(async () => {
  ground = await AuthorizationGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
afterEach(() => ground.sandbox.control.clearFaults())

describe('the three-legged authorization', () => {
  it('ends with tokens, the account pinned, and a credential that can be saved', async () => {
    const { id } = await ground.draft({ scope: 'all.full_access offline_access' })
    const url = new URL(await ground.begin(id))
    expect(url.origin + url.pathname).toBe(`${ground.sandbox.appUrl}/oauth2/authorize/`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: ground.app().clientId,
      redirect_uri: `${publicUrl}/oauth/callback`,
      code_challenge_method: 'S256',
      scope: 'all.full_access offline_access',
    })
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/)
    expect(url.href).not.toContain(ground.app().clientSecret)

    const done = await ground.finish(
      await consent(ground.person, url.href, { decision: 'allow', organizationId: ground.organization(1) }),
    )
    expect(done.pathname).toBe('/oauth/done')
    expect(Object.fromEntries(done.searchParams)).toEqual({ credential: id, result: 'ok' })
    const authorized = await ground.get(id)
    expect(authorized).toMatchObject({ status: 'draft', reason: null, grantedScope: expect.any(String) })
    expect(authorized.identity?.organizationId).toBe(ground.organization(1))
    expect(authorized.secretsSet.sort()).toEqual(['accessToken', 'clientSecret', 'refreshToken'])

    const saved = await ground.person.client.credentials.save({ params: { id }, body: { name: 'Ops' } })
    expect(saved).toMatchObject({ id, status: 'verified', name: 'Ops' })
    expect(await ground.person.client.credentials.check({ params: { id } })).toMatchObject({
      status: 'verified',
    })
  })

  it('#29 asks for no scope when none was given', async () => {
    expect(new URL(await ground.begin((await ground.draft()).id)).searchParams.has('scope')).toBe(false)
  })

  it('comes back to the page where no popup could be opened', async () => {
    const { id } = await ground.draft()
    const url = await ground.begin(id, { display: 'page', returnTo: '/new?step=2' })
    const done = await ground.finish(
      await consent(ground.person, url, { decision: 'allow', organizationId: ground.organization(0) }),
    )
    expect(done.pathname + done.search).toBe(`/new?step=2&draft=${id}&result=ok`)
  })

  it('survives a restart of the server between Authorize and the callback', async () => {
    const { id } = await ground.draft()
    const callback = await consent(ground.person, await ground.begin(id), {
      decision: 'allow',
      organizationId: ground.organization(0),
    })
    await ground.server.restart()
    expect((await ground.finish(callback)).searchParams.get('result')).toBe('ok')
    expect((await ground.get(id)).identity?.organizationId).toBe(ground.organization(0))
  })
})

describe('authorizing a saved credential again', () => {
  async function saved(name: string): Promise<Credential> {
    const { id } = await ground.draft()
    await ground.authorize(id)
    return ground.person.client.credentials.save({ params: { id }, body: { name } })
  }

  it('keeps its id and takes the new tokens', async () => {
    const { id } = await saved('Again')
    const before = ground.tokenPosts()
    expect((await ground.authorize(id)).searchParams.get('result')).toBe('ok')
    expect(ground.tokenPosts()).toBe(before + 1)
    expect(await ground.get(id)).toMatchObject({ id, name: 'Again', status: 'verified' })
  })

  it('is refused for another organization, naming both, unless confirmed; the new grant is then ended at Close', async () => {
    const { id } = await saved('Pinned')
    const alive = () => ground.sandbox.control.grants().filter((grant) => grant.alive).length
    const before = alive()
    expect((await ground.authorize(id, ground.organization(1))).searchParams.get('result')).toBe(
      'identity_changed',
    )
    const refused = await ground.get(id)
    expect(refused.status).toBe('verified')
    expect(refused.identity?.organizationId).toBe(ground.organization(0))
    for (const { name } of ground.sandbox.organizations.slice(0, 2))
      expect(refused.reason?.message).toContain(name)
    expect(alive()).toBe(before)
    expect(await ground.person.client.credentials.check({ params: { id } })).toMatchObject({
      status: 'verified',
    })

    const { authorizeUrl } = await ground.person.client.credentials.authorize({
      params: { id },
      body: { display: 'popup', confirmIdentityChange: true },
    })
    const callback = await consent(ground.person, authorizeUrl, {
      decision: 'allow',
      organizationId: ground.organization(1),
    })
    expect((await ground.finish(callback)).searchParams.get('result')).toBe('ok')
    expect((await ground.get(id)).identity?.organizationId).toBe(ground.organization(1))
  })
})

describe('Close out of reach right after it gave the tokens', () => {
  const outage = () =>
    ground.sandbox.control.addFault({ target: 'api', kind: 'status', status: 503, times: 20 })

  it('keeps them, to be checked later', async () => {
    const { id } = await ground.draft()
    outage()
    expect((await ground.authorize(id)).searchParams.get('result')).toBe('ok')
    expect(await ground.get(id)).toMatchObject({
      status: 'draft',
      identity: null,
      reason: { message: expect.stringMatching(/Close/) },
    })
    expect(
      await ground.person.client.credentials.save({ params: { id }, body: { name: 'Unseen' } }),
    ).toMatchObject({
      status: 'unverified',
      reason: { code: 'never_checked' },
    })
    ground.sandbox.control.clearFaults()
    expect(await ground.person.client.credentials.check({ params: { id } })).toMatchObject({
      status: 'verified',
      identity: { organizationId: ground.organization(0) },
    })
  })

  it('still tells another organization by the token answer', async () => {
    const { id } = await ground.draft()
    await ground.authorize(id)
    await ground.person.client.credentials.save({ params: { id }, body: { name: 'Told apart' } })
    outage()
    expect((await ground.authorize(id, ground.organization(1))).searchParams.get('result')).toBe(
      'identity_changed',
    )
    expect((await ground.get(id)).identity?.organizationId).toBe(ground.organization(0))
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
    const { id } = await ground.draft()
    const refused = await problem(
      ground.person.client.credentials.authorize({ params: { id }, body: { display: 'page', returnTo } }),
    )
    expect(refused).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ field: 'returnTo' }] })
  })

  it('refuses a draft whose app is not filled in, and a method that needs no authorization', async () => {
    const empty = await ground.person.client.credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: {} },
    })
    expect(await problem(ground.begin(empty.id))).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'values.clientId', message: 'Client ID is required.' }],
    })
    const key = await ground.person.client.credentials.create({
      body: { connector: 'close', method: 'api_key', draft: true, values: {} },
    })
    expect(await problem(ground.begin(key.id))).toMatchObject({ code: 'method_unknown' })
  })

  it('#6 #50 builds the redirect URI from the settings, whatever the request says', async () => {
    const { id } = await ground.draft()
    const answer = await ground.person.fetch(`${ground.server.url}/api/credentials/${id}/authorize`, {
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
    const { id } = await ground.draft()
    const state = new URL(await ground.begin(id)).searchParams.get('state') ?? ''
    const rows = await ground.server.app.stores.database.tables
      .selectFrom('authorizations')
      .selectAll()
      .execute()
    expect(JSON.stringify(rows)).toContain(createHash('sha256').update(state).digest('hex'))
    expect(JSON.stringify(rows)).not.toContain(state)
  })
})
