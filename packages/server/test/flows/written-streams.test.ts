import { type Client, flowStreamSchema, type SyncMode } from '@latchwork/contract'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { databaseValues } from '../credentials/database-values.ts'
import { makePostgresPlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'
import { Garden } from './garden.ts'
import { fileText, makeFlow, parseLines, runFlow } from './moving.ts'

let running: Running
let browser: Browser
let client: Client
let database: pg.Client
let credentialId = ''
let garden: Garden
beforeAll(async () => {
  const place = await makePostgresPlace()
  const url = new URL(place.settings.databaseUrl?.reveal() ?? '')
  database = new pg.Client({ connectionString: url.href })
  await database.connect()
  garden = new Garden()
  running = await startRunning(null, { connectors: [garden.connector] })
  browser = await running.signedIn()
  client = browser.client
  const made = await client.credentials.create({
    body: { connector: 'postgres', method: 'password', name: 'Tables', values: databaseValues(url) },
  })
  credentialId = made.id
  return async () => {
    await running.stop()
    await database.end()
    await place.remove()
  }
})

const fruit = { connector: 'garden', credentialId: null, config: {} }
const names = async () => (await client.files.list({})).items.map(({ name }) => name).sort()
const choose = (id: string, mode: SyncMode) => {
  const chosen = ['apples', 'pears'].map((stream) => flowStreamSchema.parse({ stream, mode }))
  return client.flows.update({ params: { id }, body: { streams: { everything: false, chosen } } })
}
const lines = async (name: string) => parseLines(await fileText(browser, running.url, name))

describe('the streams of a flow', () => {
  it('are a file each, of its owner, and a file of what has changed in each later run', async () => {
    garden.put('apples', 'a1', 'red')
    garden.put('apples', 'a2', 'green')
    garden.put('pears', 'p1', 'yellow')
    const flow = await makeFlow(client, fruit, {
      connector: 'files',
      credentialId: null,
      config: { file: 'fruit.jsonl', format: 'jsonl' },
    })
    await choose(flow, 'incremental')
    expect(await runFlow(client, flow)).toMatchObject({ status: 'succeeded', recordsWritten: 3 })
    expect(await names()).toEqual(['fruit-apples.jsonl', 'fruit-pears.jsonl'])
    expect(await lines('fruit-apples.jsonl')).toEqual([
      { id: 'a1', colour: 'red' },
      { id: 'a2', colour: 'green' },
    ])
    garden.put('apples', 'a1', 'brown')
    garden.fell('apples', 'a2')
    expect(await runFlow(client, flow)).toMatchObject({
      status: 'succeeded',
      recordsWritten: 1,
      recordsDeleted: 1,
    })
    const [dated = '', ...others] = (await names()).filter((name) => /apples-\d/.test(name))
    expect(others).toEqual([])
    expect(await lines(dated)).toEqual([
      { id: 'a1', colour: 'brown' },
      { id: 'a2', _deleted_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) },
    ])
    // Nothing has changed: nothing is written.
    const before = await names()
    expect(await runFlow(client, flow)).toMatchObject({ status: 'succeeded', recordsRead: 0 })
    expect(await names()).toEqual(before)
    expect(await lines('fruit-apples.jsonl')).toHaveLength(2)
  })

  it('are a table each, in which what a full run has not seen is marked, and told', async () => {
    garden.put('pears', 'p2', 'brown')
    const flow = await makeFlow(client, fruit, {
      connector: 'postgres',
      credentialId,
      config: { schema: 'public', table: '' },
    })
    await choose(flow, 'full')
    expect(await runFlow(client, flow)).toMatchObject({ status: 'succeeded', notices: [] })
    garden.fell('pears', 'p1')
    expect(await runFlow(client, flow)).toMatchObject({
      status: 'succeeded',
      notices: [
        {
          code: 'records_gone',
          column: 'pears',
          count: 1,
          message: 'Records that Garden does not have any more were marked as deleted.',
        },
      ],
    })
    const { rows } = await database.query(
      `SELECT id, colour, _deleted_at IS NULL AS there FROM pears
       UNION ALL SELECT id, colour, _deleted_at IS NULL FROM apples ORDER BY id`,
    )
    expect(rows).toEqual([
      { id: 'a1', colour: 'brown', there: true },
      { id: 'p1', colour: 'yellow', there: false },
      { id: 'p2', colour: 'brown', there: true },
    ])
  })

  it('go on in a table that was removed only with all of their records', async () => {
    garden.put('apples', 'a3', 'red')
    const flow = await makeFlow(client, fruit, {
      connector: 'postgres',
      credentialId,
      config: { schema: 'orchard', table: '' },
    })
    await choose(flow, 'incremental')
    expect(await runFlow(client, flow)).toMatchObject({ status: 'succeeded' })
    const ids = async () => (await database.query('SELECT id FROM orchard.apples ORDER BY id')).rows
    const before = await ids()
    await database.query('DROP TABLE orchard.apples')
    garden.put('apples', 'a4', 'green')
    // The other stream has its table.
    const run = await runFlow(client, flow)
    expect(run).toMatchObject({ status: 'partial', retryAt: null })
    expect(run.error?.message).toContain('The table orchard.apples is not there any more.')
    const { streams } = await client.runs.get({ params: { id: run.id } })
    expect(streams.find(({ stream }) => stream === 'apples')?.error?.code).toBe('destination_gone')
    await client.flows.reset({ params: { id: flow }, body: { streams: ['apples'] } })
    expect(await runFlow(client, flow)).toMatchObject({ status: 'succeeded' })
    expect(await ids()).toEqual([...before, { id: 'a4' }])
  })
})
