import { type Client, type FlowStream, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { closeCredential, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

let client: Client
let database: pg.Client
let sandbox: Sandbox
let sides = { sourceId: '', destinationId: '' }
beforeAll(async () => {
  const made = await startWithDatabase({ leads: 6 })
  ;({ client, database, sandbox } = made)
  const { credentialId } = made
  const reads = await closeCredential(client, sandbox)
  const source = { connector: 'close', name: 'Close', credentialId: reads, config: { object: 'streams' } }
  const destination = { connector: 'postgres', name: 'Tables', credentialId, config: { schema: 'public' } }
  sides = {
    sourceId: (await client.sources.create({ body: source })).id,
    destinationId: (await client.destinations.create({ body: destination })).id,
  }
  return made.stop
})

const freshSchema = () => `held_${newId('flow').slice(5, 15).toLowerCase()}`
const chosen = (choice: Partial<FlowStream> & { stream: string }) => ({
  everything: false as const,
  chosen: [flowStreamSchema.parse(choice)],
})
const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const rows = async (text: string) => (await database.query(text)).rows

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

describe('a column that gets a value of another type than its field has', () => {
  const openFlow = async () => {
    const schema = freshSchema()
    const streams = chosen({ stream: 'opportunities', mode: 'incremental', columns: ['id', 'value', 'note'] })
    const { id } = await client.flows.create({ body: { name: newId('flow'), ...sides, streams, schema } })
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded' })
    const [first, second] = truth('opportunity')
    const edit = (record: typeof first, changes: object) =>
      sandbox.control.edit({ type: 'opportunity', id: String(record?.['id']), changes: { ...changes } })
    edit(first, { value: 'many' })
    edit(second, { note: 'changed' })
    const held = { status: 'failed', error: { code: 'schema_change_held' } }
    const run = await runFlow(client, id)
    expect(run).toMatchObject(held)
    expect(run.error?.message).toContain(
      `The column value of the table ${schema}.opportunities is numeric, and “Value” has “many”.`,
    )
    expect(await typeOf(schema, 'value')).toBe('numeric')
    return { id, schema, held, setBack: () => edit(first, { value: 7 }), first: String(first?.['id']) }
  }
  const typeOf = async (schema: string, column: string) => {
    const found = await rows(
      `SELECT data_type AS type FROM information_schema.columns
       WHERE table_schema = '${schema}' AND table_name = 'opportunities' AND column_name = '${column}'`,
    )
    return found[0]?.type
  }
  const changedTo = async (id: string) => {
    const { items } = await client.flows.columns({ params: { id } })
    return items[0]?.columns.find(({ name }) => name === 'value')?.changedTo
  }

  it.each([
    ['same_column', 'value', 'text'],
    ['new_column', 'value_text', 'numeric'],
  ] as const)('is held until somebody chooses: %s', async (choice, column, type) => {
    const { id, schema, held, setBack, first } = await openFlow()
    expect(await runFlow(client, id)).toMatchObject(held)
    expect(await changedTo(id)).toBe('text')
    await client.flows.chooseColumn({
      params: { id },
      body: { stream: 'opportunities', column: 'value', choice },
    })
    const run = await runFlow(client, id)
    expect(run).toMatchObject({ status: 'succeeded', recordsRefused: 0 })
    expect(run.notices.filter(({ code }) => code === 'schema_changed')).toEqual([])
    const found = await rows(`SELECT id, ${column}::text AS value FROM ${schema}.opportunities ORDER BY id`)
    const expected = truth('opportunity').map((each) => ({
      id: each['id'],
      value: each['value'] === null ? null : String(each['value']),
    }))
    expect(found).toEqual(expected.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1)))
    expect(await typeOf(schema, 'value')).toBe(type)
    setBack()
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded', notices: [] })
    expect(
      await rows(`SELECT ${column}::text AS value FROM ${schema}.opportunities WHERE id = '${first}'`),
    ).toEqual([{ value: '7' }])
  })

  it('goes on by itself once the value is right in Close', async () => {
    const { id, schema, setBack, first } = await openFlow()
    setBack()
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded' })
    expect(await changedTo(id)).toBeNull()
    expect(await rows(`SELECT value, note FROM ${schema}.opportunities WHERE id = '${first}'`)).toMatchObject(
      [{ value: '7' }],
    )
    expect(await rows(`SELECT 1 FROM ${schema}.opportunities WHERE note = 'changed'`)).toHaveLength(1)
  })
})

it('everything that Close has fits the types that its streams say', { timeout: 120_000 }, async () => {
  const streams = { everything: true, deletions: 'mark', sameRecords: 'both' } as const
  const { id } = await client.flows.create({
    body: { name: newId('flow'), ...sides, streams, schema: freshSchema() },
  })
  const run = await runFlow(client, id)
  const { streams: moved } = await client.runs.get({ params: { id: run.id } })
  expect(moved.filter(({ error }) => error?.code === 'schema_change_held')).toEqual([])
  expect(moved.length).toBeGreaterThan(60)
  expect(run.notices.filter(({ code }) => code === 'column_widened')).toEqual([])
})
