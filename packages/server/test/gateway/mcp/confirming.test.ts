import type { Client, PassCreate } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { makePostgresPlace, makeSqlitePlace } from '../../database/database.ts'
import { startWithClose, type WithClose } from '../../with-close.ts'
import { callGateway, newToken } from '../calling.ts'
import { speak } from './speaking.ts'

const of = (id: string) => ({ params: { id } })
const recordSchema = z.looseObject({ id: z.string().optional(), name: z.string().optional() })

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a write that a person has to confirm, on %s', (_database, makePlace) => {
  let setting: WithClose
  let client: Client
  let credentialId: string
  let key: string
  beforeAll(async () => {
    setting = await startWithClose({ leads: 5, makePlace })
    client = setting.person.client
    key = setting.sandbox.apiKeys[0]?.key ?? ''
    const body = { connector: 'close', method: 'api_key', name: 'Close', values: { apiKey: key } }
    credentialId = (await client.credentials.create({ body })).id
  })
  afterAll(() => setting?.stop())

  const agentFor = async (objects: PassCreate['rules']['objects'], input: Partial<PassCreate> = {}) => {
    const made = await newToken(client, credentialId, { rules: { objects }, confirmWrites: true, ...input })
    return { ...made, ...(await speak(setting.server, made.token)) }
  }
  const writesOf = async (id: string) => (await client.passWrites.list(of(id))).items
  /** Waits for the one write of a pass that waits. */
  const waiting = async (id: string) => {
    await expect.poll(async () => (await writesOf(id))[0]?.state).toBe('waiting')
    const [write] = await writesOf(id)
    return { params: { id, writeId: write?.id ?? '' } }
  }
  /** As the list of passes and the pass itself say it. */
  const waitingWritesOf = async (id: string) => {
    const { items } = await client.passes.list({ query: { limit: 200 } })
    const listed = items.find((each) => each.id === id)?.waitingWrites
    expect((await client.passes.get(of(id))).waitingWrites).toBe(listed)
    return listed
  }
  const direct = async (path: string) => {
    const headers = { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }
    const answer = await fetch(`${setting.sandbox.apiUrl}/api/v1${path}`, { headers })
    return { status: answer.status, json: recordSchema.parse(await answer.json()) }
  }
  const someLead = async () => {
    const answer = await callGateway(
      setting.server,
      (await newToken(client, credentialId)).token,
      '/api/v1/lead/?_limit=1',
    )
    return (
      z
        .object({ data: z.array(z.object({ id: z.string(), name: z.string() })).length(1) })
        .parse(JSON.parse(answer.text)).data[0] ?? { id: '', name: '' }
    )
  }
  const writesAtClose = () => setting.sandbox.control.requests().filter(({ method }) => method !== 'GET')

  it('is shown before and after, sent once it is confirmed, and answered to the agent', async () => {
    const { id, name } = await someLead()
    const agent = await agentFor({ lead: ['read', 'change'] })
    expect((await agent.call('about_this_pass')).text).toContain('waits until a person confirms it')
    const input = { object: 'lead', id, fields: { name: 'A better name', description: '' } }
    expect(await waitingWritesOf(agent.id)).toBe(0)
    const answer = agent.call('update_record', input)
    const write = await waiting(agent.id)
    expect(await waitingWritesOf(agent.id)).toBe(1)
    expect((await direct(`/lead/${id}/`)).json.name).toBe(name)
    const details = await client.passWrites.get(write)
    expect(details).toMatchObject({
      kind: 'change',
      method: 'PUT',
      path: `/lead/${id}/`,
      record: name,
      unread: null,
    })
    expect(details.changes).toContainEqual({
      field: 'name',
      label: null,
      before: name,
      after: 'A better name',
    })
    const confirmed = await client.passWrites.confirm(write)
    expect(await waitingWritesOf(agent.id)).toBe(0)
    expect(confirmed).toMatchObject({ state: 'sent', status: 200, decidedBy: { name: expect.any(String) } })
    const told = await answer
    expect([told.isError, told.data<{ name: string }>().name]).toEqual([false, 'A better name'])
    expect((await direct(`/lead/${id}/`)).json.name).toBe('A better name')
    await agent.end()
    await expect
      .poll(async () =>
        (await client.passes.calls(of(agent.id))).items.find(({ method }) => method === 'PUT'),
      )
      .toMatchObject({ path: `/lead/${id}/`, via: 'mcp', decision: 'allowed' })
    const { items } = await client.audit.list({ query: { objectId: agent.id } })
    expect(items.find(({ action }) => action === 'pass.confirm')).toMatchObject({
      result: 'ok',
      after: { write: write.params.writeId },
      actor: { kind: 'user' },
    })
    expect(items.some(({ action }) => action === 'pass.write_waits')).toBe(true)
    const { items: alerts } = await client.alerts.list()
    expect(alerts.find(({ passId }) => passId === agent.id)?.kind).toBe('pass_confirmation')
  })

  it('shows what a new record is made of, and all of one that goes', async () => {
    const { id, name } = await someLead()
    const agent = await agentFor({ lead: ['delete'], note: ['create'] })
    const made = agent.call('create_note', { lead_id: id, note: 'Called them.' })
    const note = await client.passWrites.get(await waiting(agent.id))
    expect(note).toMatchObject({ kind: 'create', record: null, unread: null })
    expect(note.changes).toEqual([
      { field: 'lead_id', label: null, before: null, after: id },
      { field: 'note', label: null, before: null, after: 'Called them.' },
    ])
    await client.passWrites.refuse(await waiting(agent.id))
    expect((await made).text).toContain('A person refused this write')
    const deleted = agent.call('delete_record', { object: 'lead', id })
    const lead = await client.passWrites.get(await waiting(agent.id))
    expect(lead).toMatchObject({ kind: 'delete', record: name, unread: null })
    // The pass may not read leads; who decides may.
    expect(lead.changes).toContainEqual({ field: 'name', label: null, before: name, after: null })
    await client.passWrites.confirm(await waiting(agent.id))
    expect((await deleted).isError).toBe(false)
    expect((await direct(`/lead/${id}/`)).status).toBe(404)
    await agent.end()
  })

  it('is not sent while its record is not what the person has seen', async () => {
    const { id } = await someLead()
    const agent = await agentFor({ lead: ['read', 'change'] })
    const input = { object: 'lead', id, fields: { name: 'By the agent' } }
    const answer = agent.call('update_record', input)
    const write = await waiting(agent.id)
    const { seen } = await client.passWrites.get(write)
    setting.sandbox.control.edit({ type: 'lead', id, changes: { name: 'By somebody else' } })
    await expect(client.passWrites.confirm({ ...write, query: { seen } })).rejects.toMatchObject({
      code: 'write_outdated',
    })
    const now = await client.passWrites.get(write)
    expect(now).toMatchObject({ state: 'waiting', record: 'By somebody else' })
    await client.passWrites.confirm({ ...write, query: { seen: now.seen } })
    expect((await answer).data<{ name: string }>().name).toBe('By the agent')
    await agent.end()
  })

  it('is sent once, whoever confirms at the same moment', async () => {
    const { id } = await someLead()
    const agent = await agentFor({ note: ['create'] })
    const made = agent.call('create_note', { lead_id: id, note: 'Once.' })
    const write = await waiting(agent.id)
    setting.sandbox.control.clearRequests()
    const all = await Promise.allSettled([
      ...Array.from({ length: 5 }, () => client.passWrites.confirm(write)),
      client.passWrites.refuse(write),
    ])
    const done = all.filter(({ status }) => status === 'fulfilled')
    expect(done).toHaveLength(1)
    const codes = all.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(codes).toEqual(Array(5).fill('write_decided'))
    const { isError } = await made
    expect(writesAtClose()).toHaveLength(isError ? 0 : 1)
    await expect(client.passWrites.confirm(write)).rejects.toMatchObject({ code: 'write_decided' })
    await agent.end()
  })

  it('is held against the rules of the moment', async () => {
    const { id } = await someLead()
    const agent = await agentFor({ note: ['create'], task: ['create'] })
    const made = agent.call('create_note', { lead_id: id, note: 'Too late.' })
    const write = await waiting(agent.id)
    await client.passes.update({ ...of(agent.id), body: { rules: { objects: { task: ['create'] } } } })
    setting.sandbox.control.clearRequests()
    expect(await client.passWrites.confirm(write)).toMatchObject({ state: 'failed', status: null })
    const told = await made
    expect([told.isError, told.text]).toEqual([true, expect.stringContaining('pass_denied')])
    const task = agent.call('create_task', { lead_id: id, text: 'Never.' })
    const other = await waiting(agent.id)
    await client.passes.revoke(of(agent.id))
    expect(await client.passWrites.confirm(other)).toMatchObject({ state: 'failed' })
    await task.catch(() => undefined)
    expect(writesAtClose()).toEqual([])
    await agent.end()
  })

  it('is refused by the gateway itself, and where it may not be made at all nothing waits', async () => {
    const { id } = await someLead()
    const agent = await agentFor({ lead: ['read'], note: ['create'] })
    const body = JSON.stringify({ lead_id: id, note: 'x' })
    const plain = await callGateway(setting.server, agent.token, '/api/v1/activity/note/', {
      method: 'POST',
      body,
    })
    expect([plain.status, JSON.parse(plain.text).code]).toEqual([403, 'confirmation_needed'])
    expect((await callGateway(setting.server, agent.token, `/api/v1/lead/${id}/`)).status).toBe(200)
    const search = { query: { type: 'object_type', object_type: 'lead' } }
    const found = { method: 'POST', body: JSON.stringify(search) }
    expect((await callGateway(setting.server, agent.token, '/api/v1/data/search/', found)).status).toBe(200)
    expect((await agent.call('delete_record', { object: 'lead', id })).text).toContain('pass_denied')
    expect(await writesOf(agent.id)).toEqual([])
    await agent.end()
  })

  it('waits only for its pass, and no more than some of them', async () => {
    const agent = await agentFor({ note: ['create'] })
    const { passWrites } = setting.server.app.stores
    const row = {
      passId: agent.id,
      method: 'POST',
      path: '/activity/note/',
      sealed: { wrappedKey: '', fields: {} },
    }
    const insert = (name: string, most: number, waitMs: number) =>
      passWrites.insert({ ...row, id: name }, most, waitMs)
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => insert(`wrt_${agent.id}${at}`, 3, 60_000)),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    const other = await agentFor({ note: ['create'] })
    const [write] = await writesOf(agent.id).catch(() => [])
    expect(write).toBeUndefined() // their ids are none of ours, so the answer is refused whole
    expect((await other.call('check_confirmation', { id: `wrt_${'0'.repeat(22)}` })).text).toContain(
      'write_not_found',
    )
    await Promise.all([agent.end(), other.end()])
  })

  it('is in doubt where its process died on the way, and is erased in the end', async () => {
    const { id } = await someLead()
    const agent = await agentFor({ note: ['create'] })
    const made = agent.call('create_note', { lead_id: id, note: 'Lost.' })
    const write = await waiting(agent.id)
    const { passWrites, database } = setting.server.app.stores
    expect(await passWrites.decide(write.params.writeId, 'sending', 'usr_1')).toBe(true)
    const back = { decidedAt: Date.now() - 10 * 60_000 }
    await database.tables.updateTable('passWrites').set(back).where('id', '=', write.params.writeId).execute()
    await setting.server.app.tick(new AbortController().signal)
    expect((await writesOf(agent.id))[0]?.state).toBe('in_doubt')
    const told = await made
    expect([told.isError, told.text]).toEqual([true, expect.stringContaining('nobody can tell')])
    const { items } = await client.alerts.list()
    expect(items.filter(({ passId }) => passId === agent.id).map(({ title }) => title)).toContainEqual(
      expect.stringContaining('in doubt'),
    )
    await database.tables
      .updateTable('passWrites')
      .set({ expiresAt: 1 })
      .where('passId', '=', agent.id)
      .execute()
    await setting.server.app.tick(new AbortController().signal)
    expect(await writesOf(agent.id)).toEqual([])
    await agent.end()
  })

  it('expires, and stands in the database sealed', async () => {
    const { id } = await someLead()
    const agent = await agentFor({ note: ['create'] })
    const made = agent.call('create_note', { lead_id: id, note: 'canary-of-a-note' })
    const write = await waiting(agent.id)
    const { tables } = setting.server.app.stores.database
    const rows = await tables.selectFrom('passWrites').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('canary-of-a-note')
    await tables
      .updateTable('passWrites')
      .set({ expiresAt: Date.now() - 1 })
      .where('passId', '=', agent.id)
      .execute()
    expect((await made).text).toContain('Nobody confirmed this write in time')
    await expect(client.passWrites.confirm(write)).rejects.toMatchObject({ code: 'write_decided' })
    await agent.end()
  })
})
