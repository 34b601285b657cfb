import { type Client, idSchema } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newCallId } from '../../src/gateway/store/call-id.ts'
import { hourMs } from '../../src/gateway/store/calls.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { newPass } from '../database/samples.ts'
import { startWithClose, type WithClose } from '../with-close.ts'

const day = 24 * hourMs

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what is kept of passes, on %s', (_database, makePlace) => {
  let setting: WithClose
  let client: Client
  let credentialId: string
  beforeAll(async () => {
    setting = await startWithClose({ leads: 1, makePlace })
    client = setting.person.client
    const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
    const body = { connector: 'close', method: 'api_key', name: 'Close', values }
    credentialId = (await client.credentials.create({ body })).id
  })
  afterAll(() => setting?.stop())
  const stores = () => setting.server.app.stores
  const tick = () => setting.server.app.tick(new AbortController().signal)
  const ownerId = async () => (await client.session.get()).user?.id ?? ''
  const inserted = async (changes: object = {}) =>
    stores().passes.insert(newPass({ ownerId: await ownerId(), credentialId, ...changes }))
  const calls = (passId: string, atMs: number, count: number, decision: 'allowed' | 'denied' = 'allowed') =>
    stores().passCalls.record(
      Array.from({ length: count }, (_, index) => ({
        ...{ id: `call_${passId}_${atMs}_${index}`, passId, at: atMs + index, method: 'GET', path: '/lead/' },
        ...{ query: [], status: 200, bytesIn: 0, bytesOut: 9, ms: 1, decision, code: null, rule: null },
        ...{ address: '127.0.0.1', via: null },
      })),
    )
  const alertsOf = async (passId: string) =>
    (await client.alerts.list()).items.filter((each) => each.passId === passId)

  it('calls of one statement are read back as they were, each', async () => {
    const { id: passId } = await inserted()
    const atMs = Date.now()
    const all = [null, 200, 404].map((status, index) => ({
      ...{ id: newCallId(atMs + index), passId, at: atMs + index, method: 'GET', path: `/lead/${index}'"?/` },
      ...{ query: [`$${index + 1}`, '?'], status, bytesIn: index, bytesOut: 9, ms: 1, address: '127.0.0.1' },
      ...(index === 1
        ? ({ decision: 'denied', code: 'pass_denied', rule: 'a rule', via: 'mcp' } as const)
        : ({ decision: 'allowed', code: null, rule: null, via: null } as const)),
    }))
    await stores().passCalls.record(all)
    expect((await stores().passCalls.list(passId, { limit: 10 })).items).toEqual(all.toReversed())
  })

  it('the ids of calls have the order of their times', () => {
    const times = [0, 1, 61, 62, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1) + 1, Date.UTC(2900, 0, 1)]
    const ids = times.map(newCallId)
    expect(ids.toSorted()).toEqual(ids)
    for (const id of ids) expect(idSchema('call').safeParse(id).success).toBe(true)
    expect(new Set(Array.from({ length: 100 }, () => newCallId(5))).size).toBe(100)
  })

  it('#45 calls are sealed by the hour into the audit log, and a change or a loss is seen', async () => {
    const { id } = await inserted()
    const hour = Math.floor(Date.now() / hourMs) * hourMs - 3 * hourMs
    await calls(id, hour, 3)
    await calls(id, hour + hourMs, 1200)
    await tick()
    await tick()
    const seals = (await client.audit.list({ query: { action: 'gateway.seal' } })).items
    expect(seals.map(({ after }) => after?.['calls'])).toEqual([1200, 3])
    expect(await client.passes.verify()).toEqual({ intact: true, hours: 2, fault: null })

    const { tables } = stores().database
    const oneCall = (path: string) =>
      tables.updateTable('passCalls').set({ path }).where('id', '=', `call_${id}_${hour}_0`).execute()
    await oneCall('/contact/')
    const changed = await client.passes.verify()
    expect(changed.fault?.message).toContain('was changed')
    await oneCall('/lead/')
    expect(await client.passes.verify()).toMatchObject({ intact: true })
    await tables.deleteFrom('passCalls').where('id', '=', `call_${id}_${hour}_1`).execute()
    expect((await client.passes.verify()).fault?.message).toContain('had 3 calls; 2 are stored')
  })

  it('#61 calls are erased by age, and their counts stay', async () => {
    const { id } = await inserted()
    const old = Date.now() - 31 * day
    await calls(id, old, 2)
    await calls(id, Date.now(), 1)
    await tick()
    expect((await client.passes.calls({ params: { id } })).items).toHaveLength(1)
    const hours = await stores().passCalls.hours([id], 0)
    expect((hours.get(id) ?? []).map((each) => each.calls)).toEqual([2, 1])
  })

  it('the owner is told once before a pass ends', async () => {
    const soon = await inserted({ expiresAt: Date.now() + 2 * day })
    const { database } = stores()
    const made = (id: string, at: number) =>
      database.tables.updateTable('passes').set({ createdAt: at }).where('id', '=', id).execute()
    await made(soon.id, Date.now() - 28 * day)
    const young = await inserted({ expiresAt: Date.now() + 2 * day })
    const far = await inserted({ expiresAt: Date.now() + 20 * day })
    await tick()
    await tick()
    expect(await alertsOf(soon.id)).toMatchObject([{ kind: 'pass_expiring' }])
    expect(await alertsOf(young.id)).toEqual([])
    expect(await alertsOf(far.id)).toEqual([])
  })

  it('the owner is told once when denials rise', async () => {
    const { id } = await inserted()
    const quiet = await inserted()
    await calls(id, Date.now(), 25, 'denied')
    await calls(quiet.id, Date.now(), 3, 'denied')
    await tick()
    await tick()
    expect(await alertsOf(id)).toMatchObject([
      { kind: 'pass_denials', title: expect.stringContaining('refused often') },
    ])
    expect(await alertsOf(quiet.id)).toEqual([])
  })
})
