import { type Client, type FlowStreams, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { newCredential, newEnd } from '../database/samples.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, fileText, parseLines, runFlow } from './moving.ts'

const streamsOf = (stream: string, mode: 'full' | 'incremental' = 'full'): FlowStreams => ({
  everything: false,
  chosen: [{ stream, label: '', mode, columns: [], parameters: {}, target: null, deletions: 'leave' }],
})
const users = streamsOf('users')
const everything: FlowStreams = { everything: true, deletions: 'mark', sameRecords: 'parts' }

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('the life of a flow, on %s,', (_database, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let person: Browser
  let client: Client
  let closeId: string
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server, person } = made)
    client = person.client
    closeId = await closeCredential(client, sandbox)
    return made.stop
  })

  const close = (config: Record<string, string> = { object: 'streams' }) =>
    client.sources.create({
      body: { connector: 'close', credentialId: closeId, name: newId('source'), config },
    })
  const file = (name: string, by = client) =>
    by.destinations.create({
      body: {
        ...{ connector: 'files', credentialId: null, name: newId('destination') },
        config: { file: name },
      },
    })
  const flowOf = async (
    sourceId: string,
    destinationId: string,
    streams: FlowStreams | null,
    { by = client, name = newId('flow') }: { by?: Client; name?: string } = {},
  ) => by.flows.create({ body: { name, sourceId, destinationId, streams } })
  const overlapsOf = (id: string, by = client) => by.flows.overlaps({ params: { id } })

  it('begins once more as a copy, without schedule and without what the flow knows', async () => {
    const [source, destination] = [await close(), await file('copied.jsonl')]
    const flow = await flowOf(source.id, destination.id, users, { name: 'Nightly' })
    const schedule = { kind: 'every', minutes: 60 } as const
    const watch = { quietHours: 5, volumeTimes: null, schemaChanges: false }
    await client.flows.update({
      params: { id: flow.id },
      body: { schedule, description: 'Each night', watch },
    })
    await runFlow(client, flow.id)
    const copy = await client.flows.duplicate({ params: { id: flow.id } })
    expect(copy).toMatchObject({
      ...{ name: 'Copy of Nightly', description: 'Each night', streams: users, schedule: null, watch },
      ...{ nextRunAt: null, lastRun: null, freshAt: null, yourRole: 'owner' },
      source: { id: source.id },
      destination: { id: destination.id },
    })
    expect((await client.flows.duplicate({ params: { id: flow.id } })).name).toBe('Copy of Nightly 2')
    const named = client.flows.duplicate({ params: { id: flow.id }, body: { name: 'copy of NIGHTLY' } })
    expect((await problem(named)).code).toBe('name_taken')
    const long = await client.flows.update({ params: { id: flow.id }, body: { name: 'n'.repeat(200) } })
    expect((await client.flows.duplicate({ params: { id: long.id } })).name).toBe(
      `Copy of ${'n'.repeat(192)}`,
    )
  })

  it('is copied only by who may use both of its sides', async () => {
    const reader = await join(server, person, newId('user'))
    const [source, destination] = [await close(), await file('shared.jsonl')]
    const flow = await flowOf(source.id, destination.id, users)
    await client.flowAccess.set({
      params: { id: flow.id },
      body: { memberId: reader.id, role: 'collaborator' },
    })
    const copying = reader.client.flows.duplicate({ params: { id: flow.id } })
    expect((await problem(copying)).code).toBe('source_not_found')
  })

  it('goes on with another destination, after it was said that all is read whole again', async () => {
    const [source, before, after] = [await close(), await file('before.jsonl'), await file('after.jsonl')]
    const incremental = streamsOf('leads', 'incremental')
    const flow = await flowOf(source.id, before.id, incremental)
    const change = (body: object) => client.flows.update({ params: { id: flow.id }, body })
    // Nothing is lost of a flow that has not run.
    await change({ destinationId: after.id })
    await change({ destinationId: before.id })
    await runFlow(client, flow.id)
    expect((await client.flows.get({ params: { id: flow.id } })).freshAt).not.toBeNull()
    expect(await problem(change({ destinationId: after.id }))).toMatchObject({
      code: 'rereads_all',
      detail: expect.stringContaining('reads all of its streams whole again'),
    })
    expect(await change({ destinationId: after.id, reread: true })).toMatchObject({
      ...{ freshAt: null, streams: incremental },
      destination: { id: after.id },
    })
    expect(await runFlow(client, flow.id)).toMatchObject({ status: 'succeeded', recordsWritten: 5 })
    expect(parseLines(await fileText(person, server.url, 'after.jsonl'))).toHaveLength(5)
    const { items } = await client.audit.list({ query: { action: 'flow.update', limit: 1 } })
    expect(items).toMatchObject([
      { before: { destinationId: before.id }, after: { destinationId: after.id } },
    ])
  })

  it('is left alone while it runs, and is not given what its owner may not use', async () => {
    const [source, before, after] = [await close(), await file('run.jsonl'), await file('next.jsonl')]
    const flow = await flowOf(source.id, before.id, users)
    sandbox.control.setLatency(300)
    await client.flows.run({ params: { id: flow.id } })
    const change = client.flows.update({
      params: { id: flow.id },
      body: { destinationId: after.id, reread: true },
    })
    expect((await problem(change)).code).toBe('run_active')
    sandbox.control.setLatency(0)
    const owner = await join(server, person, newId('user'))
    const theirs = await owner.client.sources.create({
      body: { ...{ connector: 'files', credentialId: null, name: 'In' }, config: { file: 'in.jsonl' } },
    })
    const to = await file('owned.jsonl', owner.client)
    const owned = await flowOf(theirs.id, to.id, null, { by: owner.client })
    const given = client.flows.update({ params: { id: owned.id }, body: { destinationId: after.id } })
    expect(await problem(given)).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('The owner of this flow may not use the data destination'),
    })
    expect((await client.flows.get({ params: { id: owned.id } })).destination.id).toBe(to.id)
  })

  it('forgets what was chosen of a source of another system', async () => {
    const [source, destination] = [await close(), await file('other.jsonl')]
    const flow = await flowOf(source.id, destination.id, users)
    const form = await close({ object: 'users' })
    const change = (body: object) => client.flows.update({ params: { id: flow.id }, body })
    expect((await change({ sourceId: form.id })).streams).toBeNull()
    expect((await problem(change({ sourceId: source.id }))).code).toBe('streams_not_chosen')
    expect((await change({ sourceId: source.id, streams: users })).streams).toEqual(users)
  })

  it('is told of other flows that write its tables and files, by name only where they may be seen', async () => {
    const source = await close()
    const one = await flowOf(source.id, (await file('same.jsonl')).id, users, { name: 'A 2' })
    const two = await flowOf(source.id, (await file('same.jsonl')).id, users, { name: 'A 10' })
    const apart = await flowOf(source.id, (await file('apart.jsonl')).id, users)
    expect(await overlapsOf(one.id)).toEqual({
      items: [{ flow: { id: two.id, name: 'A 10' }, kind: 'file', names: ['same.jsonl'], count: 1 }],
      hidden: 0,
    })
    expect(await overlapsOf(apart.id)).toEqual({ items: [], hidden: 0 })
    // The same is told of one that is not saved yet, with sides that are there or not.
    const unsaved = {
      connector: 'files',
      credentialId: null,
      config: { file: 'same.jsonl', format: 'jsonl' },
    }
    for (const to of [{ id: one.destination.id ?? '' }, unsaved]) {
      const draft = { source: { id: source.id }, destination: to, streams: users }
      const { items, hidden } = await client.flows.draftOverlaps({ body: draft })
      expect([items.map(({ flow }) => flow.name), hidden]).toEqual([['A 2', 'A 10'], 0])
    }
    const reader = await join(server, person, newId('user'))
    await client.flowAccess.set({
      params: { id: one.id },
      body: { memberId: reader.id, role: 'collaborator' },
    })
    expect(await overlapsOf(one.id, reader.client)).toEqual({ items: [], hidden: 1 })
    // Another member's file of that name is another file.
    const theirs = await reader.client.sources.create({
      body: { ...{ connector: 'files', credentialId: null, name: 'In' }, config: { file: 'in.jsonl' } },
    })
    const own = await flowOf(theirs.id, (await file('same.jsonl', reader.client)).id, null, {
      by: reader.client,
    })
    expect(await overlapsOf(own.id, reader.client)).toEqual({ items: [], hidden: 0 })
  })

  it('is told of them in one database, also through another credential', async () => {
    const { credentials, sides } = server.app.stores
    const { user } = await client.session.get()
    const ownerId = user?.id ?? ''
    const table = async (host: string, config: Record<string, string>) => {
      const values = { host, port: '5432', database: 'crm', user: newId('user') }
      const method = { connector: 'postgres', method: 'password' }
      const { id } = await credentials.insert(newCredential({ ...method, values, ownerId }))
      const side = { kind: 'destination', connector: 'postgres', credentialId: id, config, ownerId } as const
      return (await sides.insert(newEnd(side))).id
    }
    const source = await close()
    const named = async (streams: FlowStreams, host: string, config: Record<string, string>) =>
      flowOf(source.id, await table(host, config), streams)
    const all = await named(everything, 'db.example.com', { schema: 'crm' })
    const leads = await named(streamsOf('leads'), 'DB.example.com', { schema: 'crm' })
    const form = await named(streamsOf('leads'), 'db.example.com', { schema: 'crm', table: 'leads' })
    const elsewhere = await named(everything, 'db.example.org', { schema: 'crm' })
    await named(everything, 'db.example.com', { schema: 'public' })
    await named(streamsOf('tasks'), 'db.example.com', { schema: 'crm', table: 'todo' })
    const second = await named(everything, 'db.example.com', { schema: 'crm' })
    const { items } = await overlapsOf(all.id)
    expect(new Map(items.map(({ flow, names }) => [flow.id, names]))).toEqual(
      new Map([
        [leads.id, ['leads']],
        [form.id, ['leads']],
        [second.id, []],
      ]),
    )
    expect((await overlapsOf(elsewhere.id)).items).toEqual([])
    const { destinationId } = (await server.app.stores.flows.find(form.id)) ?? {}
    const to = (await server.app.stores.sides.find(destinationId ?? '')) ?? { credentialId: null }
    const unsaved = {
      connector: 'postgres',
      credentialId: to.credentialId,
      config: { schema: 'crm', table: 'leads' },
    }
    const body = { source: { id: source.id }, destination: unsaved, streams: streamsOf('leads') }
    const told = await client.flows.draftOverlaps({ body })
    expect(told.items.map(({ flow }) => flow.id).toSorted()).toEqual(
      [all.id, form.id, leads.id, second.id].toSorted(),
    )
    expect((await overlapsOf(form.id)).items.map(({ flow }) => flow.id).toSorted()).toEqual(
      [all.id, leads.id, second.id].toSorted(),
    )
  })
})
