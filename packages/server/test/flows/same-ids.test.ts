import type { Client, Run } from '@latchwork/contract'
import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import type { Running } from '../running.ts'
import { endOf, fileText, makeFlow, parseLines, runFlow } from './moving.ts'
import { startWithDatabase } from './with-database.ts'

/* Files from one day to the next: ids that come twice, that are missing one day, and days without records. */

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
  config: { file: name, ...(name.endsWith('.csv') && { format: 'csv' }), ...config },
})
const table = (name: string) => ({
  connector: 'postgres',
  credentialId,
  config: { schema: 'public', table: name },
})

async function upload(name: string, body: string): Promise<void> {
  const headers = { 'x-latchwork': '1', 'content-type': 'application/octet-stream' }
  const answer = await browser.fetch(`${running.url}/api/files/${name}`, { method: 'PUT', headers, body })
  expect([200, 201], answer.body).toContain(answer.status)
}

/** The same flow, once for each content of its file. */
async function days(name: string, place: string, contents: readonly string[]): Promise<Run[]> {
  await upload(name, contents[0] ?? '')
  const flow = await makeFlow(client, file(name), table(place))
  const runs: Run[] = []
  for (const content of contents) {
    await upload(name, content)
    const { id } = await client.flows.run({ params: { id: flow }, body: { again: true } })
    runs.push(await endOf(client, id))
  }
  return runs
}

const idsIn = async (place: string) =>
  (await database.query(`SELECT id FROM ${place} ORDER BY id`)).rows.map(({ id }) => String(id))

describe('records of a file with the same id', () => {
  const lines = [...Array.from({ length: 600 }, (_, at) => `${at},N${at}`), '0,again', '599,again']

  it('are all written to a file, and told', async () => {
    await upload('twins.csv', `id,name\n1,A\n2,B\n1,C\n`)
    const run = await runFlow(client, await makeFlow(client, file('twins.csv'), file('twins.jsonl')))
    expect(run).toMatchObject({ status: 'succeeded', recordsRead: 3, recordsWritten: 3 })
    expect(parseLines(await fileText(browser, running.url, 'twins.jsonl'))).toEqual([
      { id: '1', name: 'A' },
      { id: '2', name: 'B' },
      { id: '1', name: 'C' },
    ])
    expect(run.notices).toEqual([expect.objectContaining({ code: 'same_ids', column: 'id', count: 1 })])
  })

  it('are one row of a table, the last of them, and that is told with the run and by Test', async () => {
    await upload('far-twins.csv', `id,name\n${lines.join('\n')}\n`)
    const { notes = [] } = await client.sources.sample({ body: file('far-twins.csv') })
    expect(notes.join(' ')).not.toContain('same id') // they lie beyond what Test looks at
    const run = await runFlow(client, await makeFlow(client, file('far-twins.csv'), table('far_twins')))
    expect(run.notices).toEqual([expect.objectContaining({ code: 'same_ids', column: 'id', count: 2 })])
    expect(run.notices[0]?.message).toContain('the last of them')
    expect(await idsIn('far_twins')).toHaveLength(600)
    await upload('near-twins.jsonl', '{"id":1,"n":"A"}\n{"id":"1","n":"B"}\n{"id":2}\n')
    const near = await client.sources.sample({ body: file('near-twins.jsonl') })
    expect(near.notes).toContain(
      '1 record has the same id as a record before it (the first is “1”). A table has one row for each id, from the last of them.',
    )
  })
})

describe('a file on a day without records', () => {
  it.each([
    ['header.csv', 'id,name\n'],
    ['nothing.csv', ''],
    ['nothing.jsonl', ''],
  ])('leaves the table of the days before as it is, and the flow goes on: %s', async (name, empty) => {
    const full = name.endsWith('.csv')
      ? 'id,name\n1,A\n2,B\n'
      : '{"id":"1","name":"A"}\n{"id":"2","name":"B"}\n'
    const place = `day_${name.replace('.', '_')}`
    const runs = await days(name, place, [full, empty, full])
    expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(runs[2]?.notices).toEqual([])
    expect(await idsIn(place)).toEqual(['1', '2'])
  })

  it.each([
    ['first-header.csv', 'id,name\n'],
    ['first-nothing.csv', ''],
    ['first-nothing.jsonl', ''],
  ])('may be the first day: %s', async (name, empty) => {
    const full = name.endsWith('.csv')
      ? 'id,name\n1,A\n2,B\n'
      : '{"id":"1","name":"A"}\n{"id":"2","name":"B"}\n'
    const place = name.replace(/[-.]/g, '_')
    const runs = await days(name, place, [empty, full, full])
    expect(runs.map(({ status, error }) => error?.message ?? status)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ])
    expect(await idsIn(place)).toEqual(['1', '2'])
  })
})

describe('a file of which a record has no id', () => {
  it('is refused by a table that tells rows apart by id, in words about the file', async () => {
    const [, run] = await days('no-id.csv', 'no_id', ['id,name\n1,A\n', 'id,name\n1,A\n,B\n'])
    expect(run).toMatchObject({ status: 'failed' })
    expect(run?.error?.message).toContain('not every record has an id')
    expect(run?.error?.message).not.toContain('_latchwork_row')
  })
})
