import {
  type Client,
  type FlowStreams,
  flowStreamSchema,
  flowStreamsSchema,
  newId,
} from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, runFlow } from './moving.ts'

let sandbox: Sandbox
let server: Running
let boss: Browser
let client: Client
const ids = { credentialId: '', sourceId: '', destinationId: '' }
beforeAll(async () => {
  const made = await startWithClose({ leads: 30 })
  ;({ sandbox, server, person: boss } = made)
  client = boss.client
  ids.credentialId = await closeCredential(client, sandbox)
  const source = { connector: 'close', credentialId: ids.credentialId, config: { object: 'streams' } }
  ids.sourceId = (await client.sources.create({ body: { ...source, name: 'Close' } })).id
  const files = { connector: 'files', credentialId: null, config: { file: 'out.jsonl', format: 'jsonl' } }
  ids.destinationId = (await client.destinations.create({ body: { ...files, name: 'Files' } })).id
  return made.stop
})

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const choice = (stream: string, parameters: Record<string, string> = {}) =>
  flowStreamSchema.parse({ stream, parameters })
const chosen = (...all: ReturnType<typeof choice>[]): FlowStreams => ({ everything: false, chosen: all })
const make = (streams: FlowStreams) => {
  const { sourceId, destinationId } = ids
  return client.flows.create({ body: { name: newId('flow'), sourceId, destinationId, streams } })
}
const statuses = async (of: Client = client) =>
  of.sources.options({
    params: { id: ids.sourceId },
    query: { stream: 'leads', parameter: 'status_id' },
  })

describe('the choices of a parameter', () => {
  it('are those of the account, of a saved source and of one that is not, and the log says who looked', async () => {
    const { items } = await statuses()
    const labels = truth('lead_status').map(({ id, label }) => ({ value: String(id), label: String(label) }))
    expect(items).toEqual(expect.arrayContaining(labels))
    const of = { stream: 'leads', parameter: 'status_id' }
    const { credentialId } = ids
    const body = { connector: 'close', credentialId, config: { object: 'streams' }, of }
    expect((await client.sources.offeredOptions({ body })).items).toEqual(items)
    const log = await client.audit.list({ query: { action: 'source.options' } })
    expect(log.items.map(({ object }) => object?.id ?? null)).toEqual([null, ids.sourceId])
    const none = { ...of, parameter: 'name' }
    expect(
      await problem(client.sources.options({ params: { id: ids.sourceId }, query: none })),
    ).toMatchObject({ code: 'invalid_input', errors: [{ field: 'parameter' }] })
  })

  it('#44 are told to nobody who may not use the credential behind the source', async () => {
    const other = await join(server, boss, 'Linden')
    expect((await problem(statuses(other.client))).code).toBe('source_not_found')
    await client.sourceAccess.set({
      params: { id: ids.sourceId },
      body: { memberId: other.id, role: 'collaborator' },
    })
    expect((await problem(statuses(other.client))).code).toBe('credential_not_found')
  })
})

describe('the parameters of a flow’s streams', () => {
  it.each([
    ['a name that the stream has not', 'leads', { owner: 'x' }, 'parameters.owner'],
    ['a day that there is not', 'calls', { created_from: '2026-02-30' }, 'parameters.created_from'],
    ['a choice that Close has not', 'calls', { direction: 'up' }, 'parameters.direction'],
    ['a choice that the account has not', 'leads', { status_id: 'stat_x' }, 'parameters.status_id'],
    ['a smart view of other records', 'leads', { smart_view: 'contacts' }, 'parameters.smart_view'],
    ['what Close does not take together', 'event_log', { action: 'updated' }, 'parameters.action'],
    ['a stream that there is not', 'dragons', { a: 'b' }, 'stream'],
    ['a stream under a name of its own', 'leads:mine', {}, 'stream'],
    ['a stream by hand without one', 'by_hand', { path: '/lead/' }, 'stream'],
    ['no path', 'by_hand:mine', {}, 'parameters.path'],
    ['another system', 'by_hand:mine', { path: 'https://evil.example/' }, 'parameters.path'],
    ['a header of ours', 'by_hand:mine', { path: '/lead/', headers: 'Cookie: a=b' }, 'parameters.headers'],
  ])('are refused with the field when it is saved: %s', async (_name, stream, given, field) => {
    const view = truth('saved_search').find((each) => each['type'] === 'contact')
    const parameters = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        value === 'contacts' ? String(view?.['id']) : value,
      ]),
    )
    const streams = chosen(choice('users'), choice(stream, parameters))
    const refused = { code: 'invalid_input', errors: [{ field: `streams.chosen.1.${field}` }] }
    expect(await problem(make(streams))).toMatchObject(refused)
    const { id } = await make(chosen(choice('users')))
    const update = client.flows.update({ params: { id }, body: { streams } })
    expect(await problem(update)).toMatchObject(refused)
  })

  it('decide what a run reads, beside a stream by hand that has a name of its own', async () => {
    const [status] = truth('lead_status').map(({ id }) => String(id))
    const streams = chosen(
      choice('leads', { status_id: status ?? '' }),
      choice('by_hand:conversations', { path: '/activity/note/', page_size: '20' }),
    )
    const run = await runFlow(client, (await make(streams)).id)
    const leads = truth('lead').filter((lead) => lead['status_id'] === status).length
    const notes = truth('note').length
    expect(leads).toBeGreaterThan(0)
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: leads + notes })
    const { items } = await client.files.list()
    expect(items.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['out-leads.jsonl', 'out-conversations.jsonl']),
    )
  })

  it('are not asked for again where they stay: what is gone meanwhile keeps nobody from another change', async () => {
    const record = { name: 'Short', type: 'lead', s_query: { query: { type: 'match_all' } } }
    const view = String(sandbox.control.insert({ type: 'saved_search', record })['id'])
    const leads = choice('leads', { smart_view: view })
    const { id } = await make(chosen(leads))
    sandbox.control.remove({ type: 'saved_search', id: view })
    const update = (streams: FlowStreams) => client.flows.update({ params: { id }, body: { streams } })
    expect(await update(chosen(leads, choice('users')))).toMatchObject({ id })
    expect(
      await problem(update(chosen({ ...leads, parameters: { ...leads.parameters, created_by: 'x' } }))),
    ).toMatchObject({
      errors: [
        { field: 'streams.chosen.0.parameters.smart_view' },
        { field: 'streams.chosen.0.parameters.created_by' },
      ],
    })
  })
})

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('a flow of before that reads everything, on %s', (_name, makePlace) => {
  it('goes on with both of the streams that have the same records', async () => {
    const place = await makePlace('none')
    onTestFinished(() => place.remove())
    const before = await openDatabase(place.settings)
    await migrate(before, '0030-records-by-stream')
    const times = { search_name: '', search_description: '', created_at: 1, updated_at: 1 }
    const streams = JSON.stringify({ everything: true, deletions: 'leave' })
    const named = { name: 'Old', name_key: 'old', description: '', owner_id: 'usr_1', ...times }
    const [source_id, destination_id] = [newId('source'), newId('destination')]
    const add = (table: string, row: Record<string, unknown>) =>
      sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
        values (${sql.join(Object.values(row))})`.execute(before.tables)
    await add('sides', { id: source_id, kind: 'source', connector: 'close', config: '{}', ...named })
    await add('sides', {
      id: destination_id,
      kind: 'destination',
      connector: 'files',
      config: '{}',
      ...named,
    })
    await add('flows', { id: newId('flow'), streams, source_id, destination_id, ...named })
    await before.close()
    const after = await openDatabase(place.settings)
    await migrate(after)
    const { rows } = await sql<{ streams: string }>`select streams from flows`.execute(after.tables)
    await after.close()
    const stored = rows.map((each) => flowStreamsSchema.parse(JSON.parse(each.streams)))
    expect(stored).toEqual([{ everything: true, deletions: 'leave', sameRecords: 'both' }])
  })
})
