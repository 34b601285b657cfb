import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, Run } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MakePlace, makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'
import { type Line, startLine } from '../torture/line.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

const timeout = 120_000
const count = 120
const mapping = JSON.stringify([{ from: 'name', to: 'name' }])

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what a flow has created, on %s', { timeout }, (_, makePlace) => {
  let sandbox: Sandbox
  let place: TestPlace
  let line: Line
  let server: Running
  let client: Client
  let names: string[] = []
  let batch = 0
  beforeAll(async () => {
    sandbox = await startSandbox({ leads: 1 })
    place = await makePlace()
    line = await startLine(new URL(sandbox.apiUrl), 80)
    server = await startRunning(null, {
      settings: {
        databaseUrl: place.settings.databaseUrl,
        closeApiUrl: line.url.origin,
        closeAppUrl: sandbox.appUrl,
      },
      closeListLagMs: 1_000,
      // What is away ends a run after a moment, and the tests begin the next one.
      waits: { longestMs: 500, firstPauseMs: 100, longestPauseMs: 100, retries: 0 },
    })
    client = (await server.signedIn()).client
  })
  beforeEach(() => {
    batch += 1
    names = Array.from(
      { length: count },
      (_value, index) => `Known ${batch}-${String(index).padStart(3, '0')}`,
    )
  })
  afterEach(() => {
    sandbox.control.clearFaults()
    sandbox.control.setLatency(0)
    line.mend()
  })
  afterAll(async () => {
    await server?.stop()
    await line?.[Symbol.asyncDispose]()
    await place?.remove()
    await sandbox?.close()
  })

  const made = () =>
    sandbox.control
      .truth(sandbox.organizations[0]?.id ?? '', 'lead')
      .map((lead) => String(lead['name']))
      .filter((name) => name.startsWith(`Known ${batch}-`))
      .sort()
  const write = (lines: readonly string[]) =>
    writeFile(
      join(server.settings.dataDir, 'files', `${batch}.jsonl`),
      lines.map((name) => JSON.stringify({ name })).join('\n'),
    )
  const importing = async (): Promise<string> => {
    await write(names)
    const credentialId = await closeCredential(client, sandbox, `Close ${batch}`)
    return makeFlow(
      client,
      { connector: 'files', credentialId: null, config: { file: `${batch}.jsonl` } },
      { connector: 'close', credentialId, config: { object: 'leads', mode: 'create', mapping } },
    )
  }
  const leads = () => sandbox.control.count(sandbox.organizations[0]?.id ?? '', 'lead')
  /** A run that ends when a third is created. */
  const ending = async (flowId: string, end: (run: Run) => unknown): Promise<Run> => {
    sandbox.control.setLatency(30)
    const before = leads()
    const run = await client.flows.run({ params: { id: flowId } })
    await expect.poll(leads, { timeout: 25_000, interval: 20 }).toBeGreaterThan(before + count / 3)
    await end(run)
    const ended = await endOf(client, run.id)
    sandbox.control.setLatency(0)
    return ended
  }
  const ends: readonly [string, 'failed' | 'cancelled', (run: Run) => unknown][] = [
    ['Close was away', 'failed', () => line.cut()],
    [
      'the key was refused',
      'failed',
      () => sandbox.control.addFault({ target: 'api', kind: 'status', status: 401, times: 1_000_000 }),
    ],
    [
      'Close asked for a long wait',
      'failed',
      () =>
        sandbox.control.addFault({
          ...{ target: 'api', kind: 'status', status: 429, times: 1_000_000 },
          headers: { 'retry-after': '3600' },
        }),
    ],
    ['it was cancelled', 'cancelled', ({ id }) => client.runs.cancel({ params: { id } })],
  ]

  it.each(ends)(
    'is counted and not created again after a run that ended because %s',
    async (_why, status, end) => {
      const flowId = await importing()
      const first = await ending(flowId, end)
      expect(first).toMatchObject({ status })
      // What was on its way when the connection broke is in doubt, and not counted yet.
      expect(first.recordsWritten).toBeLessThanOrEqual(made().length)
      expect(first.recordsWritten).toBeGreaterThanOrEqual(made().length - 6)
      expect(first.recordsCreated).toBe(first.recordsWritten)
      sandbox.control.clearFaults()
      line.mend()
      // Nothing is sent until then: a process remembers it, and on PostgreSQL the database does for all.
      await server.app.stores.database.tables.deleteFrom('sharedBudgets').execute()
      await server.restart()
      client = (await server.signedIn()).client
      for (const { id, status: state } of (
        await client.credentials.list({ query: { query: `Close ${batch}` } })
      ).items) {
        if (state !== 'verified') await client.credentials.check({ params: { id } })
      }
      const second = await runFlow(client, flowId)
      expect(second).toMatchObject({ status: 'succeeded', recordsWritten: count, recordsCreated: count })
      expect(made()).toEqual(names)
    },
  )

  it('is known by its content when a row was inserted and another repeated meanwhile', async () => {
    const flowId = await importing()
    await ending(flowId, ({ id }) => client.runs.cancel({ params: { id } }))
    const now = [`Known ${batch}-first`, ...names, names[0] ?? '']
    await write(now)
    const second = await runFlow(client, flowId)
    expect(second).toMatchObject({ status: 'succeeded', recordsWritten: now.length })
    expect(made()).toEqual(now.toSorted())
  })

  it('is created again by a run after one that completed, once that was agreed to', async () => {
    const flowId = await importing()
    await runFlow(client, flowId)
    await expect(client.flows.run({ params: { id: flowId } })).rejects.toMatchObject({
      code: 'repeat_creates',
    })
    const again = await client.flows.run({ params: { id: flowId }, body: { again: true } })
    expect(await endOf(client, again.id)).toMatchObject({ status: 'succeeded', recordsCreated: count })
    expect(made().length).toBe(2 * count)
  })
})
