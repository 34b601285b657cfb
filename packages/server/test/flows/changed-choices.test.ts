import { type Client, type FlowStream, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { runFlow } from './moving.ts'
import { startWithStreams } from './with-database.ts'

let client: Client
let database: pg.Client
let sandbox: Sandbox
let sides = { sourceId: '', destinationId: '' }
beforeAll(async () => {
  const made = await startWithStreams({ leads: 12 })
  ;({ client, database, sandbox, sides } = made)
  return made.stop
})

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const idOf = (type: string, at: number) => String(truth(type)[at]?.['id'])
const edit = (id: string, changes: Record<string, string | null>) =>
  sandbox.control.edit({ type: 'lead', id, changes })
const chosen = (...choices: Partial<FlowStream>[]) => ({
  everything: false as const,
  chosen: choices.map((choice) =>
    flowStreamSchema.parse({ stream: 'leads', mode: 'incremental', ...choice }),
  ),
})
async function flowOf(...choices: Partial<FlowStream>[]) {
  const schema = `changed_${newId('flow').slice(5, 15).toLowerCase()}`
  const body = { name: newId('flow'), ...sides, schema, streams: chosen(...choices) }
  const { id } = await client.flows.create({ body })
  const choose = (...others: Partial<FlowStream>[]) =>
    client.flows.update({ params: { id }, body: { streams: chosen(...others) } })
  const rows = async (columns: string) =>
    (await database.query(`SELECT ${columns} FROM ${schema}.leads ORDER BY id`)).rows
  return { id, choose, rows }
}
const sorted = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))

describe('a choice that is changed between runs', () => {
  it('has of a column that was left out and is picked again what Close has now', async () => {
    const { id, choose, rows } = await flowOf({ columns: ['name', 'description'] })
    const [first, second] = [idOf('lead', 0), idOf('lead', 1)]
    edit(first, { description: 'Before' })
    edit(second, { description: 'Goes' })
    await runFlow(client, id)
    await choose({ columns: ['name'] })
    edit(first, { description: 'While it was left out' })
    edit(second, { description: null })
    await runFlow(client, id)
    await choose({ columns: ['name', 'description'] })
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded' })
    const wanted = truth('lead').map((lead) => ({ id: lead['id'], description: lead['description'] ?? null }))
    expect(await rows('id, description')).toEqual(sorted(wanted))
  })

  it('marks, deletes and leaves what is gone as is said at the time', async () => {
    const { id, choose, rows } = await flowOf({ deletions: 'mark' })
    const there = async () =>
      (await rows('id, _deleted_at')).map((row) => (row._deleted_at === null ? row.id : `(${row.id})`))
    const ids = () => sorted(truth('lead')).map((lead) => String(lead['id']))
    const remove = () => {
      const gone = idOf('lead', 2)
      sandbox.control.remove({ type: 'lead', id: gone })
      return gone
    }
    await runFlow(client, id)
    const marked = remove()
    await runFlow(client, id)
    expect((await there()).filter((each) => each.startsWith('('))).toEqual([`(${marked})`])
    await choose({ deletions: 'remove' })
    remove()
    await runFlow(client, id)
    expect(await there()).toEqual(ids())
    await choose({ deletions: 'leave' })
    const left = remove()
    await runFlow(client, id)
    expect(await there()).toEqual([...ids(), left].toSorted())
    await choose({ deletions: 'mark' })
    await runFlow(client, id)
    expect(await there()).toEqual([...ids(), `(${left})`].toSorted((a, b) => (bare(a) < bare(b) ? -1 : 1)))
  })

  it('goes on with the other streams where the smart view of one is gone, and says which', async () => {
    const record = { name: 'All', type: 'lead', s_query: { query: { type: 'match_all' } } }
    const view = String(sandbox.control.insert({ type: 'saved_search', record })['id'])
    const { id, choose } = await flowOf(
      { parameters: { smart_view: view } },
      { stream: 'contacts', parameters: {} },
    )
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded' })
    sandbox.control.remove({ type: 'saved_search', id: view })
    const run = await runFlow(client, id)
    expect(run).toMatchObject({ status: 'partial' })
    const { streams: items } = await client.runs.get({ params: { id: run.id } })
    expect(items.find(({ stream }) => stream === 'leads')).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('choose it again') },
    })
    expect(items.find(({ stream }) => stream === 'contacts')).toMatchObject({ status: 'succeeded' })
    // Twice, before the next run.
    await choose({ parameters: { created_from: '2999-01-01' } }, { stream: 'contacts' })
    await choose({ parameters: {} }, { stream: 'contacts' })
    expect(await runFlow(client, id)).toMatchObject({ status: 'succeeded' })
  })
})

const bare = (text: string) => text.replace(/[()]/g, '')
