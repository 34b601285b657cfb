import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Config, ConnectorContext, Json, StreamReader } from '../../src/index.ts'
import { openReader, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 1800 })
})
afterEach(() => {
  sandbox.control.clearFaults()
  sandbox.control.clearListPageScripts()
  sandbox.control.setRateLimit(null)
  sandbox.control.setLatency(0)
})
afterAll(() => sandbox.close())

async function open(
  config: Config,
  parts: Partial<ConnectorContext> = {},
  purpose: 'run' | 'sample' = 'run',
): Promise<StreamReader> {
  const context = testContext(parts)
  return openReader(sandboxConnector(sandbox), config, keyCredential(sandbox), context, purpose)
}

async function readAll(reader: StreamReader, position: Json | null = null): Promise<DataRecord[]> {
  const records: DataRecord[] = []
  for await (const page of reader.batches(position)) records.push(...page.records)
  return records
}

const idsOf = (records: readonly DataRecord[]) => records.map((record) => String(record['id'])).sort()
const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)

describe('a Close source', () => {
  it.each([
    ['leads', 'lead'],
    ['contacts', 'contact'],
    ['opportunities', 'opportunity'],
    ['tasks', 'task'],
    ['activities', 'activity'],
  ])('reads all %s as they are, each once', async (object, type) => {
    const reader = await open({ object })
    const expected = truth(type)
    expect(await reader.count()).toBe(expected.length)
    const records = await readAll(reader)
    expect(idsOf(records)).toEqual(idsOf(expected))
    const names = new Set(reader.columns.map((column) => column.name))
    const byId = new Map(expected.map((record) => [record['id'], record]))
    for (const record of records.slice(0, 300)) {
      const whole = byId.get(String(record['id'])) ?? {}
      const wanted = Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)))
      expect(record).toMatchObject(wanted)
    }
    // Every custom field of the account is a column, and nothing that a lead has is left out.
    const custom = expected.flatMap((record) =>
      Object.keys(record).filter((name) => name.startsWith('custom.')),
    )
    for (const name of custom) expect(names).toContain(name)
  })

  it('reads users', async () => {
    const reader = await open({ object: 'users' })
    const records = await readAll(reader)
    expect(records.length).toBeGreaterThan(1)
    expect(new Set(idsOf(records)).size).toBe(records.length)
    expect(records[0]).toHaveProperty('email')
  })

  it('types and labels custom fields by the account’s definitions', async () => {
    const { columns } = await open({ object: 'leads' })
    const custom = columns.filter((column) => column.name.startsWith('custom.'))
    expect(custom.length).toBeGreaterThan(2)
    expect(new Set(custom.map((column) => column.type)).size).toBeGreaterThan(1)
    for (const column of custom) expect(column.label).not.toBe(column.name)
  })

  it('reads only the fields asked for, and the id', async () => {
    const reader = await open({ object: 'leads', fields: 'name, status_label' })
    const [first] = await readAll(reader)
    expect(Object.keys(first ?? {}).sort()).toEqual(['id', 'name', 'status_label'])
    await expect(open({ object: 'leads', fields: 'nmae' }, {}, 'sample')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('nmae'),
    })
  })

  it('samples with few requests', async () => {
    sandbox.control.clearRequests()
    const reader = await open({ object: 'leads' }, {}, 'sample')
    const pages = reader.batches(null)[Symbol.asyncIterator]()
    const first = await pages.next()
    await pages.return?.()
    expect(first.value?.records.length).toBe(10)
    expect(sandbox.control.requests().length).toBeLessThan(6)
  })

  it('goes on from every page without losing or repeating a record', async () => {
    const reader = await open({ object: 'contacts' })
    const expected = idsOf(truth('contact'))
    const seen: DataRecord[] = []
    let pages = 0
    for await (const page of reader.batches(null)) {
      seen.push(...page.records)
      pages += 1
      if (pages % 4 !== 1) continue
      const stored = JSON.parse(JSON.stringify(page.position))
      const rest = await readAll(await open({ object: 'contacts' }), stored)
      expect(idsOf([...seen, ...rest])).toEqual(expected)
    }
    expect(pages).toBeGreaterThan(4)
  })

  it.each<[string, Json]>([
    ['contacts', 'start'],
    ['contacts', { ranges: [{ searchType: 'contact', later: [] }] }],
    ['contacts', { ranges: [{ searchType: 'contact', later: { cont_1: '5' } }] }],
    ['contacts', { ranges: [{ searchType: 'contact', later: {}, until: 5 }] }],
    ['contacts', { ranges: [{ searchType: 'contact', later: {}, from: { value: 'x', seenIds: [1] } }] }],
    ['contacts', { ranges: [{ searchType: 'contact', later: {}, before: 'x' }] }],
    ['users', { after: 'user_1' }],
    ['users', 7],
  ])(
    'of %s refuses the position %j, which it never wrote, and does not begin anew',
    async (object, position) => {
      const reader = await open({ object })
      await expect(readAll(reader, position)).rejects.toMatchObject({
        code: 'checkpoint_unreadable',
        message: expect.stringContaining('Run the flow again'),
      })
    },
  )

  it('does not repeat records made a moment ago when it goes on', async () => {
    const type = 'task'
    const lead = String(truth('lead')[0]?.['id'])
    for (let index = 0; index < 30; index += 1) sandbox.control.insert({ type, record: { lead_id: lead } })
    const reader = await open({ object: 'tasks' })
    const seen: DataRecord[] = []
    for await (const page of reader.batches(null)) {
      seen.push(...page.records)
      const rest = await readAll(reader, JSON.parse(JSON.stringify(page.position)))
      expect(idsOf([...seen, ...rest])).toEqual(idsOf(truth(type)))
    }
  })
})

describe('a Close source whose records change while they are read', () => {
  it('loses none that was there all the time, and reads each once', async () => {
    const before = truth('lead')
    const ids = before.map((record) => String(record['id']))
    const removed = new Set<string>()
    let turn = 0
    sandbox.control.onListPage({
      path: '/api/v1/data/search/',
      afterPages: 1,
      repeat: true,
      do: () => {
        turn += 1
        for (let step = 0; step < 5; step += 1) {
          const id = ids[(turn * 37 + step * 611) % ids.length] ?? ''
          if (removed.has(id)) continue
          if (step === 4) {
            sandbox.control.remove({ type: 'lead', id })
            removed.add(id)
          } else {
            sandbox.control.edit({ type: 'lead', id, changes: { description: `turn ${turn}` } })
          }
        }
        sandbox.control.insert({ type: 'lead', record: { name: `Late ${turn}` } })
      },
    })
    const records = await readAll(await open({ object: 'leads', fields: 'name' }))
    sandbox.control.clearListPageScripts()
    const read = idsOf(records)
    expect(new Set(read).size).toBe(read.length)
    expect(turn).toBeGreaterThan(10)
    const kept = ids.filter((id) => !removed.has(id))
    const missing = kept.filter((id) => !read.includes(id))
    expect(missing).toEqual([])
  })

  it('waits when it is told to and says so', async () => {
    // Without headers the limit only shows when it is hit.
    sandbox.control.setRateLimit({ limit: 20, windowSeconds: 1, headers: 'none' })
    const said: string[] = []
    const reader = await open(
      { object: 'contacts', fields: 'name' },
      { activity: (sentence) => (sentence === null ? undefined : said.push(sentence)) },
    )
    expect(idsOf(await readAll(reader))).toEqual(idsOf(truth('contact')))
    expect(said.join()).toMatch(/Close asks us to wait \d+ s\./)
  })

  it('reads on over dropped connections, server errors and 429s', async () => {
    const target = '/api/v1/data/search/'
    sandbox.control.addFault({ target, kind: 'drop', skip: 3 })
    sandbox.control.addFault({ target, kind: 'drop', when: 'after', skip: 6 })
    sandbox.control.addFault({ target, kind: 'status', status: 503, skip: 9, times: 2 })
    sandbox.control.addFault({ target, kind: 'nonsense', skip: 12 })
    sandbox.control.addFault({
      target,
      kind: 'status',
      status: 429,
      skip: 14,
      headers: { 'retry-after': '1' },
    })
    const reader = await open({ object: 'leads', fields: 'name' })
    expect(idsOf(await readAll(reader))).toEqual(idsOf(truth('lead')))
    expect(sandbox.control.pendingFaults()).toEqual([])
  })

  it('ends with the reason when the key stops working', async () => {
    const key = sandbox.apiKeys[0]
    const reader = await open({ object: 'contacts' })
    const pages = reader.batches(null)[Symbol.asyncIterator]()
    await pages.next()
    sandbox.control.setKeyEnabled(key?.id ?? '', false)
    const rest = async () => {
      while ((await pages.next()).done !== true);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'api_key_rejected' })
    sandbox.control.setKeyEnabled(key?.id ?? '', true)
  })
})

describe('reading side by side', () => {
  it('has several searches under way at once when answers take their time', async () => {
    sandbox.control.setLatency(150)
    const reading = readAll(await open({ object: 'leads', fields: 'name' }))
    const underWay = () => sandbox.control.requests().filter(({ outcome }) => outcome === 'open').length
    await expect.poll(underWay, { interval: 5, timeout: 10_000 }).toBeGreaterThan(1)
    expect((await reading).length).toBe(truth('lead').length)
    sandbox.control.setLatency(0)
  })

  it('asks once how many there are, for the run and for its ranges', async () => {
    const requestsOf = async (isCounted: boolean) => {
      const reader = await open({ object: 'leads', fields: 'name' })
      const before = sandbox.control.requests().length
      if (isCounted) expect(await reader.count()).toBe(truth('lead').length)
      expect((await readAll(reader)).length).toBe(truth('lead').length)
      return sandbox.control.requests().length - before
    }
    expect(await requestsOf(true)).toBe(await requestsOf(false))
  })
})
