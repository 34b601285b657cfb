import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, Run } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { type Running, startRunning } from '../running.ts'
import { type Line, startLine } from '../torture/line.ts'
import { closeCredential, idsOf, makeFlow, parseLines } from './moving.ts'

const leads = 1_000

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a run whose system is away for longer than it waits, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let place: TestPlace
  let line: Line
  let server: Running
  let client: Client
  beforeAll(async () => {
    sandbox = await startSandbox({ leads })
    place = await makePlace()
    line = await startLine(new URL(sandbox.apiUrl), 80)
    server = await startRunning(null, {
      settings: { ...place.settings, closeApiUrl: line.url.origin, closeAppUrl: sandbox.appUrl },
      waits: { longestMs: 600, firstPauseMs: 100, longestPauseMs: 100, retries: 9, firstRetryMs: 300 },
    })
    client = (await server.signedIn()).client
  })
  afterAll(async () => {
    await server?.stop()
    await line?.[Symbol.asyncDispose]()
    await place?.remove()
    await sandbox?.close()
  })

  const tick = () => server.app.tick(new AbortController().signal)
  const told = async (flowId: string) =>
    (await client.alerts.list({ query: {} })).items
      .filter((alert) => alert.flowId === flowId)
      .map(({ kind }) => kind)
      .reverse()

  it('fails, is tried again by itself from its checkpoint, and tells both once', {
    timeout: 400_000,
  }, async () => {
    const credentialId = await closeCredential(client, sandbox)
    const flowId = await makeFlow(
      client,
      { connector: 'close', credentialId, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: 'away.jsonl' } },
    )
    sandbox.control.setLatency(100)
    const { id } = await client.flows.run({ params: { id: flowId } })
    const get = () => client.runs.get({ params: { id } })
    await expect
      .poll(async () => (await get()).recordsWritten, { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(0)
    line.cut()
    // The client of Close tries for a while itself.
    await expect.poll(async () => (await get()).status, { timeout: 120_000, interval: 100 }).toBe('failed')
    const failed = await get()
    expect(failed).toMatchObject({ status: 'failed', retries: 0, error: { code: 'unreachable' } })
    expect(failed.recordsWritten).toBeGreaterThan(0)
    expect(failed.recordsWritten).toBeLessThan(leads)
    expect(Date.parse(failed.retryAt ?? '')).toBeGreaterThanOrEqual(Date.parse(failed.finishedAt ?? ''))
    expect(await told(flowId)).toEqual(['flow_failed'])

    /** As the server does each minute, until the run has been tried so often. */
    const tried = async (isIt: (run: Run) => boolean) => {
      await expect
        .poll(
          async () => {
            await tick()
            return isIt(await get())
          },
          { timeout: 120_000, interval: 100 },
        )
        .toBe(true)
      return get()
    }
    const again = await tried(({ retries, status }) => retries === 1 && status === 'failed')
    expect(again).toMatchObject({ recordsWritten: failed.recordsWritten, recordsRead: failed.recordsRead })
    expect(await told(flowId)).toEqual(['flow_failed'])

    sandbox.control.setLatency(0)
    line.mend()
    expect(await tried(({ status }) => status === 'succeeded')).toMatchObject({
      ...{ recordsRead: leads, recordsWritten: leads, recordsRefused: 0, retryAt: null, error: null },
    })
    expect((await client.runs.list({ query: { flowId } })).total).toBe(1)
    const text = await readFile(join(server.settings.dataDir, 'files', 'away.jsonl'), 'utf8')
    const truth = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
    expect(idsOf(parseLines(text))).toEqual(idsOf(truth))
    expect(await told(flowId)).toEqual(['flow_failed', 'flow_recovered'])
    const stages = (await client.runs.log({ params: { id } })).items.map(({ stage }) => stage)
    const tries = ['failed_for_now', 'retried', 'failed_for_now', 'retried', 'ended']
    expect(stages.filter((stage) => tries.includes(stage)).slice(0, 3)).toEqual(tries.slice(0, 3))
    expect(stages.slice(-2)).toEqual(['stream_ended', 'ended'])
    expect(stages).toContain('waiting')
    // Nothing is left that would be tried, or told, once more.
    await tick()
    expect(await get()).toMatchObject({ status: 'succeeded' })
    expect(await told(flowId)).toEqual(['flow_failed', 'flow_recovered'])
  })
})
