import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { tablesHolding } from '../database/dump.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, makeFlow, runFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what is kept of a run, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let running: Running
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace, closeListLagMs: 300 })
    ;({ sandbox, server: running } = made)
    return made.stop
  })

  /** A run that writes one record and is refused another. */
  const runOf = async (client: Client, words: string) => {
    const credentialId = await closeCredential(client, sandbox, newId('credential'))
    const lines = [
      { [`${words} column`]: `Marisol ${words}`, status: null },
      { [`${words} column`]: `Osric ${words}`, status: `stat_${words}` },
    ]
    const file = `${newId('file')}.jsonl`
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    writeFileSync(join(running.dataDir, 'files', file), text)
    const mapping = JSON.stringify([
      { from: `${words} column`, to: 'name' },
      { from: 'status', to: 'status_id' },
    ])
    const flowId = await makeFlow(
      client,
      { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } },
      { connector: 'close', credentialId, config: { object: 'leads', mode: 'create', mapping } },
    )
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'partial', recordsWritten: 1, recordsRefused: 1 })
    return run.id
  }
  const tables = () => running.app.stores.database.tables

  it('#61 is in no dump of the database, and is shown to those who may see it', async () => {
    const { client } = await running.signedIn()
    const id = await runOf(client, 'Quillfeather')
    expect(await tablesHolding(running.app.stores, ['Marisol', 'Osric', 'stat_Quill'])).toEqual([])
    // The destination's mapping names the column, and so does the entry of the log about it.
    expect((await tablesHolding(running.app.stores, ['Quillfeather'])).toSorted()).toEqual([
      'audit_entries',
      'sides',
    ])
    if (running.app.stores.kind === 'sqlite') {
      const files = ['latchwork.db', 'latchwork.db-wal'].map((name) =>
        readFileSync(join(running.dataDir, name), 'latin1'),
      )
      expect(files.join('')).not.toMatch(/Marisol|Osric|stat_Quill/)
    }

    const shown = await client.runs.records({ params: { id: id } })
    expect(shown.records.map((record) => record['Quillfeather column'])).toContain('Marisol Quillfeather')
    const refused = await client.runs.quarantine({ params: { id: id } })
    expect(refused.items).toMatchObject([
      { code: 'record_refused', record: { 'Quillfeather column': 'Osric Quillfeather' } },
    ])
  })

  it('#35 #61 of another run is not shown, and an altered record is an error in its place', async () => {
    const { client } = await running.signedIn()
    const [id, other] = [await runOf(client, 'Hollow'), await runOf(client, 'Tansy')]
    const rowsOf = async (runId: string) => ({
      last: await tables()
        .selectFrom('lastRecords')
        .selectAll()
        .where('runId', '=', runId)
        .executeTakeFirst(),
      refused: await tables()
        .selectFrom('refusedRecords')
        .selectAll()
        .where('runId', '=', runId)
        .executeTakeFirst(),
    })
    const from = await rowsOf(other)
    if (from.last === undefined || from.refused === undefined) throw new Error('they are kept')
    await tables()
      .updateTable('lastRecords')
      .set({ ...from.last, runId: id })
      .where('runId', '=', id)
      .execute()
    await tables()
      .updateTable('refusedRecords')
      .set({ ...from.refused, runId: id })
      .where('runId', '=', id)
      .execute()

    expect((await problem(client.runs.records({ params: { id } }))).code).toBe('record_unreadable')
    const { items } = await client.runs.quarantine({ params: { id } })
    expect(items).toMatchObject([{ id: '1', key: null, code: 'record_unreadable', record: {} }])
    expect(JSON.stringify(items)).not.toContain('Tansy')
    expect(await client.runs.get({ params: { id } })).toMatchObject({ recordsRefused: 1 })
    expect((await client.runs.records({ params: { id: other } })).records).toHaveLength(1)
  })

  it('#61 is erased after its time; what an earlier version kept in plain text is sealed', async () => {
    const { client } = await running.signedIn()
    const [old, young] = [await runOf(client, 'Sorrel'), await runOf(client, 'Yarrow')]
    await tables()
      .updateTable('runs')
      .set({ finishedAt: Date.now() - 91 * 86_400_000 })
      .where('id', '=', old)
      .execute()
    const plain = { code: 'record_refused', message: 'no Thistledown', searchText: '', primaryKey: null }
    await tables()
      .insertInto('quarantine')
      .values({ runId: young, position: 7, record: '{"name":"Thistledown"}', at: Date.now(), ...plain })
      .execute()
    await running.app.tick(new AbortController().signal)
    expect(await client.runs.quarantine({ params: { id: old } })).toMatchObject({ items: [], total: 0 })
    expect((await client.runs.records({ params: { id: old } })).records).toEqual([])
    expect(await client.runs.get({ params: { id: old } })).toMatchObject({ recordsRefused: 1 })
    expect(await tablesHolding(running.app.stores, ['Thistledown'])).toEqual([])
    const { items } = await client.runs.quarantine({ params: { id: young } })
    expect(items.map(({ record }) => record['name'] ?? record['Yarrow column'])).toEqual([
      'Osric Yarrow',
      'Thistledown',
    ])
  })
})
