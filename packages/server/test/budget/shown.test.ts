import type { Client, CredentialBudget } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openUseStore } from '../../src/budget/use-store.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { newCredential } from '../database/samples.ts'
import { closeCredential, makeFlow, runFlow } from '../flows/moving.ts'
import { callGateway, newToken } from '../gateway/calling.ts'
import { type Person, peopleOf } from '../identity/table.ts'
import { startWithClose, type WithClose } from '../with-close.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('who used the budget of a credential, on %s', { timeout: 60_000 }, (_database, makePlace) => {
  let setting: WithClose
  let client: Client
  let credentialId: string
  let stranger: Person
  beforeAll(async () => {
    setting = await startWithClose({ leads: 5, makePlace })
    client = setting.person.client
    credentialId = await closeCredential(client, setting.sandbox)
    const found = (await peopleOf(setting.server)).get('stranger')
    if (found === undefined) throw new Error('no stranger')
    stranger = found
  })
  afterAll(() => setting?.stop())
  const budgetOf = (whose: Client, query: object = {}): Promise<CredentialBudget> =>
    whose.credentials.budget({ params: { id: credentialId }, query })
  const call = async (token: string, path: string, times = 1) => {
    const statuses: number[] = []
    for (let count = 0; count < times; count++)
      statuses.push((await callGateway(setting.server, token, `/api/v1${path}`)).status)
    return statuses
  }
  const usersIn = ({ consumers }: CredentialBudget) =>
    Object.fromEntries(consumers.map(({ kind, name, requests }) => [name ?? kind, requests]))
  const fails = (promise: Promise<unknown>, code: string) =>
    expect(promise).rejects.toMatchObject({ problem: { code } })
  const pass = (name: string) =>
    newToken(client, credentialId, { name, rules: { objects: { lead: ['read'], task: ['read'] } } })

  it('is told by name, group and minute, with the limits that Close named', async () => {
    expect(await budgetOf(client)).toMatchObject({ by: 'minute', consumers: [], groups: [] })
    setting.sandbox.control.setRateLimit({ limit: 200, windowSeconds: 2 })
    const { token } = await pass('Lead scoring')
    expect(await call(token, '/lead/?_limit=1', 3)).toEqual([200, 200, 200])
    expect(await call(token, '/task/')).toEqual([200])
    const flowId = await makeFlow(
      client,
      { connector: 'close', credentialId, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: 'leads.jsonl', format: 'jsonl' } },
    )
    expect((await runFlow(client, flowId)).status).toBe('succeeded')
    const flow = (await client.flows.get({ params: { id: flowId } })).name
    await expect
      .poll(async () => usersIn(await budgetOf(client)), { timeout: 10_000 })
      .toMatchObject({
        'Lead scoring': 4,
        [flow]: expect.any(Number),
      })
    const all = await budgetOf(client)
    expect(all.spans).toHaveLength(60)
    const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
    for (const [index, { requests }] of all.consumers.entries())
      expect(sum(all.spans.map(({ byConsumer }) => byConsumer[index] ?? 0))).toBe(requests)
    const used = sum(all.consumers.map(({ requests }) => requests))
    expect(sum(all.spans.map(({ requests }) => requests))).toBe(used)
    expect(sum(all.groups.map(({ requests }) => requests))).toBe(used)
    const limit = { requests: 200, windowSeconds: 2 }
    expect(all.groups.find(({ group }) => group === 'GET lead')).toMatchObject({ limit, requests: 3 })

    const ofTask = await budgetOf(client, { group: 'GET task', by: 'hour' })
    expect(ofTask).toMatchObject({ by: 'hour', consumers: [{ kind: 'pass', requests: 1 }] })
    expect(ofTask.spans).toHaveLength(24)
    expect(ofTask.groups.length).toBeGreaterThan(1)
    expect((await budgetOf(client, { group: 'GET nothing' })).consumers).toEqual([])
    await fails(budgetOf(client, { by: 'year' }), 'invalid_input')
  })

  it('names nothing that the asker may not see', async () => {
    const access = { params: { id: credentialId }, body: { memberId: stranger.id } }
    await fails(budgetOf(stranger.client), 'credential_not_found')
    await client.credentialAccess.set({ ...access, body: { ...access.body, role: 'collaborator' } })
    const { token } = await newToken(stranger.client, credentialId, { name: 'Of a stranger' })
    await call(token, '/lead/?_limit=1', 2)
    await expect
      .poll(async () => usersIn(await budgetOf(client)), { timeout: 10_000 })
      .toMatchObject({ 'Of a stranger': 2, 'Lead scoring': 4 })
    const shown = await budgetOf(stranger.client)
    expect(JSON.stringify(shown)).not.toContain('Lead scoring')
    const kinds = shown.consumers.map(({ kind, id, name }) => [kind, id === null, name])
    expect(kinds.filter(([kind]) => kind !== 'checks')).toEqual([
      ['pass', false, 'Of a stranger'],
      ['others', true, null],
    ])
    await client.credentialAccess.set({ ...access, body: { ...access.body, role: null } })
    await fails(budgetOf(stranger.client), 'credential_not_found')
  })

  it('says who waited and who was told to wait', async () => {
    setting.sandbox.control.setRateLimit({ limit: 2, organizationLimit: 100, windowSeconds: 2 })
    const { token } = await pass('In a hurry')
    await Promise.all(Array.from({ length: 5 }, () => call(token, '/task/')))
    setting.sandbox.control.setRateLimit({ limit: 1, windowSeconds: 60 })
    const { token: other } = await pass('Too late')
    const statuses = [...(await call(other, '/task/', 2)), ...(await call(other, '/task/'))]
    expect(statuses.at(-1)).toBe(429)
    setting.sandbox.control.setRateLimit(null)
    const ofTasks = async (name: string) =>
      (await budgetOf(client, { group: 'GET task' })).consumers.find((each) => each.name === name)
    await expect.poll(async () => (await ofTasks('In a hurry'))?.requests, { timeout: 10_000 }).toBe(5)
    const { waited = 0, putOff = 0 } = (await ofTasks('In a hurry')) ?? {}
    expect(waited + putOff).toBeGreaterThan(0)
    await expect
      .poll(async () => (await ofTasks('Too late'))?.putOff ?? 0, { timeout: 10_000 })
      .toBeGreaterThan(0)
    const { spans } = await budgetOf(client, { group: 'GET task' })
    expect(spans.some(({ putOff }) => putOff > 0)).toBe(true)
  })

  it('forgets a limit that Close has not named for ten minutes, once it names another', async () => {
    const { app } = setting.server
    const { organizationId = '' } = (await app.stores.credentials.find(credentialId))?.identity ?? {}
    const { budgetKey } = await app.stores.database.tables
      .selectFrom('budgetUses')
      .select('budgetKey')
      .where('organization', '=', organizationId)
      .executeTakeFirstOrThrow()
    const named = (limit: number, agoMs: number, group: string) => ({
      ...{ organization: organizationId, budgetKey, spanMs: 60_000, endpointGroup: group, consumer: 'page' },
      at: Math.floor((Date.now() - agoMs) / 60_000) * 60_000,
      ...{ requests: 1, waited: 0, putOff: 0, leastLimit: limit, mostLimit: limit, windowMs: 1_000 },
    })
    await openUseStore(app.stores.database).add([
      named(5, 30 * 60_000, 'GET user'),
      named(40, 60_000, 'GET user'),
      named(7, 30 * 60_000, 'GET pipeline'),
    ])
    const { groups } = await budgetOf(client)
    const limitOf = (name: string) => {
      const { limit = null, organizationLimit = null } = groups.find(({ group }) => group === name) ?? {}
      return [limit?.requests, organizationLimit]
    }
    expect(limitOf('GET user')).toEqual([40, null])
    expect(limitOf('GET pipeline')).toEqual([7, null])
  })

  it('is there for a saved credential of Close alone', async () => {
    const { stores } = setting.server.app
    const ownerId = (await client.session.get()).user?.id ?? ''
    const make = async (change: object) => {
      const row = newCredential({ ownerId, ...change })
      await stores.credentials.insert(row)
      return client.credentials.budget({ params: { id: row.id }, query: {} })
    }
    await fails(make({ connector: 'postgres', method: 'password' }), 'credential_wrong_connector')
    const draft = await client.credentials.create({
      body: { connector: 'close', method: 'oauth2', name: 'Draft', values: {}, draft: true },
    })
    await fails(client.credentials.budget({ params: { id: draft.id }, query: {} }), 'credential_draft')
  })
})
