import type { Client, DataRecord } from '@latchwork/contract'
import fc from 'fast-check'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'
import { fileText, makeFlow, parseLines, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

/** What every object inherits, and so would be found, or lost, by careless code. */
const inherited = Object.getOwnPropertyNames(Object.prototype)

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

const file = (name: string, format: 'csv' | 'jsonl') => ({
  connector: 'files',
  credentialId: null,
  config: { file: name, format },
})

async function upload(name: string, body: string): Promise<void> {
  const headers = { 'x-latchwork': '1', 'content-type': 'application/octet-stream' }
  const answer = await browser.fetch(`${running.url}/api/files/${name}`, { method: 'PUT', headers, body })
  expect([200, 201], answer.body).toContain(answer.status)
}

/** A record's own columns: `toEqual` sees no difference between one named `__proto__` and none. */
const cells = (record: DataRecord | undefined) => new Map(Object.entries(record ?? {}))
const recordOf = (names: readonly string[], value: (name: string) => unknown): DataRecord =>
  Object.fromEntries(names.map((name) => [name, value(name)]))
const text = (name: string) => `value of ${name}`

describe('columns named like what every object inherits', () => {
  it('go from CSV to JSON Lines and are shown, with all that they hold', async () => {
    const names = ['id', ...inherited]
    const record = recordOf(names, text)
    await upload('inherited.csv', `${names.join(',')}\n${names.map(text).join(',')}\n`)
    const sample = await client.sources.sample({ body: file('inherited.csv', 'csv') })
    expect(sample.columns.map(({ name }) => name)).toEqual(names)
    expect(cells(sample.records[0])).toEqual(cells(record))
    const preview = await client.destinations.preview({
      body: { source: file('inherited.csv', 'csv'), destination: file('out.jsonl', 'jsonl') },
    })
    expect(cells(preview.rows[0]?.before)).toEqual(cells(record))
    expect(cells(preview.rows[0]?.after ?? undefined)).toEqual(cells(record))

    const run = await runFlow(
      client,
      await makeFlow(client, file('inherited.csv', 'csv'), file('out.jsonl', 'jsonl')),
    )
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: 1 })
    const [written] = parseLines(await fileText(browser, running.url, 'out.jsonl'))
    expect(cells(written)).toEqual(cells(record))
    const shown = await client.runs.records({ params: { id: run.id } })
    expect(cells(shown.records[0])).toEqual(cells(record))
  })

  it('are empty where a record has none: nothing inherited is written', async () => {
    const full = recordOf(['id', ...inherited], text)
    await upload('sparse.jsonl', `${JSON.stringify(full)}\n{"id":"bare"}\n`)
    await runFlow(client, await makeFlow(client, file('sparse.jsonl', 'jsonl'), file('sparse.csv', 'csv')))
    const lines = (await fileText(browser, running.url, 'sparse.csv')).trim().split('\n')
    expect(lines[2]).toBe(`bare${','.repeat(inherited.length)}`)
  })

  it('are columns of a PostgreSQL table, and of the records that it refuses', async () => {
    const table = { connector: 'postgres', credentialId, config: { schema: 'public', table: 'inherited' } }
    const full = recordOf(['id', ...inherited], text)
    await upload('table.jsonl', `${JSON.stringify({ id: 'bare' })}\n${JSON.stringify(full)}\n`)
    const source = file('table.jsonl', 'jsonl')
    expect(await runFlow(client, await makeFlow(client, source, table))).toMatchObject({
      status: 'succeeded',
      recordsWritten: 2,
    })
    const { rows } = await database.query({ text: 'select * from inherited order by id', rowMode: 'array' })
    expect(rows).toEqual([
      ['bare', ...inherited.map(() => null), expect.any(Date)],
      ['value of id', ...inherited.map(text), expect.any(Date)],
    ])
    // The table wants shorter text than comes.
    await database.query(
      'drop table inherited; create table inherited (id text primary key, "constructor" varchar(3))',
    )
    await upload('table.jsonl', `${JSON.stringify(full)}\n`)
    const run = await runFlow(client, await makeFlow(client, source, table))
    expect(run).toMatchObject({ status: 'failed', recordsRefused: 1, error: { code: 'nothing_written' } })
    const { items } = await client.runs.quarantine({ params: { id: run.id } })
    expect(cells(items[0]?.record)).toEqual(cells(full))

    // Each of them can be put right.
    const values = recordOf(inherited, (name) => `right ${name}`.slice(0, name === 'constructor' ? 3 : 40))
    const answer = await browser.fetch(`${running.url}/api/runs/${run.id}/quarantine/${items[0]?.id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-latchwork': '1' },
      body: JSON.stringify({ values }),
    })
    expect(answer.status, answer.body).toBe(200)
    const right = await client.runs.quarantine({ params: { id: run.id } })
    expect(cells(right.items[0]?.record)).toEqual(new Map([...cells(full), ...cells(values)]))
  })

  it('make the whole way in any choice and order', async () => {
    const names = fc.uniqueArray(fc.oneof(fc.constantFrom(...inherited), fc.stringMatching(/^[a-z]{1,8}$/)), {
      minLength: 2,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(names, fc.string({ minLength: 1, maxLength: 10 }), async (columns, value) => {
        const record = recordOf(columns, (name) => name + value)
        await upload('any.jsonl', `${JSON.stringify(record)}\n`)
        await runFlow(client, await makeFlow(client, file('any.jsonl', 'jsonl'), file('any.csv', 'csv')))
        const back = await client.sources.sample({ body: file('any.csv', 'csv') })
        const protectedText = (name: string) => (/^[=+\-@\t\r]/.test(name) ? `'${name}` : name)
        expect(cells(back.records[0])).toEqual(
          cells(recordOf(columns, (name) => protectedText(name + value))),
        )
      }),
      { numRuns: 8 },
    )
  })
})
