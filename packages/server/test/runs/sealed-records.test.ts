import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeCredential, makeFlow, runFlow } from '../flows/moving.ts'
import { type Running, startRunning } from '../running.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../stores/database.ts'
import { tablesHolding } from '../stores/dump.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what is kept of a run, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let place: TestPlace
  let running: Running
  beforeAll(async () => {
    sandbox = await startSandbox()
    place = await makePlace()
    const { databaseUrl } = place.settings
    running = await startRunning(sandbox, { closeListLagMs: 300, settings: { databaseUrl } })
  })
  afterAll(async () => {
    await running?.stop()
    await place?.remove()
    await sandbox?.close()
  })

  it('#61 is in no dump of the database, and is shown to those who may see it', async () => {
    const { client } = await running.signedIn()
    const credentialId = await closeCredential(client, sandbox)
    const lines = [
      { 'Quillfeather column': 'Marisol Quillfeather', status: null },
      { 'Quillfeather column': 'Osric Quillfeather', status: 'stat_quillfeather' },
    ]
    writeFileSync(
      join(running.dataDir, 'files/in.jsonl'),
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    )
    const mapping = JSON.stringify([
      { from: 'Quillfeather column', to: 'name' },
      { from: 'status', to: 'status_id' },
    ])
    const flowId = await makeFlow(
      client,
      { connector: 'files', credentialId: null, config: { file: 'in.jsonl', format: 'jsonl' } },
      { connector: 'close', credentialId, config: { object: 'leads', mode: 'create', mapping } },
    )
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: 1, recordsRefused: 1 })

    expect(await tablesHolding(running.app.stores, ['Marisol', 'Osric', 'stat_quillfeather'])).toEqual([])
    // The destination's mapping names the column, and so does the entry of the log about it.
    expect((await tablesHolding(running.app.stores, ['Quillfeather'])).toSorted()).toEqual([
      'audit_entries',
      'ends',
    ])
    if (running.app.stores.kind === 'sqlite') {
      const files = ['latchwork.db', 'latchwork.db-wal'].map((name) =>
        readFileSync(join(running.dataDir, name), 'latin1'),
      )
      expect(files.join('')).not.toMatch(/Marisol|Osric|stat_quillfeather/)
    }

    const shown = await client.runs.records({ params: { id: run.id } })
    expect(shown.records.map((record) => record['Quillfeather column'])).toContain('Marisol Quillfeather')
    const refused = await client.runs.quarantine({ params: { id: run.id } })
    expect(refused.items).toMatchObject([
      { code: 'record_refused', record: { 'Quillfeather column': 'Osric Quillfeather' } },
    ])
  })
})
