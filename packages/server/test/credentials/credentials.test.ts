import { createHash } from 'node:crypto'
import { createClient, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, consent, location, problem } from '../browser.ts'
import { publicUrl, type Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let server: Running
let person: Browser

beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, server, person } = made)
  return made.stop
})
afterEach(() => sandbox.control.clearFaults())

const key = (index: number) => sandbox.apiKeys[index]?.key ?? ''
const organization = (index: number) => sandbox.organizations[index] ?? { id: '', name: '' }
const api = () => person.client.credentials
const create = (name: string, values: Record<string, string>, rest = {}) =>
  api().create({ body: { connector: 'close', method: 'api_key', name, values, ...rest } })

describe('changing', () => {
  it('name, description and tags', async () => {
    const { id } = await create('Plain', { apiKey: key(0) })
    const changed = await api().update({
      params: { id },
      body: { name: 'Better', description: 'For the nightly\nimport', tags: ['night'] },
    })
    expect(changed).toMatchObject({ name: 'Better', description: 'For the nightly\nimport', tags: ['night'] })
    const values = { apiKey: key(0) }
    expect(await problem(api().update({ params: { id }, body: { values } }))).toMatchObject({
      errors: [{ field: 'values', rule: 'draft_only' }],
    })
  })

  it('replaces a key in place after a check', async () => {
    const { id } = await create('Replaced', { apiKey: key(0) })
    const replace = (apiKey: string, confirmIdentityChange = false) =>
      api().secrets({ params: { id }, body: { values: { apiKey }, confirmIdentityChange } })
    const user = sandbox.apiKeys[0]?.userId ?? ''
    const second = sandbox.control.createKey(user, organization(0).id)

    expect(await problem(replace('api_wrong.key'))).toMatchObject({
      status: 422,
      code: 'api_key_rejected',
      errors: [{ field: 'values.apiKey' }],
    })
    sandbox.control.addFault({ target: 'api', kind: 'drop', times: 10 })
    expect(await problem(replace(second.key))).toMatchObject({ status: 502, code: 'unreachable' })
    sandbox.control.clearFaults()
    expect(await api().check({ params: { id } })).toMatchObject({ status: 'verified' })

    expect(await replace(second.key)).toMatchObject({ id, status: 'verified' })
    sandbox.control.deleteKey(sandbox.apiKeys.find((each) => each.key === second.key)?.id ?? second.id)
    expect(await api().check({ params: { id } })).toMatchObject({
      status: 'failed',
      reason: { code: 'api_key_disabled' },
    })
    expect(await replace(key(0))).toMatchObject({ id, status: 'verified', reason: null })
    expect(await problem(replace(''))).toMatchObject({ code: 'invalid_input' })
  })

  it("refuses another organization's key, naming both, unless that is confirmed", async () => {
    const { id } = await create('Moved', { apiKey: key(0) })
    const body = { values: { apiKey: key(1) } }
    const refused = await problem(api().secrets({ params: { id }, body }))
    expect(refused).toMatchObject({ status: 409, code: 'identity_changed' })
    expect(refused.detail).toContain(organization(0).name)
    expect(refused.detail).toContain(organization(1).name)
    expect((await api().get({ params: { id } })).identity?.organizationId).toBe(organization(0).id)
    const moved = await api().secrets({ params: { id }, body: { ...body, confirmIdentityChange: true } })
    expect(moved.identity?.organizationId).toBe(organization(1).id)
  })

  it('notices by a check that a key answers for another organization', async () => {
    const { userId = '' } = sandbox.apiKeys[0] ?? {}
    const moving = sandbox.control.createKey(userId, organization(0).id)
    const { id } = await create('Drifting', { apiKey: moving.key })
    sandbox.control.moveKey(moving.id, organization(1).id)
    const drifted = await api().check({ params: { id } })
    expect(drifted).toMatchObject({ status: 'failed', reason: { code: 'identity_changed' } })
    expect(drifted.identity?.organizationId).toBe(organization(0).id)
    expect(drifted.reason?.message).toContain(organization(1).name)
  })

  it('of two replacements at once, both are whole', async () => {
    const { id } = await create('Raced', { apiKey: key(0) })
    const { userId = '' } = sandbox.apiKeys[0] ?? {}
    const keys = [1, 2, 3].map(() => sandbox.control.createKey(userId, organization(0).id).key)
    const sides = await Promise.allSettled(
      keys.map((apiKey) => api().secrets({ params: { id }, body: { values: { apiKey } } })),
    )
    expect(sides.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect(await api().check({ params: { id } })).toMatchObject({ status: 'verified' })
  })
})

describe('deleting', () => {
  it('is refused while something uses it, with the list', async () => {
    const { id } = await create('Used', { apiKey: key(0) })
    const { stores } = server.app
    const source = await stores.sides.insert({
      id: newId('source'),
      kind: 'source',
      connector: 'close',
      credentialId: id,
      ownerId: (await api().get({ params: { id } })).owner.id,
      name: 'Leads',
      description: '',
      config: {},
    })
    expect((await api().get({ params: { id } })).usageCount).toBe(1)
    expect(await api().usage({ params: { id } })).toMatchObject({
      items: [{ kind: 'source', name: 'Leads' }],
    })
    const refused = await problem(api().delete({ params: { id } }))
    expect(refused).toMatchObject({
      status: 409,
      code: 'credential_in_use',
      detail: 'Used by 1 source. Move them to another credential, or remove them first.',
      blockers: [{ kind: 'source', id: source.id, name: 'Leads' }],
    })
    await stores.sides.erase(source.id)
    await api().delete({ params: { id } })
    expect(await problem(api().get({ params: { id } }))).toMatchObject({ code: 'credential_not_found' })
    expect(await create('Used', { apiKey: key(0) })).toMatchObject({ name: 'Used' })
  })

  it('#30 ends the grant at Close, of a saved one and of a draft', async () => {
    for (const saved of [true, false]) {
      const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
      const { id } = await create('', { clientId, clientSecret }, { method: 'oauth2', draft: true })
      const { authorizeUrl } = await api().authorize({ params: { id }, body: { display: 'popup' } })
      const choice = { decision: 'allow', organizationId: organization(0).id } as const
      const done = location(await person.fetch(await consent(person, authorizeUrl, choice)))
      expect(new URL(done, publicUrl).searchParams.get('result')).toBe('ok')
      if (saved) await api().save({ params: { id }, body: { name: 'Ended' } })
      const alive = () => sandbox.control.grants().filter((grant) => grant.alive).length
      expect(alive()).toBe(1)
      await api().delete({ params: { id } })
      await expect.poll(alive).toBe(0)
    }
  })
})

describe('drafts', () => {
  it('keep what was typed, do not show in the list, and can only be authorized or deleted', async () => {
    const draft = await create(
      '',
      { clientId: 'oa2client_x', clientSecret: 'hush' },
      { method: 'oauth2', draft: true },
    )
    expect(draft).toMatchObject({
      status: 'draft',
      name: '',
      values: { clientId: 'oa2client_x' },
      secretsSet: ['clientSecret'],
    })
    const params = { id: draft.id }
    const { items } = await api().list({ query: { limit: 200 } })
    expect(items.some(({ id }) => id === draft.id)).toBe(false)
    expect(await problem(api().save({ params, body: { name: 'Early' } }))).toMatchObject({
      code: 'not_authorized',
    })
    expect(await problem(api().check({ params }))).toMatchObject({ code: 'credential_draft' })
    expect(await problem(create('Direct', draft.values, { method: 'oauth2' }))).toMatchObject({
      errors: [{ field: 'values.clientSecret' }],
    })
    const later = await api().update({
      params,
      body: { name: 'Typed', values: { clientId: 'oa2client_y', clientSecret: '' } },
    })
    expect(later).toMatchObject({
      name: 'Typed',
      values: { clientId: 'oa2client_y' },
      secretsSet: ['clientSecret'],
    })
    await api().delete({ params })
  })

  it('are swept away after their hour, their grants ended at Close', async () => {
    const draft = await create('', { clientId: 'x' }, { method: 'oauth2', draft: true })
    const { stores, tick } = server.app
    await stores.credentials.update(draft.id, { draftExpiresAt: Date.now() - 1000 })
    await tick(new AbortController().signal)
    expect(await problem(api().get({ params: { id: draft.id } }))).toMatchObject({
      code: 'credential_not_found',
    })
  })
})

describe('the list', () => {
  it('searches, filters, pages, and refuses a cursor that it did not make', async () => {
    for (const name of ['Page one', 'Page two', 'Page three']) await create(name, { apiKey: key(0) })
    const first = await api().list({ query: { query: 'page', limit: 2 } })
    expect(first.total).toBe(3)
    const { nextCursor } = first
    const second = await api().list({ query: { query: 'page', limit: 2, cursor: nextCursor ?? '' } })
    expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual([
      'Page one',
      'Page three',
      'Page two',
    ])
    expect(second.nextCursor).toBeNull()
    const none = await api().list({ query: { query: 'page', status: 'failed', connector: 'close' } })
    expect(none.items).toEqual([])
    for (const query of [{ cursor: 'made-up' }, { limit: 0 }, { limit: 201 }, { query: 'x'.repeat(201) }]) {
      expect(await problem(api().list({ query }))).toMatchObject({ status: 400, code: 'invalid_input' })
    }
  })
})

describe("another person's credential", () => {
  it('may be seen and checked by an operator, but not changed', async () => {
    const { id } = await create('Not yours', { apiKey: key(0) })
    const { stores } = server.app
    const now = new Date().toISOString()
    const userId = newId('user')
    await stores.kysely
      .insertInto('user')
      .values({
        id: userId,
        name: 'Teal',
        email: 'teal@hollowoak.example',
        emailVerified: 0,
        image: null,
        createdAt: now,
        updatedAt: now,
        role: 'member',
      })
      .execute()
    const token = `lw_${'m'.repeat(43)}`
    const hash = createHash('sha256').update(token).digest('hex')
    await stores.tokens.insert({
      id: newId('token'),
      userId,
      name: 't',
      hash,
      suffix: 'mmmm',
      expiresAt: null,
    })
    const member = createClient({
      baseUrl: server.url,
      token,
      fetch: (url, init) => server.browser().fetch(url, init),
    }).credentials
    const params = { id }
    await person.client.credentialAccess.set({ params, body: { memberId: userId, role: 'operator' } })
    expect(await member.get({ params })).toMatchObject({ name: 'Not yours' })
    expect(await member.check({ params })).toMatchObject({ status: 'verified' })
    for (const call of [
      () => member.update({ params, body: { name: 'Mine' } }),
      () => member.delete({ params }),
      () => member.secrets({ params, body: { values: { apiKey: key(0) } } }),
      () => member.save({ params, body: { name: 'Mine' } }),
      () => member.authorize({ params, body: { display: 'popup' } }),
    ]) {
      expect(await problem(call())).toMatchObject({ status: 403, code: 'forbidden' })
    }
    const own = await member.create({
      body: { connector: 'close', method: 'api_key', name: 'Not yours', values: { apiKey: key(0) } },
    })
    expect(own.owner.name).toBe('Teal')
  })
})
