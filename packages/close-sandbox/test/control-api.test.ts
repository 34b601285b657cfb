import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, type Sandbox, startSandbox } from '../src/index.ts'
import { type Answer, caller, clientForm, idOf, rowsOf, send, tokensOf } from './client.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 5 })
})
afterAll(() => sandbox.close())

const control = (method: string, command: string, body?: Json): Promise<Answer> =>
  send(`${sandbox.apiUrl}/__control/${command}`, method, body)

const leadsNow = () => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')

describe('control over HTTP', () => {
  it('describes the sandbox and its commands', async () => {
    const { body } = await control('GET', '')
    expect(body).toMatchObject({ organizations: sandbox.organizations, apiKeys: sandbox.apiKeys })
    expect(body['commands']).toContain('advance-clock')
  })

  it('gives the truth', async () => {
    expect(rowsOf(await control('GET', 'truth/lead'))).toEqual(leadsNow())
    const second = sandbox.organizations[1]?.id
    expect(rowsOf(await control('GET', `truth/contact?organization_id=${second}`)).length).toBeGreaterThan(0)
    expect((await control('GET', 'truth/spaceship')).status).toBe(400)
  })

  it('orders faults and takes them back', async () => {
    expect((await control('POST', 'faults', { target: 'api', kind: 'status', status: 503 })).status).toBe(200)
    expect((await caller(sandbox)('GET', '/me/')).status).toBe(503)
    await control('POST', 'faults', { target: 'api', kind: 'drop', times: 5 })
    expect((await control('GET', 'faults')).body['faults']).toHaveLength(1)
    await control('DELETE', 'faults')
    expect((await caller(sandbox)('GET', '/me/')).status).toBe(200)
    const wrong = await control('POST', 'faults', { target: 'api', kind: 'meteor' })
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('kind')
  })

  it('shows and clears the request log, in which it does not appear', async () => {
    await control('DELETE', 'requests')
    await caller(sandbox)('GET', '/me/?_fields=id')
    const { body } = await control('GET', 'requests')
    expect(body['requests']).toMatchObject([
      { method: 'GET', path: '/api/v1/me/', query: '_fields=id', status: 200 },
    ])
  })

  it('changes records, at once or between pages', async () => {
    const [lead] = leadsNow()
    await control('POST', 'mutate', [
      { action: 'edit', type: 'lead', id: idOf(lead), changes: { name: 'Edited' } },
      { action: 'insert', type: 'lead', record: { name: 'Inserted' } },
    ])
    expect(leadsNow().map(({ name }) => name)).toEqual(expect.arrayContaining(['Edited', 'Inserted']))
    const script = {
      path: '/api/v1/lead/',
      afterPages: 1,
      do: [{ action: 'delete', type: 'lead', id: idOf(lead) }],
    }
    await control('POST', 'on-list-page', script)
    const page = await caller(sandbox)('GET', '/lead/')
    expect(rowsOf(page).map(idOf)).toContain(idOf(lead))
    expect(leadsNow().map(idOf)).not.toContain(idOf(lead))
    await control('POST', 'bulk-edit', {
      type: 'lead',
      ids: leadsNow().map(idOf),
      changes: { description: 'All' },
    })
    expect(leadsNow().every(({ description }) => description === 'All')).toBe(true)
  })

  it('sets tokens, clock, latency and limits', async () => {
    expect((await control('POST', 'access-token-lifetime', { seconds: 60 })).status).toBe(200)
    const { access } = await tokensOf(sandbox)
    await control('POST', 'advance-clock', { milliseconds: 61_000 })
    const me = await send(`${sandbox.apiUrl}/api/v1/me/`, 'GET', undefined, {
      authorization: `Bearer ${access}`,
    })
    expect(me.status).toBe(401)
    expect((await control('POST', 'refresh-reuse', { mode: 'grace', seconds: 5 })).status).toBe(200)
    expect((await control('POST', 'latency', { milliseconds: 0 })).status).toBe(200)
    await control('POST', 'rate-limit', { limit: 1, windowSeconds: 60 })
    await caller(sandbox)('GET', '/me/')
    expect((await caller(sandbox)('GET', '/me/')).status).toBe(429)
    expect((await control('POST', 'rate-limit', null)).status).toBe(200)
    expect((await caller(sandbox)('GET', '/me/')).status).toBe(200)
  })

  it('makes, moves, disables and deletes keys', async () => {
    const [organization, other] = sandbox.organizations
    const made = await control('POST', 'create-key', {
      userId: sandbox.users[0]?.id ?? '',
      organizationId: organization?.id ?? '',
    })
    const keyId = idOf(made.body)
    const headers = { authorization: `Basic ${btoa(`${made.body['key']}:`)}` }
    const me = () => caller(sandbox, headers)('GET', '/me/')
    await control('POST', 'move-key', { keyId, organizationId: other?.id ?? '' })
    expect((await me()).body['organizations']).toMatchObject([{ id: other?.id }])
    await control('POST', 'enable-key', { keyId, enabled: false })
    expect((await me()).status).toBe(401)
    expect((await control('POST', 'delete-key', { keyId })).status).toBe(200)
    expect((await control('POST', 'delete-key', { keyId })).status).toBe(400)
  })

  it('gives consent, registers addresses, changes secrets and revokes', async () => {
    const { client_id: clientId } = clientForm(sandbox)
    expect((await control('POST', 'authorize', { clientId })).body['code']).toMatch(/^code/)
    expect(
      (await control('POST', 'register-redirect-uri', { clientId, uri: 'http://plain.example/' })).status,
    ).toBe(400)
    expect(
      (await control('POST', 'register-redirect-uri', { clientId, uri: 'https://new.example/cb' })).status,
    ).toBe(200)
    await control('POST', 'revoke-grants', { clientId })
    expect(sandbox.control.grants().every(({ alive }) => !alive)).toBe(true)
    await control('POST', 'client-secret', { clientId, clientSecret: 'changed' })
    expect(sandbox.oauthApps[0]?.clientSecret).toBe('changed')
  })

  it('refuses what it does not know', async () => {
    expect((await control('POST', 'constructor', {})).status).toBe(404)
    expect((await control('POST', 'latency', { milliseconds: 'slow' })).status).toBe(400)
    expect((await control('PUT', 'latency', { milliseconds: 1 })).status).toBe(405)
    const noJson = await fetch(`${sandbox.apiUrl}/__control/latency`, { method: 'POST', body: '{' })
    expect(noJson.status).toBe(400)
  })

  it('has a front page with everything needed to begin', async () => {
    const page = await send(`${sandbox.apiUrl}/`, 'GET')
    expect(page.headers.get('content-type')).toContain('text/html')
    for (const text of [sandbox.apiKeys[0]?.key ?? '-', clientForm(sandbox).client_id, 'Beta Beverages']) {
      expect(page.text).toContain(text)
    }
  })
})
