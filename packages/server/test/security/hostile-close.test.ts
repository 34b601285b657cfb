import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secretForms } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'
import { type HostileClose, startHostileClose } from './hostile-close.ts'

/** Characters that one item of a list may have, whatever its system says. */
const itemSize = 12_000
const apiKey = 'api_4417canary4417.canary/4417+canary'
let close: HostileClose
let server: Running
let person: Browser

beforeAll(async () => {
  close = await startHostileClose()
  server = await startRunning(null, { settings: { closeApiUrl: close.url, closeAppUrl: close.url } })
  person = await server.signedIn()
})
afterAll(async () => {
  await server?.stop()
  await close?.close()
})

/** The key is nowhere in it, and a piece of text that a member chose has its limit. */
function expectClean(answer: unknown): void {
  const text = JSON.stringify(answer)
  for (const form of secretForms(apiKey)) expect(text).not.toContain(form)
  expect(text).not.toContain('\u202e')
  expect(text).not.toMatch(/x{1100}/)
}

const body = { connector: 'close', method: 'api_key', values: { apiKey } }
const ended = (id: string) =>
  expect
    .poll(async () => (await person.client.runs.get({ params: { id } })).finishedAt, { timeout: 30_000 })
    .not.toBeNull()

describe('#41 #56 a Close that says the key back, at length', () => {
  let credentialId = ''

  it('a check and what is saved hold neither', async () => {
    const checked = await person.client.credentials.verify({ body })
    expect(checked).toMatchObject({ status: 'verified', identity: { organizationId: 'orga_1' } })
    expect(checked.identity?.organizationName).toContain('[secret]')
    expect(checked.permissions?.length).toBeLessThanOrEqual(200)
    expectClean(checked)
    const made = await person.client.credentials.create({ body: { ...body, name: 'Hostile' } })
    credentialId = made.id
    expectClean(made)
    expectClean(await person.client.credentials.check({ params: { id: made.id } }))
  })

  it('lists stay short', async () => {
    const lists = [
      await person.client.credentials.list(),
      await person.client.health.list(),
      await person.client.alerts.list(),
    ]
    for (const list of lists) {
      expectClean(list)
      for (const item of list.items) expect(JSON.stringify(item).length).toBeLessThan(itemSize)
    }
  })

  it('samples are cut and searched', async () => {
    const sample = await person.client.sources.sample({
      body: { connector: 'close', credentialId, config: { object: 'leads' } },
    })
    expect(sample.records).toHaveLength(3)
    expectClean(sample)
    for (const record of sample.records) expect(JSON.stringify(record).length).toBeLessThan(itemSize)
    const [custom] = sample.columns.filter(({ name }) => name === 'custom.cf_1')
    expect(custom?.label).toMatch(/^\[secret\].*…$/)
  })

  it('a run keeps neither in its last records, and moves the records as they are', async () => {
    const source = await person.client.sources.create({
      body: { connector: 'close', credentialId, name: 'Leads', config: { object: 'leads' } },
    })
    const destination = await person.client.destinations.create({
      body: {
        connector: 'files',
        credentialId: null,
        name: 'File',
        config: { file: 'out.jsonl', format: 'jsonl' },
      },
    })
    const flow = await person.client.flows.create({
      body: { name: 'Out', sourceId: source.id, destinationId: destination.id },
    })
    const run = await person.client.flows.run({ params: { id: flow.id } })
    await ended(run.id)
    const after = await person.client.runs.get({ params: { id: run.id } })
    expect(after).toMatchObject({ status: 'succeeded', recordsWritten: 3 })
    expectClean(await person.client.runs.records({ params: { id: run.id } }))
    const moved = readFileSync(join(server.dataDir, 'files/out.jsonl'), 'utf8')
    expect(moved).toContain(apiKey)
    expect(moved.length).toBeGreaterThan(3_000_000)
  })

  it('refused records and failures hold neither', async () => {
    await writeFile(join(server.dataDir, 'files/in.jsonl'), `{"name":"${apiKey} ${'x'.repeat(50_000)}"}\n`)
    const source = await person.client.sources.create({
      body: {
        connector: 'files',
        credentialId: null,
        name: 'In',
        config: { file: 'in.jsonl', format: 'jsonl' },
      },
    })
    const config = {
      object: 'leads',
      mode: 'create',
      mapping: JSON.stringify([{ from: 'name', to: 'name' }]),
    }
    const destination = await person.client.destinations.create({
      body: { connector: 'close', credentialId, name: 'Back', config },
    })
    const flow = await person.client.flows.create({
      body: { name: 'In', sourceId: source.id, destinationId: destination.id },
    })
    const run = await person.client.flows.run({ params: { id: flow.id } })
    await ended(run.id)
    const refused = await person.client.runs.quarantine({ params: { id: run.id } })
    expect(refused.items).toHaveLength(1)
    expect(refused.items[0]?.message).toContain('[secret]')
    expectClean(refused)
    for (const item of refused.items) expect(JSON.stringify(item).length).toBeLessThan(itemSize)

    const users = { connector: 'close', credentialId, config: { object: 'users' } }
    const failed = await problem(person.client.sources.sample({ body: users }))
    expect(failed.detail).toContain('[secret]')
    expect(failed.detail.length).toBeLessThan(600)
    expectClean(failed)
    for (const list of [await person.client.runs.list(), await person.client.flows.list()]) {
      expectClean(list)
      for (const item of list.items) expect(JSON.stringify(item).length).toBeLessThan(itemSize)
    }
  })

  it('neither the log nor the database holds the key', async () => {
    expect([...close.secrets]).toEqual([apiKey])
    await server.app.tick(new AbortController().signal)
    const log = server.log.join('')
    const stored = ['', '-wal'].map((end) => readFileSync(join(server.dataDir, `latchwork.db${end}`)))
    for (const form of secretForms(apiKey)) {
      expect(log).not.toContain(form)
      for (const bytes of stored) expect(bytes.includes(form)).toBe(false)
    }
    expect(log.length).toBeLessThan(1_000_000)
  })
})
