import { type Client, type FlowStream, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { problem } from '../browser.ts'
import { closeCredential, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

let client: Client
let database: pg.Client
let sandbox: Sandbox
let credentialId = ''
let sides = { sourceId: '', destinationId: '' }
beforeAll(async () => {
  const made = await startWithDatabase({ leads: 6 })
  ;({ client, database, credentialId, sandbox } = made)
  const { id: sourceId } = await client.sources.create({
    body: {
      ...{ connector: 'close', name: 'Close' },
      credentialId: await closeCredential(client, sandbox),
      config: { object: 'streams' },
    },
  })
  sides = { sourceId, destinationId: await destination({ schema: 'public' }) }
  return made.stop
})

async function destination(config: Record<string, string>, own = credentialId): Promise<string> {
  const body = { connector: 'postgres', name: newId('destination'), config, credentialId: own }
  return (await client.destinations.create({ body })).id
}
const freshSchema = () => `own_${newId('flow').slice(5, 15).toLowerCase()}`
const chosen = (...choices: (Partial<FlowStream> & { stream: string })[]) => ({
  everything: false as const,
  chosen: choices.map((choice) => flowStreamSchema.parse(choice)),
})
const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
/** The items that Close has, as `record/position value`. */
const itemsOf = (type: string, list: string, field: string): string[] =>
  truth(type)
    .flatMap((record) => {
      const items = z.array(z.record(z.string(), z.unknown())).parse(record[list])
      return items.map((item, at) => `${record['id']}/${at} ${item[field]}`)
    })
    .sort()
const rows = async (text: string) => (await database.query(text)).rows

describe('lists in tables of their own', () => {
  it('are filled from Close, follow edits, deletions and merges, and are the same after a reset', async () => {
    const schema = freshSchema()
    const contacts = {
      stream: 'contacts',
      mode: 'incremental',
      lists: 'tables',
      deletions: 'remove',
    } as const
    const streams = chosen(contacts, { stream: 'leads', mode: 'incremental', lists: 'tables' })
    const flow = await client.flows.create({ body: { name: newId('flow'), ...sides, streams, schema } })
    expect(flow).toMatchObject({ schema, streams: { chosen: [{ lists: 'tables' }, { lists: 'tables' }] } })
    const expectEqual = async () => {
      expect(await there('contacts_emails', 'email')).toEqual(itemsOf('contact', 'emails', 'email'))
      expect(await there('leads_addresses', 'city')).toEqual(itemsOf('lead', 'addresses', 'city'))
    }
    const there = async (table: string, field: string) => {
      const isLive = table.startsWith('leads') ? 'WHERE _deleted_at IS NULL' : ''
      const found = await rows(`SELECT * FROM ${schema}.${table} ${isLive}`)
      return found.map((row) => `${row['_parent_id']}/${row['_position']} ${row[field]}`).sort()
    }
    const edit = (type: string, id: unknown, changes: object) =>
      sandbox.control.edit({ type, id: String(id), changes: { ...changes } })
    expect(await runFlow(client, flow.id)).toMatchObject({ status: 'succeeded' })
    expect((await there('contacts_emails', 'email')).length).toBeGreaterThan(3)
    await expectEqual()

    const [first, second] = truth('contact')
    const [kept, merged] = truth('lead')
    edit('contact', first?.['id'], { emails: [{ email: 'new@inbox.example', type: 'office' }] })
    sandbox.control.remove({ type: 'contact', id: String(second?.['id']) })
    edit('lead', merged?.['id'], { addresses: [{ label: 'business', city: 'Merged' }] })
    await runFlow(client, flow.id)
    await expectEqual()
    sandbox.control.merge({ source: String(merged?.['id']), destination: String(kept?.['id']) })
    await runFlow(client, flow.id)
    await expectEqual()
    expect(
      await rows(`SELECT _deleted_at IS NULL AS live FROM ${schema}.leads_addresses
                  WHERE _parent_id = '${merged?.['id']}'`),
    ).toEqual([{ live: false }])

    await client.flows.reset({ params: { id: flow.id }, body: { streams: ['contacts', 'leads'] } })
    await database.query(`UPDATE ${schema}.contacts_emails SET email = 'stale'`)
    await runFlow(client, flow.id)
    await expectEqual()
  })

  it('are refused where a destination has none: files, when the flow is saved', async () => {
    const body = { connector: 'files', credentialId: null, name: newId('destination') }
    const { id } = await client.destinations.create({
      body: { ...body, config: { file: 'lists.jsonl', format: 'jsonl' } },
    })
    const flow = { name: newId('flow'), sourceId: sides.sourceId, destinationId: id }
    const refused = await problem(
      client.flows.create({ body: { ...flow, streams: chosen({ stream: 'leads', lists: 'tables' }) } }),
    )
    expect(refused).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'streams.chosen.0.lists', message: expect.stringMatching(/no tables of their own/) }],
    })
    const all = { everything: true, deletions: 'mark', sameRecords: 'parts', lists: 'tables' } as const
    expect(await problem(client.flows.create({ body: { ...flow, streams: all } }))).toMatchObject({
      errors: [{ field: 'streams.lists' }],
    })
    const withTables = await client.flows.create({
      body: { ...flow, ...sides, name: newId('flow'), streams: chosen({ stream: 'leads', lists: 'tables' }) },
    })
    const moved = client.flows.update({
      params: { id: withTables.id },
      body: { destinationId: id, reread: true },
    })
    expect(await problem(moved)).toMatchObject({ code: 'invalid_input' })
  })
})

describe('a schema of the flow', () => {
  it('is made, is another place than that of the destination, and is read whole when it changes', async () => {
    const [one, other] = [freshSchema(), freshSchema()]
    const streams = chosen({ stream: 'lead_statuses', target: newId('flow') })
    const make = (schema: string | null) =>
      client.flows.create({ body: { name: newId('flow'), ...sides, streams, schema } })
    const [first, second, twin] = [await make(one), await make(null), await make(one)]
    const overlaps = async (id: string) =>
      (await client.flows.overlaps({ params: { id } })).items.map(({ flow }) => flow.id)
    expect(await overlaps(second.id)).toEqual([])
    expect(await overlaps(first.id)).toEqual([twin.id])
    await runFlow(client, first.id)
    const copy = await client.flows.duplicate({ params: { id: first.id }, body: {} })
    expect(copy.schema).toBe(one)
    const move = (body: object) =>
      client.flows.update({ params: { id: first.id }, body: { schema: other, ...body } })
    expect(await problem(move({}))).toMatchObject({ code: 'rereads_all' })
    expect(await move({ reread: true })).toMatchObject({ schema: other })
    await runFlow(client, first.id)
    const made = await rows(
      `SELECT schemaname AS schema FROM pg_tables WHERE schemaname IN ('${one}', '${other}') ORDER BY 1`,
    )
    expect(made.map(({ schema }) => schema)).toEqual([one, other].sort())
  })

  it.each([
    ['pg_own', /schema of the flow is PostgreSQL's own/],
    ['ü'.repeat(40), /schema of the flow may have at most 63 bytes/],
  ])('is refused when it is saved where it is no name for one: %s', async (schema, message) => {
    const body = { name: newId('flow'), ...sides, streams: chosen({ stream: 'leads' }), schema }
    expect(await problem(client.flows.create({ body }))).toMatchObject({
      errors: [{ field: 'schema', message: expect.stringMatching(message) }],
    })
  })

  it('is refused before anything is read where the user may not make it', async () => {
    const user = `latchwork_${newId('flow').slice(5, 15).toLowerCase()}`
    await database.query(`CREATE USER ${user} PASSWORD 'plain'`)
    const { values } = await client.credentials.get({ params: { id: credentialId } })
    const { id } = await client.credentials.create({
      body: {
        ...{ connector: 'postgres', method: 'password', name: newId('credential') },
        values: { ...values, user, password: 'plain' },
      },
    })
    const destinationId = await destination({ schema: 'public' }, id)
    const schema = freshSchema()
    const flow = await client.flows.create({
      body: { name: newId('flow'), ...sides, destinationId, schema, streams: chosen({ stream: 'leads' }) },
    })
    expect(await runFlow(client, flow.id)).toMatchObject({
      ...{ status: 'failed', recordsRead: 0 },
      error: {
        code: 'invalid_input',
        message: expect.stringContaining(
          `${schema} does not exist in the database, and the database user may not make it`,
        ),
      },
    })
    await database.query(`DROP OWNED BY ${user}; DROP USER ${user}`)
  })
})

describe('a table that is there with a column of another type', () => {
  it.each([
    ['same_column', 'SELECT name, null AS name_text', 'text'],
    ['new_column', 'SELECT name::text AS name, name_text', 'numeric'],
  ] as const)('holds a new flow until somebody chooses: %s', async (choice, columns, type) => {
    const schema = freshSchema()
    await database.query(
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.leads (id text PRIMARY KEY, name numeric);
       INSERT INTO ${schema}.leads VALUES ('mine', 7)`,
    )
    const streams = chosen({ stream: 'leads', target: 'leads', columns: ['id', 'name'], deletions: 'leave' })
    const { id } = await client.flows.create({ body: { name: newId('flow'), ...sides, streams, schema } })
    for (const _ of ['first', 'again']) {
      expect(await runFlow(client, id)).toMatchObject({
        ...{ status: 'failed', recordsRead: 0, error: { code: 'schema_change_held' } },
      })
    }
    await client.flows.chooseColumn({ params: { id }, body: { stream: 'leads', column: 'name', choice } })
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded', recordsRefused: 0 })
    const found = await rows(`${columns} FROM ${schema}.leads ORDER BY id = 'mine' DESC`)
    expect(found[0]).toEqual({ name: '7', name_text: null })
    const names = found.slice(1).map((row) => (choice === 'same_column' ? row['name'] : row['name_text']))
    expect(names.sort()).toEqual(
      truth('lead')
        .map((lead) => lead['name'])
        .sort(),
    )
    const [column] = await rows(
      `SELECT data_type AS type FROM information_schema.columns
       WHERE table_schema = '${schema}' AND table_name = 'leads' AND column_name = 'name'`,
    )
    expect(column).toEqual({ type })
  })
})
