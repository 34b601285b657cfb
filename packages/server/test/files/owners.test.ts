import { writeFile } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import type { Client } from '@latchwork/contract'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Browser, problem } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { endOf, makeFlow, runFlow } from '../flows/moving.ts'
import { join } from '../identity/joining.ts'
import { type Running, startRunning } from '../running.ts'

type Person = { id: string; browser: Browser; client: Client }

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('files and their owners, on %s', (_database, makePlace) => {
  let running: Running
  let boss: Person
  let ann: Person
  let bob: Person
  beforeAll(async () => {
    running = await startRunning(null, { makePlace })
    const browser = await running.signedIn()
    const { user } = await browser.client.session.get()
    boss = { id: user?.id ?? '', browser, client: browser.client }
    ann = await join(running, browser, 'Ann')
    bob = await join(running, browser, 'Bob')
    return running.stop
  })

  const put = ({ browser }: Person, name: string, body: string): Promise<Answer> =>
    browser.fetch(`${running.url}/api/files/${encodeURIComponent(name)}`, {
      method: 'PUT',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv' },
      body,
    })
  const get = ({ browser }: Person, name: string): Promise<Answer> =>
    browser.fetch(`${running.url}/api/files/${encodeURIComponent(name)}`)
  const seen = async ({ client }: Person) => (await client.files.list()).items
  const idOf = (answer: Answer): string => JSON.parse(answer.body).id
  const file = (named: string, format: 'csv' | 'jsonl' = 'csv') => ({
    connector: 'files',
    credentialId: null,
    config: { file: named, format },
  })
  /** Byte by byte by hand, as somebody on the server's machine does. */
  const lay = (name: string, content: string) => writeFile(joinPath(running.dataDir, 'files', name), content)

  it('#52 are of whoever uploaded them, and nobody else lists, reads, replaces or deletes them', async () => {
    const mine = await put(ann, 'leads.csv', 'name\nAnn\n')
    expect(JSON.parse(mine.body)).toMatchObject({ owner: { id: ann.id, name: 'Ann' }, yourRole: 'owner' })
    const id = idOf(mine)
    expect(await seen(bob)).toEqual([])
    for (const named of ['leads.csv', id]) expect((await get(bob, named)).status).toBe(404)
    expect((await put(bob, id, 'name\nEve\n')).status).toBe(404)
    expect(await problem(bob.client.files.delete({ params: { id } }))).toMatchObject({
      code: 'file_not_found',
    })
    expect(await problem(bob.client.fileAccess.get({ params: { id } }))).toMatchObject({
      code: 'file_not_found',
    })
    const sample = bob.client.sources.sample({ body: file(id) })
    expect(await problem(sample)).toMatchObject({ code: 'file_not_found' })

    // The same name is another file.
    const theirs = await put(bob, 'leads.csv', 'name\nBob\n')
    expect(theirs.status).toBe(201)
    expect(idOf(theirs)).not.toBe(id)
    expect((await get(ann, 'leads.csv')).body).toBe('name\nAnn\n')
    expect((await get(bob, 'leads.csv')).body).toBe('name\nBob\n')
    expect((await bob.client.sources.sample({ body: file('leads.csv') })).records).toEqual([{ name: 'Bob' }])
    expect((await seen(boss)).map(({ owner }) => owner?.name).sort()).toEqual(['Ann', 'Bob'])
  })

  it('#52 are what a private flow sends, whatever others upload or name', async () => {
    await put(ann, 'private.csv', 'name\nAnn\n')
    const flowId = await makeFlow(ann.client, file('private.csv'), file('sent.jsonl', 'jsonl'))
    await put(bob, 'private.csv', 'name\nEve\n')
    await put(bob, 'sent.jsonl', 'mine\n')
    const run = await runFlow(ann.client, flowId)
    expect(run).toMatchObject({ status: 'succeeded', output: { file: 'sent.jsonl' } })
    const written = (await seen(ann)).find(({ name }) => name === 'sent.jsonl')
    expect(written).toMatchObject({ owner: { id: ann.id }, id: run.output?.fileId })
    expect((await get(ann, 'sent.jsonl')).body).toBe('{"name":"Ann"}\n')
    expect((await get(bob, 'sent.jsonl')).body).toBe('mine\n')
    expect((await get(boss, run.output?.fileId ?? '')).body).toBe('{"name":"Ann"}\n')
  })

  it('are shared like the rest: read by a collaborator, replaced by an admin, deleted by the owner', async () => {
    const id = idOf(await put(ann, 'shared.csv', 'name\nAnn\n'))
    const params = { id }
    const share = (role: 'collaborator' | 'admin' | null) =>
      ann.client.fileAccess.set({ params, body: { memberId: bob.id, role } })
    await share('collaborator')
    expect(await seen(bob)).toContainEqual(expect.objectContaining({ id, yourRole: 'collaborator' }))
    expect((await get(bob, id)).body).toBe('name\nAnn\n')
    expect((await put(bob, id, 'x')).status).toBe(403)
    const into = bob.client.destinations.create({ body: { name: 'Into', ...file(id) } })
    expect(await problem(into)).toMatchObject({ code: 'forbidden' })
    const flowId = await makeFlow(bob.client, file(id), file('copy.jsonl', 'jsonl'))
    expect(await runFlow(bob.client, flowId)).toMatchObject({ status: 'succeeded' })

    await share(null)
    const flow = { params: { id: flowId } }
    expect(await problem(bob.client.flows.run(flow))).toMatchObject({ code: 'access_withdrawn' })
    // The schedule finds it out as well: it pauses the flow, and tells both owners.
    await bob.client.flows.update({ ...flow, body: { scheduleMinutes: 60 } })
    const { tables } = running.app.stores.database
    await tables.updateTable('flows').set({ nextRunAt: 1 }).where('id', '=', flowId).execute()
    await running.app.tick(new AbortController().signal)
    const runs = await bob.client.runs.list({ query: { flowId } })
    const ended = await endOf(bob.client, runs.items[0]?.id ?? '')
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'access_withdrawn' }, recordsRead: 0 })
    const { paused } = await bob.client.flows.get(flow)
    expect(paused?.message).toContain('the file behind the data source')
    for (const person of [ann, bob]) {
      const [reported] = (await person.client.alerts.list()).items
      expect(reported).toMatchObject({ kind: 'flow_paused' })
    }
    await share('admin')
    expect((await put(bob, id, 'name\nBoth\n')).status).toBe(200)
    expect((await get(ann, 'shared.csv')).body).toBe('name\nBoth\n')
    await put(bob, 'mine.csv', 'name\nBob\n')
    await runFlow(bob.client, await makeFlow(bob.client, file('mine.csv'), file(id)))
    expect((await get(ann, 'shared.csv')).body).toBe('name\nBob\n')
    expect(await problem(bob.client.files.delete({ params }))).toMatchObject({ code: 'forbidden' })

    await ann.client.fileAccess.transfer({ params, body: { to: bob.id } })
    expect((await seen(ann)).find((item) => item.id === id)).toMatchObject({
      yourRole: 'admin',
      owner: { id: bob.id },
    })
    await bob.client.files.delete({ params })
    expect((await get(bob, id)).status).toBe(404)
    expect((await seen(boss)).some((item) => item.id === id)).toBe(false)
  })

  it('are not found under a name that another gives to a file and shares', async () => {
    const flowId = await makeFlow(ann.client, file('wanted.csv'), file('got.jsonl', 'jsonl'))
    const id = idOf(await put(bob, 'wanted.csv', 'name\nEve\n'))
    await bob.client.fileAccess.set({ params: { id }, body: { memberId: null, role: 'admin' } })
    expect(await runFlow(ann.client, flowId)).toMatchObject({
      status: 'failed',
      error: { code: 'file_not_found' },
    })
    await put(ann, 'wanted.csv', 'name\nAnn\n')
    expect(await runFlow(ann.client, flowId)).toMatchObject({ status: 'succeeded' })
    expect((await get(ann, 'got.jsonl')).body).toBe('{"name":"Ann"}\n')
  })

  it('that lie in the folder without an owner are the administrators’, who may share them', async () => {
    await lay('by-hand.csv', 'name\nHand\n')
    const found = (await seen(boss)).find(({ name }) => name === 'by-hand.csv')
    expect(found).toMatchObject({ owner: null, yourRole: 'owner' })
    expect((await get(boss, 'by-hand.csv')).body).toBe('name\nHand\n')
    expect(await seen(ann)).not.toContainEqual(expect.objectContaining({ name: 'by-hand.csv' }))
    expect((await get(ann, 'by-hand.csv')).status).toBe(404)
    const params = { id: found?.id ?? '' }
    const { items } = await boss.client.fileAccess.set({
      params,
      body: { memberId: ann.id, role: 'collaborator' },
    })
    expect(items[0]).toMatchObject({ role: 'owner', member: { name: 'The administrators' } })
    expect((await get(ann, 'by-hand.csv')).body).toBe('name\nHand\n')
    const flowId = await makeFlow(ann.client, file('by-hand.csv'), file('from-hand.jsonl', 'jsonl'))
    expect(await runFlow(ann.client, flowId)).toMatchObject({ status: 'succeeded' })
    // Hers is another: what she may only read she doesn't replace.
    expect(idOf(await put(ann, 'by-hand.csv', 'name\nAnn\n'))).not.toBe(params.id)
    expect((await get(boss, 'by-hand.csv')).body).toBe('name\nHand\n')
    await boss.client.fileAccess.transfer({ params, body: { to: bob.id } })
    expect((await seen(bob)).find((item) => item.id === params.id)).toMatchObject({ yourRole: 'owner' })
  })

  it('go to the heir with their sources, which go on reading the same file', async () => {
    const cleo = await join(running, boss.browser, 'Cleo')
    await put(cleo, 'twice.csv', 'name\nCleo\n')
    const flowId = await makeFlow(cleo.client, file('twice.csv'), file('cleo.jsonl', 'jsonl'))
    await put(boss, 'twice.csv', 'name\nBoss\n')
    await boss.client.members.remove({ params: { id: cleo.id }, query: {} })
    const names = (await seen(boss)).filter(({ owner }) => owner?.id === boss.id).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['twice.csv', 'twice (Cleo).csv']))
    expect(await runFlow(boss.client, flowId)).toMatchObject({ status: 'succeeded' })
    expect((await get(boss, 'cleo.jsonl')).body).toBe('{"name":"Cleo"}\n')
    expect((await get(boss, 'twice.csv')).body).toBe('name\nBoss\n')
  })

  it('#45 are in the audit log by id and owner', async () => {
    const id = idOf(await put(ann, 'audited.csv', 'a\n1\n'))
    await get(ann, 'audited.csv')
    await ann.client.fileAccess.set({ params: { id }, body: { memberId: bob.id, role: 'operator' } })
    await ann.client.files.delete({ params: { id } })
    const { items } = await boss.client.audit.list({ query: { objectId: id } })
    expect(items.map(({ action }) => action).reverse()).toEqual([
      'file.upload',
      'file.download',
      'file.share',
      'file.delete',
    ])
    for (const entry of items) {
      expect(entry.object).toMatchObject({ kind: 'file', id, name: 'audited.csv' })
      if (entry.action !== 'file.share')
        expect({ ...entry.before, ...entry.after }).toMatchObject({ ownerId: ann.id })
    }
  })
})
