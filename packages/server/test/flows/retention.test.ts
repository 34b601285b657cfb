import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, newId } from '@latchwork/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeCredential, makeFlow, runFlow } from './moving.ts'

const dayMs = 86_400_000

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what runs leave, on %s', (name, makePlace) => {
  let started: WithClose
  let client: Client
  let credentialId = ''
  beforeAll(async () => {
    started = await startWithClose({ leads: 311, makePlace })
    client = started.person.client
    credentialId = await closeCredential(client, started.sandbox)
  })
  afterAll(() => started?.stop())

  const tables = () => started.server.app.stores.database.tables
  const tick = () => started.server.app.tick(new AbortController().signal)
  const leadsToFile = () =>
    makeFlow(
      client,
      { connector: 'close', credentialId, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: `${newId('file')}.jsonl`, format: 'jsonl' } },
    )
  /** As if the runs had ended so long ago. */
  const age = (flowId: string, days: number) =>
    tables()
      .updateTable('runs')
      .set({ finishedAt: Date.now() - days * dayMs })
      .where('flowId', '=', flowId)
      .execute()

  it('are the samples of the last run only', async () => {
    const flowId = await leadsToFile()
    const first = await runFlow(client, flowId)
    expect((await client.runs.records({ params: { id: first.id } })).records.length).toBeGreaterThan(0)
    const second = await runFlow(client, flowId)
    expect((await client.runs.records({ params: { id: first.id } })).records).toEqual([])
    const { records, columns } = await client.runs.records({ params: { id: second.id } })
    expect(records.length).toBeGreaterThan(0)
    expect(columns.length).toBeGreaterThan(0)
    expect(JSON.stringify(records).length).toBeLessThanOrEqual(66_000)
  })

  it('are runs of ninety days, and the last one of each flow', async () => {
    const flowId = await leadsToFile()
    const [first, second] = [await runFlow(client, flowId), await runFlow(client, flowId)]
    await age(flowId, 89)
    await tick()
    expect((await client.runs.list({ query: { flowId } })).total).toBe(2)
    await age(flowId, 91)
    await tick()
    const { items } = await client.runs.list({ query: { flowId } })
    expect(items.map(({ id }) => id)).toEqual([second.id])
    expect((await problem(client.runs.get({ params: { id: first.id } }))).code).toBe('run_not_found')
    expect((await client.runs.records({ params: { id: second.id } })).records).toEqual([])
    const log = await client.audit.list({ query: { action: 'run.erase' } })
    expect(log.items[0]).toMatchObject({ action: 'run.erase', after: { erased: 1 } })
    const kept = await client.audit.list({ query: { action: 'run.records.erase' } })
    expect(kept.items).toMatchObject([{ actor: { kind: 'system' }, after: { erased: 1 } }])
  })

  it('are told with the settings', async () => {
    expect((await client.settings.get()).keepDays).toEqual({
      ...{ samples: 90, quarantine: 90, runs: 90, calls: 30, audit: null },
    })
  })

  /** What the database takes of the disk, without what is free in it. */
  const bytes = async () => {
    const { auth, sql: dialect } = started.server.app.stores.database
    if (dialect.kind === 'sqlite') {
      await sql`vacuum`.execute(auth)
      await sql`pragma wal_checkpoint(truncate)`.execute(auth)
      return statSync(join(started.server.dataDir, 'latchwork.db')).size
    }
    await sql`vacuum full`.execute(auth)
    const { rows } = await sql<{ size: string }>`
      select sum(pg_total_relation_size(relid)) as size from pg_stat_user_tables
    `.execute(auth)
    return Number(rows[0]?.size)
  }

  it('are less than 5 MB after a thousand runs of 311 leads', { timeout: 120_000 }, async () => {
    const flowId = await leadsToFile()
    const runs = async (count: number) => {
      for (let run = 0; run < count; run += 1) await runFlow(client, flowId)
    }
    await runs(2)
    const before = await bytes()
    const more = 20
    await runs(more)
    const each = ((await bytes()) - before) / more
    // PostgreSQL has 3 MB of empty tables and indexes, which are of no run.
    const first = name === 'PostgreSQL' ? 2 * each : before
    expect(first + 999 * each, `${before} bytes, and ${each} with each run`).toBeLessThan(5_000_000)
  })
})
