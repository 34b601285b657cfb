import type { Client } from '@latchwork/contract'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'
import { endOf, fileText, makeFlow, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

let running: Running
let browser: Browser
let client: Client
let database: pg.Client
let credentialId = ''
beforeAll(async () => {
  const made = await startWithDatabase()
  ;({ running, browser, client, database, credentialId } = made)
  return made.stop
})

const file = (name: string, config: Record<string, string> = {}) => ({
  connector: 'files',
  credentialId: null,
  config: { file: name, ...config },
})

async function upload(name: string, body: string): Promise<void> {
  const headers = { 'x-latchwork': '1', 'content-type': 'application/octet-stream' }
  const answer = await browser.fetch(`${running.url}/api/files/${name}`, { method: 'PUT', headers, body })
  expect([200, 201], answer.body).toContain(answer.status)
}

describe('data on its way', () => {
  it('a row of another length is refused alone, with its number, and Test says so before', async () => {
    await upload('ragged.csv', 'id,name\r\n1,"A\r\nLtd"\r\n2,B, Comma Ltd\r\n3,C\r\n')
    const source = file('ragged.csv', { format: 'csv' })
    const message = 'Row 3 (line 4) has 3 columns, but the header has 2.'
    const sample = await client.sources.sample({ body: source })
    expect(sample.notes.join(' ')).toContain(message)
    const run = await runFlow(
      client,
      await makeFlow(client, source, file('ragged.jsonl', { format: 'jsonl' })),
    )
    expect(run).toMatchObject({ status: 'partial', recordsRead: 3, recordsWritten: 2, recordsRefused: 1 })
    const { items } = await client.runs.quarantine({ params: { id: run.id } })
    expect(items[0]).toMatchObject({ message, record: { id: '2', name: 'B', 'Column 3': ' Comma Ltd' } })
    expect(await fileText(browser, running.url, 'ragged.jsonl')).toBe(
      '{"id":"1","name":"A\\r\\nLtd"}\n{"id":"3","name":"C"}\n',
    )
  })

  it('an id that PostgreSQL does not take is refused, and never becomes that of another record', async () => {
    await upload('odd-ids.jsonl', '{"id":"id\\u0000"}\n{"id":"id\\ufffd"}\n{"id":"id\\ud800"}\n')
    const table = { connector: 'postgres', credentialId, config: { schema: 'public', table: 'odd_ids' } }
    const run = await runFlow(client, await makeFlow(client, file('odd-ids.jsonl'), table))
    expect(run).toMatchObject({ status: 'partial', recordsRead: 3, recordsWritten: 1, recordsRefused: 2 })
    const { items } = await client.runs.quarantine({ params: { id: run.id } })
    expect(items[0]?.message).toContain('Its id holds a NUL or half a character')
    expect((await database.query('SELECT id FROM odd_ids')).rows).toEqual([{ id: 'id\ufffd' }])
  })

  it('digits are kept by what a run remembers: its last records, its quarantine, a replay', async () => {
    const digits = '12345678901234567890'
    await database.query('CREATE TABLE digits (id text PRIMARY KEY, n numeric(10,2), deep jsonb)')
    await upload(
      'digits.jsonl',
      `{"id":"1","n":1.50,"deep":[${digits}]}\n{"id":"2","n":${digits},"deep":{"x":0.10}}\n`,
    )
    const table = { connector: 'postgres', credentialId, config: { schema: 'public', table: 'digits' } }
    const run = await runFlow(client, await makeFlow(client, file('digits.jsonl'), table))
    expect(run).toMatchObject({ status: 'partial', recordsWritten: 1, recordsRefused: 1 })
    const raw = async (path: string) =>
      (await browser.fetch(`${running.url}/api/runs/${run.id}/${path}`)).body
    expect(await raw('records')).toContain(`"n":1.50,"deep":[${digits}]`)
    expect(await raw('quarantine')).toContain(`"n":${digits},"deep":{"x":0.10}`)
    await database.query('ALTER TABLE digits ALTER COLUMN n TYPE numeric')
    const replay = await client.runs.replay({ params: { id: run.id }, body: {} })
    expect(await endOf(client, replay.id)).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    const { rows } = await database.query('SELECT id, n::text, deep::text FROM digits ORDER BY id')
    expect(rows).toEqual([
      { id: '1', n: '1.50', deep: `[${digits}]` },
      { id: '2', n: digits, deep: '{"x": 0.10}' },
    ])
  })

  it('a column is found in the records that are shown by its name, whatever stands in that', async () => {
    const names = ['First\tName', 'First Name', 'Two\nlines', '\ufeffmark', 'half\ud800']
    await upload('names.jsonl', `${JSON.stringify(Object.fromEntries(names.map((name) => [name, name])))}\n`)
    const source = file('names.jsonl')
    const sample = await client.sources.sample({ body: source })
    expect(sample.columns.map(({ name }) => name)).toEqual(names)
    expect(Object.keys(sample.records[0] ?? {})).toEqual(names)
    const run = await runFlow(client, await makeFlow(client, source, file('names-copy.jsonl')))
    const { columns, records } = await client.runs.records({ params: { id: run.id } })
    expect(Object.keys(records[0] ?? {})).toEqual(columns.map(({ name }) => name))
  })

  it('a wider column and a replaced character are told with the run', async () => {
    await database.query('CREATE TABLE told (id text PRIMARY KEY, seats integer)')
    await upload(
      'told.jsonl',
      '{"id":"1","seats":12,"name":"A\\u0000B"}\n{"id":"2","seats":"n/a","name":"C"}\n',
    )
    const table = { connector: 'postgres', credentialId, config: { schema: 'public', table: 'told' } }
    const run = await runFlow(client, await makeFlow(client, file('told.jsonl'), table))
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: 2 })
    expect(run.notices).toEqual([
      expect.objectContaining({ code: 'column_widened', column: 'seats', count: 1 }),
      expect.objectContaining({ code: 'characters_replaced', column: 'name', count: 1 }),
    ])
  })
})
