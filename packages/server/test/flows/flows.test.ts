import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, type FlowStreams, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, endOf, fileText, idsOf, makeFlow, parseLines, runFlow } from './moving.ts'

let sandbox: Sandbox
let running: Running
let browser: Browser
let client: Client
let credentialId = ''
beforeAll(async () => {
  const made = await startWithClose({ leads: 600, closeListLagMs: 300 })
  ;({ sandbox, server: running, person: browser } = made)
  client = browser.client
  credentialId = await closeCredential(client, sandbox)
  return made.stop
})
afterEach(() => {
  sandbox.control.clearFaults()
  sandbox.control.setLatency(0)
})

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const leads = () => ({ connector: 'close', credentialId, config: { object: 'leads' } })
const toFile = (file: string, format = 'jsonl') => ({
  connector: 'files',
  credentialId: null,
  config: { file, format },
})

describe('a flow', () => {
  it('moves all leads into a file, which can be fetched', async () => {
    const flowId = await makeFlow(client, leads(), toFile('leads.jsonl'))
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({
      status: 'succeeded',
      recordsRead: 600,
      recordsWritten: 600,
      recordsRefused: 0,
      recordsExpected: 600,
      error: null,
      output: { file: 'leads.jsonl' },
      startedBy: 'Administrator',
    })
    const text = await fileText(browser, running.url, 'leads.jsonl')
    expect(idsOf(parseLines(text))).toEqual(idsOf(truth('lead')))
    expect(run.output?.bytes).toBe(Buffer.byteLength(text))
    const shown = await client.runs.records({ params: { id: run.id } })
    // As many of the last 50 as are of 64,000 characters.
    expect(shown.records.length).toBeGreaterThan(10)
    expect(shown.records.length).toBeLessThanOrEqual(50)
    expect(shown.columns.map((column) => column.name)).toContain('status_label')
    const flow = await client.flows.get({ params: { id: flowId } })
    expect(flow.lastRun?.id).toBe(run.id)
    const usage = await client.credentials.usage({ params: { id: credentialId } })
    expect(usage.items.map((item) => item.kind)).toEqual(expect.arrayContaining(['source', 'flow']))
  })

  it('moves a file back into Close, with its refused records in quarantine', async () => {
    const known = new Set(idsOf(truth('lead')))
    const lines = Array.from({ length: 30 }, (_, index) =>
      JSON.stringify({ name: `Back ${index}`, status: index % 10 === 3 ? 'stat_wrong' : null }),
    )
    await upload('back.jsonl', lines.join('\n'))
    const flowId = await makeFlow(client, toFile('back.jsonl'), {
      connector: 'close',
      credentialId,
      config: {
        object: 'leads',
        mode: 'create',
        mapping: JSON.stringify([
          { from: 'name', to: 'name' },
          { from: 'status', to: 'status_id' },
        ]),
      },
    })
    sandbox.control.addFault({
      target: '/api/v1/lead/',
      method: 'POST',
      kind: 'drop',
      when: 'after',
      skip: 4,
    })
    const run = await runFlow(client, flowId)
    expect(run).toMatchObject({ status: 'partial', recordsRead: 30, recordsWritten: 27, recordsRefused: 3 })
    const made = truth('lead').filter((lead) => !known.has(String(lead['id'])))
    expect(made.length).toBe(27)
    const quarantine = await client.runs.quarantine({ params: { id: run.id } })
    expect(quarantine.total).toBe(3)
    expect(quarantine.items[0]).toMatchObject({ code: 'record_refused', record: { name: 'Back 3' } })
    expect(quarantine.items[0]?.message).toContain('status_id')
  })

  it('reads one stream where its destination takes one', async () => {
    const from = await client.sources.create({ body: { name: newId('source'), ...leads() } })
    const config = { object: 'leads', mode: 'update', mapping: '[{"from":"id","to":"id"}]' }
    const to = await client.destinations.create({
      body: { name: newId('destination'), connector: 'close', credentialId, config },
    })
    const make = (streams: FlowStreams) =>
      client.flows.create({
        body: { name: newId('flow'), sourceId: from.id, destinationId: to.id, streams },
      })
    const one = flowStreamSchema.parse({ stream: 'leads' })
    const several: FlowStreams[] = [
      { everything: true, deletions: 'mark', sameRecords: 'parts' },
      { everything: false, chosen: [one, { ...one, stream: 'contacts' }] },
    ]
    for (const streams of several) {
      expect(await problem(make(streams))).toMatchObject({
        ...{ code: 'invalid_input', errors: [{ field: 'streams', rule: 'one_stream' }] },
      })
    }
    expect((await make({ everything: false, chosen: [one] })).streams).toMatchObject({ chosen: [one] })
  })

  it('is not started twice, and can be cancelled while Close is slow', async () => {
    sandbox.control.setLatency(400)
    const flowId = await makeFlow(client, leads(), toFile('cancelled.jsonl'))
    const { id } = await client.flows.run({ params: { id: flowId } })
    expect((await problem(client.flows.run({ params: { id: flowId } }))).code).toBe('run_active')
    expect((await problem(client.flows.delete({ params: { id: flowId } }))).code).toBe('run_active')
    await expect
      .poll(async () => (await client.runs.get({ params: { id } })).status, { timeout: 10_000 })
      .toBe('running')
    await client.runs.cancel({ params: { id } })
    expect(await endOf(client, id)).toMatchObject({ status: 'cancelled', output: null })
    expect((await problem(client.runs.cancel({ params: { id } }))).code).toBe('run_finished')
    expect((await readdir(join(running.dataDir, 'files'))).join()).not.toContain('cancelled')
  })

  it('fails with the reason when its key stops working, and leaves the old file', async () => {
    const key = sandbox.control.createKey(
      sandbox.apiKeys[0]?.userId ?? '',
      sandbox.organizations[0]?.id ?? '',
    )
    const own = await client.credentials.create({
      body: { connector: 'close', method: 'api_key', name: 'Short-lived', values: { apiKey: key.key } },
    })
    await upload('kept.jsonl', 'old\n')
    const source = { ...leads(), credentialId: own.id }
    const flowId = await makeFlow(client, source, toFile('kept.jsonl'))
    sandbox.control.addFault({ target: '/api/v1/data/search/', kind: 'delay', delayMs: 1, times: 1 })
    sandbox.control.onListPage({
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => sandbox.control.setKeyEnabled(key.id, false),
    })
    expect(await runFlow(client, flowId)).toMatchObject({
      status: 'failed',
      error: { code: 'api_key_rejected', message: expect.stringContaining("doesn't accept this key") },
    })
    expect(await fileText(browser, running.url, 'kept.jsonl')).toBe('old\n')
    expect(await client.credentials.get({ params: { id: own.id } })).toMatchObject({ status: 'failed' })
    // What failed is known now: the next run doesn't ask Close again.
    expect(await runFlow(client, flowId)).toMatchObject({
      status: 'failed',
      error: { code: 'credential_failed' },
    })
    expect(
      (await problem(client.sources.sample({ body: { ...source, config: { object: 'leads' } } }))).code,
    ).toBe('credential_failed')
  })

  it('goes on through a replaced key, whatever was on its way with the old one', async () => {
    const [user, organization] = [sandbox.apiKeys[0]?.userId ?? '', sandbox.organizations[0]?.id ?? '']
    const [old, next] = [
      sandbox.control.createKey(user, organization),
      sandbox.control.createKey(user, organization),
    ]
    const values = { apiKey: old.key }
    const own = await client.credentials.create({
      body: { connector: 'close', method: 'api_key', name: 'Replaced', values },
    })
    const source = { ...leads(), credentialId: own.id, config: { object: 'activities' } }
    const flowId = await makeFlow(client, source, toFile('replaced.jsonl'))
    sandbox.control.setLatency(100)
    const { id } = await client.flows.run({ params: { id: flowId } })
    await client.credentials.secrets({ params: { id: own.id }, body: { values: { apiKey: next.key } } })
    sandbox.control.deleteKey(old.id)
    sandbox.control.setLatency(0)
    expect(await endOf(client, id)).toMatchObject({ status: 'succeeded', error: null })
    expect(await client.credentials.get({ params: { id: own.id } })).toMatchObject({ status: 'verified' })
  })

  it('runs by its schedule, once for each time that is due', async () => {
    const flowId = await makeFlow(client, { ...leads(), config: { object: 'users' } }, toFile('users.jsonl'))
    const planned = await client.flows.update({ params: { id: flowId }, body: { scheduleMinutes: 5 } })
    expect(Date.parse(planned.nextRunAt ?? '')).toBeGreaterThan(Date.now() + 4 * 60_000)
    await running.app.stores.flows.update(flowId, { nextRunAt: Date.now() - 60_000 })
    const signal = new AbortController().signal
    await Promise.all([running.app.tick(signal), running.app.tick(signal)])
    const { items } = await client.runs.list({ query: { flowId } })
    expect(items.length).toBe(1)
    expect(await endOf(client, items[0]?.id ?? '')).toMatchObject({ status: 'succeeded', startedBy: null })
    await running.app.tick(signal)
    expect((await client.runs.list({ query: { flowId } })).items.length).toBe(1)
    const unplanned = await client.flows.update({ params: { id: flowId }, body: { scheduleMinutes: null } })
    expect(unplanned.nextRunAt).toBeNull()
  })

  it('goes on after the server was stopped and started', async () => {
    sandbox.control.setLatency(150)
    const flowId = await makeFlow(
      client,
      { ...leads(), config: { object: 'activities' } },
      toFile('acts.jsonl'),
    )
    const { id } = await client.flows.run({ params: { id: flowId } })
    await expect
      .poll(async () => (await client.runs.get({ params: { id } })).recordsWritten, { timeout: 15_000 })
      .toBeGreaterThan(0)
    await running.restart()
    browser = await running.signedIn()
    client = browser.client
    sandbox.control.setLatency(0)
    const run = await endOf(client, id)
    const expected = truth('activity')
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: expected.length })
    const text = await fileText(browser, running.url, 'acts.jsonl')
    expect(idsOf(parseLines(text))).toEqual(idsOf(expected))
  })
})

async function upload(name: string, body: string): Promise<void> {
  const headers = { 'x-latchwork': '1', 'content-type': 'application/octet-stream' }
  const answer = await browser.fetch(`${running.url}/api/files/${name}`, { method: 'PUT', headers, body })
  expect([200, 201], answer.body).toContain(answer.status)
}
