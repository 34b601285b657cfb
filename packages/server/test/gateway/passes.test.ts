import type { Client, PassFilter } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { type Person, peopleOf } from '../identity/table.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { callGateway, newToken } from './calling.ts'

const rules = { objects: { lead: ['read' as const], task: ['read' as const, 'create' as const] } }
const of = (id: string) => ({ params: { id } })

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('passes, on %s', (_database, makePlace) => {
  let setting: WithClose
  let client: Client
  let credentialId: string
  let people: ReadonlyMap<string, Person>
  beforeAll(async () => {
    setting = await startWithClose({ leads: 5, makePlace })
    client = setting.person.client
    const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
    const body = { connector: 'close', method: 'api_key', name: 'Close', values }
    credentialId = (await client.credentials.create({ body })).id
    people = await peopleOf(setting.server)
  })
  afterAll(() => setting?.stop())
  const person = (column: string): Person => {
    const found = people.get(column)
    if (found === undefined) throw new Error(column)
    return found
  }
  const fails = (promise: Promise<unknown>, code: string) =>
    expect(promise).rejects.toMatchObject({ problem: { code } })

  it('#43 are made with a token that is shown once, and last thirty days', async () => {
    const { pass, token } = await client.passes.create({
      body: {
        name: 'Nightly',
        purpose: 'a report',
        credentialId,
        rules,
        perSecond: 5,
        addresses: ['127.0.0.1'],
      },
    })
    expect(token).toMatch(/^lwp_[\w-]{27,}$/)
    expect(pass).toMatchObject({
      ...{ name: 'Nightly', purpose: 'a report', status: 'active', perSecond: 5, perDay: null },
      ...{ may: 'May read leads and tasks; create tasks.', suffix: token.slice(-4), neverBecause: null },
      credential: { id: credentialId, name: 'Close' },
    })
    const days = (Date.parse(pass.expiresAt ?? '') - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThan(30.1)
    const shown = JSON.stringify([await client.passes.get(of(pass.id)), await client.passes.list({})])
    expect(shown).not.toContain(token)
    const row = await setting.server.app.stores.passes.find(pass.id)
    expect(JSON.stringify(row)).not.toContain(token)
  })

  it('never end only with a reason, and not in the past', async () => {
    const body = { name: 'For ever', credentialId, rules }
    await fails(client.passes.create({ body: { ...body, expiresAt: null } }), 'invalid_input')
    await fails(
      client.passes.create({ body: { ...body, expiresAt: '2020-01-01T00:00:00Z' } }),
      'invalid_input',
    )
    const because = { expiresAt: null, neverBecause: 'the plant controller cannot be changed' }
    const { pass } = await client.passes.create({ body: { ...body, ...because } })
    expect(pass).toMatchObject(because)
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const changed = await client.passes.update({ ...of(pass.id), body: { expiresAt } })
    expect(changed).toMatchObject({ expiresAt, neverBecause: null })
    await fails(client.passes.update({ ...of(pass.id), body: { expiresAt: null } }), 'invalid_input')
  })

  it('say what is wrong with what they are to do', async () => {
    const create = (more: object) =>
      client.passes.create({ body: { name: 'Wrong', credentialId, rules, ...more } })
    await fails(create({ rules: { objects: {} } }), 'pass_invalid')
    await fails(create({ rules: { objects: { meeting: ['create'] } } }), 'invalid_input')
    await fails(create({ rules: { objects: { invented: ['read'] } } }), 'invalid_input')
    await fails(create({ rules: { ...rules, fields: { contact: { read: ['name'] } } } }), 'pass_invalid')
    await fails(create({ rules: { ...rules, paths: [{ method: 'GET', path: '/a b/' }] } }), 'invalid_input')
    await fails(create({ addresses: ['localhost'] }), 'invalid_input')
    await fails(create({ perSecond: 0 }), 'invalid_input')
  })

  it('#52 are for a credential that their maker may use, and stop when that right ends', async () => {
    const stranger = person('stranger')
    await fails(newToken(stranger.client, credentialId), 'credential_not_found')
    const grant = (role: 'collaborator' | null) =>
      client.credentialAccess.set({ ...of(credentialId), body: { memberId: stranger.id, role } })
    await grant('collaborator')
    const { id, token } = await newToken(stranger.client, credentialId)
    expect((await callGateway(setting.server, token, '/api/v1/lead/?_limit=1')).status).toBe(200)
    await grant(null)
    await expect
      .poll(async () => (await callGateway(setting.server, token, '/api/v1/lead/?_limit=1')).status)
      .toBe(503)
    await fails(stranger.client.passes.rotate({ ...of(id), body: {} }), 'credential_not_found')
    await fails(stranger.client.passes.update({ ...of(id), body: { rules } }), 'credential_not_found')
    const shown = await stranger.client.passes.get(of(id))
    expect(shown.credential).toEqual({ id: credentialId, name: null, organization: null })
  })

  it('#53 end with the member who owns them', async () => {
    const leaving = person('collaborator')
    await client.credentialAccess.set({
      ...of(credentialId),
      body: { memberId: leaving.id, role: 'collaborator' },
    })
    const { id, token } = await newToken(leaving.client, credentialId, { name: 'Nightly' })
    await client.members.remove({ ...of(leaving.id), query: {} })
    await expect
      .poll(async () => (await callGateway(setting.server, token, '/api/v1/lead/')).status)
      .toBe(401)
    const shown = await client.passes.get(of(id))
    expect(shown.status).toBe('revoked')
    // The heir has one of that name already.
    expect(shown.name).toMatch(/^Nightly \(/)
  })

  it('are rotated: both tokens work, then only the new one', async () => {
    const { id, token } = await newToken(client, credentialId)
    const works = async (with_: string) =>
      (await callGateway(setting.server, with_, '/api/v1/lead/')).status === 200
    const { token: second, pass } = await client.passes.rotate({ ...of(id), body: { overlapHours: 1 } })
    expect(pass.oldTokenUntil).not.toBeNull()
    expect([await works(token), await works(second)]).toEqual([true, true])
    const { token: third } = await client.passes.rotate({ ...of(id), body: { overlapHours: 0 } })
    await expect.poll(() => works(second)).toBe(false)
    expect([await works(token), await works(third)]).toEqual([false, true])
  })

  it('are revoked at once, and stay so', async () => {
    const { id, token } = await newToken(client, credentialId)
    expect((await callGateway(setting.server, token, '/api/v1/lead/')).status).toBe(200)
    expect((await client.passes.revoke(of(id))).status).toBe('revoked')
    const answer = await callGateway(setting.server, token, '/api/v1/lead/')
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('Basic')
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'pass_revoked', status: 401 })
    await fails(client.passes.rotate({ ...of(id), body: {} }), 'pass_over')
    await fails(client.passes.update({ ...of(id), body: { purpose: 'x' } }), 'pass_over')
    await client.passes.delete(of(id))
    await fails(client.passes.get(of(id)), 'pass_not_found')
  })

  it('keep their credential from being deleted unseen, and move with its other users', async () => {
    const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
    const make = (name: string) =>
      client.credentials.create({ body: { connector: 'close', method: 'api_key', name, values } })
    const [from, to] = [await make('From'), await make('To')]
    const { id, token } = await newToken(client, from.id, { name: 'User of it' })
    await expect(client.credentials.delete({ ...of(from.id), query: {} })).rejects.toMatchObject({
      problem: { code: 'credential_in_use', blockers: [{ kind: 'pass', id, name: 'User of it' }] },
    })
    expect((await client.credentials.usage(of(from.id))).items).toMatchObject([{ kind: 'pass', id }])
    expect((await client.credentials.get(of(from.id))).usageCount).toBe(1)
    expect(await client.deletedCredentials.moveUsage({ ...of(from.id), body: { to: to.id } })).toEqual({
      moved: 1,
    })
    await client.credentials.delete({ ...of(to.id), query: { stopUsers: 'true' } })
    const answer = await callGateway(setting.server, token, '/api/v1/lead/')
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'pass_paused'])
    expect(await client.passes.get(of(id))).toMatchObject({
      status: 'paused',
      reason: 'Its credential was deleted.',
    })
    await client.deletedCredentials.restore(of(to.id))
    await expect
      .poll(async () => (await callGateway(setting.server, token, '/api/v1/lead/')).status)
      .toBe(200)
  })

  it('are found by name and purpose, one page after another', async () => {
    for (const name of ['Zebra 1', 'Zebra 2', 'Zebra 3']) await newToken(client, credentialId, { name })
    const first = await client.passes.list({ query: { query: 'zebra', limit: 2 } })
    expect(first.items.map(({ name }) => name)).toEqual(['Zebra 1', 'Zebra 2'])
    expect(first.total).toBe(3)
    const cursor = first.nextCursor ?? ''
    const second = await client.passes.list({ query: { query: 'zebra', limit: 2, cursor } })
    expect(second.items.map(({ name }) => name)).toEqual(['Zebra 3'])
  })

  it('are found by what becomes of them', async () => {
    const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
    const { id: own } = await client.credentials.create({
      body: { connector: 'close', method: 'api_key', name: 'Of statuses', values },
    })
    const day = 86_400_000
    const until = (ms: number) => ({ expiresAt: new Date(Date.now() + ms).toISOString() })
    const { tables } = setting.server.app.stores.database
    const makeOf = async (name: string, input: object = {}, columns: object = {}) => {
      const { id } = await newToken(client, own, { name, ...input })
      if (Object.keys(columns).length > 0)
        await tables.updateTable('passes').set(columns).where('id', '=', id).execute()
      return id
    }
    await makeOf('lasting', until(60 * day))
    await makeOf('without an end', { expiresAt: null, neverBecause: 'a plant' })
    await makeOf('young', until(2 * day))
    await makeOf('ending', until(2 * day), { createdAt: Date.now() - 20 * day })
    await makeOf('over', until(day), { expiresAt: Date.now() - 1 })
    const ended = await makeOf('ended', until(day), { expiresAt: Date.now() - 1 })
    await client.passes.revoke(of(ended))
    const found = async (status: PassFilter) => {
      const list = await client.passes.list({ query: { credential: own, status } })
      expect(list.total).toBe(list.items.length)
      for (const item of list.items) expect(item.status).toBe(status === 'ending' ? 'active' : status)
      return list.items.map(({ name }) => name)
    }
    expect(await found('active')).toEqual(['ending', 'lasting', 'without an end', 'young'])
    expect(await found('ending')).toEqual(['ending'])
    expect(await found('expired')).toEqual(['over'])
    expect(await found('revoked')).toEqual(['ended'])
    expect(await found('paused')).toEqual([])
    await tables.updateTable('credentials').set({ status: 'failed' }).where('id', '=', own).execute()
    expect(await found('paused')).toEqual(['ending', 'lasting', 'without an end', 'young'])
    expect(await found('active')).toEqual([])
    await client.credentials.delete({ ...of(own), query: { stopUsers: 'true' } })
    expect(await found('paused')).toEqual(['ending', 'lasting', 'without an end', 'young'])
    expect(await found('ending')).toEqual([])
    const wrong = client.passes.list({ query: { status: 'over' as PassFilter } })
    await fails(wrong, 'invalid_input')
  })
})
