import type { Column, DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type {
  Config,
  ConnectorContext,
  DestinationOptions,
  DestinationWriter,
  Json,
} from '../../src/index.ts'
import { destinationOptions, MemoryLedger, testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
let known = new Set<string>()
let batch = 0
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20 })
})
beforeEach(() => {
  batch += 1
  known = new Set(leads().map((lead) => String(lead['id'])))
})
afterEach(() => {
  sandbox.control.clearFaults()
  sandbox.control.setLatency(0)
})
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const leads = () => truth('lead')
/** Leads made in this test. */
const made = () => leads().filter((lead) => !known.has(String(lead['id'])))
const text = (name: string): Column => ({ name, label: name, type: 'text' })
const mapping = (...pairs: [string, string][]) => JSON.stringify(pairs.map(([from, to]) => ({ from, to })))
const createLeads = {
  object: 'leads',
  mode: 'create',
  mapping: mapping(['name', 'name'], ['note', 'description']),
}
const columns = ['id', 'name', 'note'].map(text)
const rows = (count: number): DataRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    name: `Made ${batch}-${index}`,
    note: `note ${index}`,
  }))

async function openWriter(
  config: Config,
  options: Partial<DestinationOptions> = {},
  { listLagMs = 300, ...parts }: Partial<ConnectorContext> & { listLagMs?: number } = {},
): Promise<DestinationWriter> {
  const writer = await sandboxConnector(sandbox, { listLagMs }).openDestination?.(
    config,
    keyCredential(sandbox),
    testContext(parts),
    destinationOptions({ columns, ...options }),
  )
  if (writer === undefined) throw new Error('the Close connector has no destination')
  return writer
}

describe('a Close destination', () => {
  it('creates records as they are mapped', async () => {
    const writer = await openWriter(createLeads)
    expect(await writer.write(rows(25))).toMatchObject({ written: 25, refused: [] })
    expect(
      made()
        .map((lead) => [lead['name'], lead['description']])
        .sort(),
    ).toEqual(
      rows(25)
        .map((row) => [row['name'], row['note']])
        .sort(),
    )
  })

  it('writes back what was read, nested records and custom fields included', async () => {
    const context = testContext()
    const reader = await sandboxConnector(sandbox).openSource?.(
      { object: 'leads' },
      keyCredential(sandbox),
      context,
      'run',
    )
    const records: DataRecord[] = []
    for await (const page of reader?.pages(null) ?? []) records.push(...page.records)
    const custom = (reader?.columns ?? [])
      .map(({ name }) => name)
      .filter((name) => name.startsWith('custom.'))
    const fields = ['name', 'description', 'url', 'status_id', 'addresses', 'contacts', ...custom]
    const writer = await openWriter(
      {
        object: 'leads',
        mode: 'create',
        mapping: mapping(...fields.map((name): [string, string] => [name, name])),
      },
      { columns: reader?.columns ?? [] },
    )
    expect(await writer.write(records)).toMatchObject({ written: records.length, refused: [] })
    const shape = (lead: Record<string, unknown>) =>
      JSON.stringify([
        lead['name'],
        lead['status_id'],
        ...custom.map((name) => lead[name] ?? null),
        Array.isArray(lead['contacts']) ? lead['contacts'].map((contact) => contact.name) : [],
      ])
    expect(made().map(shape).sort()).toEqual(records.map(shape).sort())
  })

  it('updates by id, in order, and clears a field with an empty value', async () => {
    const [first, second] = leads()
    const writer = await openWriter({
      object: 'leads',
      mode: 'update',
      mapping: mapping(['id', 'id'], ['name', 'name'], ['note', 'description']),
    })
    const result = await writer.write([
      { id: first?.['id'], name: 'Step one', note: 'x' },
      { id: first?.['id'], name: 'Step two', note: null },
      { id: second?.['id'], name: 'Other', note: 'kept' },
      { id: null, name: 'Nobody', note: '' },
      { id: 'lead_gone', name: 'Nobody', note: '' },
    ])
    expect(result.written).toBe(3)
    expect(result.refused.map(({ index }) => index).sort()).toEqual([3, 4])
    expect(result.refused.find(({ index }) => index === 3)?.message).toContain('no Close id')
    const now = (id: unknown) => leads().find((lead) => lead['id'] === id)
    expect(now(first?.['id'])).toMatchObject({ name: 'Step two' })
    expect(now(first?.['id'])?.['description'] ?? '').toBe('')
    expect(now(second?.['id'])).toMatchObject({ name: 'Other', description: 'kept' })
    expect(made()).toEqual([])
  })

  it.each<[Json]>([['start'], [{}], [{ records: '5' }], [{ records: -1 }], [[]], [7]])(
    'refuses the state %j, which it never wrote, before it sends anything',
    async (resume) => {
      sandbox.control.clearRequests()
      await expect(openWriter(createLeads, { resume })).rejects.toMatchObject({
        code: 'checkpoint_unreadable',
      })
      expect(sandbox.control.requests()).toEqual([])
    },
  )

  it('creates or updates by whether there is an id', async () => {
    const [first] = leads()
    const writer = await openWriter({
      object: 'leads',
      mode: 'upsert',
      mapping: mapping(['id', 'id'], ['name', 'name']),
    })
    await writer.write([
      { id: first?.['id'], name: 'Renamed' },
      { id: '', name: 'Brand new' },
    ])
    expect(leads().find((lead) => lead['id'] === first?.['id'])?.['name']).toBe('Renamed')
    expect(made().map((lead) => lead['name'])).toEqual(['Brand new'])
  })

  it('creates contacts and opportunities from text, as a CSV file has it', async () => {
    const leadId = leads()[0]?.['id']
    const contacts = await openWriter(
      {
        object: 'contacts',
        mode: 'create',
        mapping: mapping(['lead', 'lead_id'], ['name', 'name'], ['mail', 'emails'], ['phone', 'phones']),
      },
      { columns: ['lead', 'name', 'mail', 'phone'].map(text) },
    )
    const person = {
      lead: leadId,
      name: 'Wilma Testrup',
      mail: 'wilma@testrup.example',
      phone: '+14155550134',
    }
    expect(await contacts.write([person])).toMatchObject({ written: 1 })
    expect(truth('contact').find((contact) => contact['name'] === 'Wilma Testrup')).toMatchObject({
      lead_id: leadId,
      emails: [{ email: 'wilma@testrup.example', type: 'office' }],
    })
    const opportunities = await openWriter(
      {
        object: 'opportunities',
        mode: 'create',
        mapping: mapping(['lead', 'lead_id'], ['note', 'note'], ['cents', 'value'], ['sure', 'confidence']),
      },
      { columns: ['lead', 'note', 'cents', 'sure'].map(text) },
    )
    const result = await opportunities.write([
      { lead: leadId, note: 'Big deal', cents: '120050', sure: '80' },
      { lead: leadId, note: 'Bad deal', cents: 'lots', sure: '80' },
      { lead: null, note: 'Lost deal', cents: '1', sure: '80' },
    ])
    expect(result.refused.map(({ index, message }) => [index, message])).toEqual([
      [
        1,
        'value takes a number, and “lots” is not plainly one. Say in the source how its numbers are written.',
      ],
      [2, 'An opportunity needs the id of its lead.'],
    ])
    expect(truth('opportunity').find((deal) => deal['note'] === 'Big deal')).toMatchObject({
      value: 120050,
      confidence: 80,
    })
  })

  it("keeps Close's message with the records that it refuses", async () => {
    const writer = await openWriter(
      { object: 'leads', mode: 'create', mapping: mapping(['name', 'name'], ['note', 'status_id']) },
      {},
    )
    const result = await writer.write([
      { name: 'Good', note: null },
      { name: 'Bad', note: 'stat_nonexistent' },
    ])
    expect(result.written).toBe(1)
    expect(result.refused).toMatchObject([
      { index: 1, code: 'record_refused', message: expect.stringContaining('status_id') },
    ])
    expect(made().map((lead) => lead['name'])).toEqual(['Good'])
  })

  it.each([
    [{ mapping: '' }, 'mapping'],
    [{ mapping: '[]' }, 'mapping'],
    [{ mapping: 'x' }, 'mapping'],
    [{ mapping: mapping(['name', 'name'], ['note', 'name']) }, 'mapping'],
    [{ mapping: mapping(['name', 'html_url']) }, 'mapping'],
    [{ mapping: mapping(['id', 'id'], ['name', 'name']) }, 'mapping'],
    [{ mode: 'update' }, 'mapping'],
    [{ mode: 'update', mapping: mapping(['id', 'id'], ['name', 'contacts']) }, 'mapping'],
    [{ mode: 'delete' }, 'mode'],
    [{ object: 'users' }, 'object'],
  ])('refuses the form %j', async (parts, field) => {
    await expect(openWriter({ ...createLeads, ...parts })).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ field }],
    })
  })

  it.each([
    [['nmae', 'name'], 'nmae'],
    [['name', 'custom.cf_unknown'], 'custom.cf_unknown'],
  ] as const)('refuses a mapping of %j, which the account has not', async (pair, word) => {
    await expect(openWriter({ ...createLeads, mapping: mapping([...pair]) })).rejects.toMatchObject({
      code: 'mapping_invalid',
      message: expect.stringContaining(word),
    })
  })

  it('previews what it would do and does nothing', async () => {
    const id = leads()[0]?.['id']
    const preview = await sandboxConnector(sandbox).preview?.(
      { object: 'leads', mode: 'upsert', mapping: mapping(['id', 'id'], ['name', 'name']) },
      keyCredential(sandbox),
      testContext(),
      {
        columns,
        records: [
          { id, name: 'A' },
          { id: '', name: 'B' },
          { id: '', name: '' },
        ],
      },
    )
    expect(preview?.rows.map(({ action, after }) => [action, after])).toEqual([
      ['update', { id, name: 'A' }],
      ['create', { name: 'B' }],
      ['refuse', null],
    ])
    expect(preview?.targetColumns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['id', 'name', 'status_id']),
    )
    expect(made()).toEqual([])
  })
})

describe('the preview of a Close destination', () => {
  it('says what can be mapped to while nothing is mapped yet', async () => {
    const preview = await sandboxConnector(sandbox).preview?.(
      { object: 'contacts', mode: 'create', mapping: '' },
      keyCredential(sandbox),
      testContext(),
      {
        columns,
        records: rows(2),
      },
    )
    expect(preview?.rows).toEqual([])
    const targets = preview?.targetColumns.map(({ name }) => name)
    expect(targets).toContain('emails')
    expect(targets).not.toContain('id')
  })
})

describe('a create whose answer is lost', () => {
  const target = '/api/v1/lead/'
  const method = 'POST'

  it.each([
    ['dropped before Close saw it', { kind: 'drop', when: 'before' }],
    ['dropped after Close carried it out', { kind: 'drop', when: 'after' }],
    ['answered with nonsense', { kind: 'nonsense', when: 'after' }],
    ['answered with a server error, carried out', { kind: 'status', status: 500, when: 'after' }],
    ['answered with a server error, not carried out', { kind: 'status', status: 500, when: 'before' }],
    ['answered by a gateway', { kind: 'status', status: 502, when: 'after' }],
  ] as const)('is neither lost nor doubled: %s', async (_, fault) => {
    sandbox.control.addFault({ target, method, ...fault, skip: 2, times: 3 })
    const writer = await openWriter(createLeads)
    expect(await writer.write(rows(12))).toMatchObject({ written: 12, refused: [] })
    expect(
      made()
        .map((lead) => lead['name'])
        .sort(),
    ).toEqual(
      rows(12)
        .map((row) => row['name'])
        .sort(),
    )
    expect(sandbox.control.pendingFaults()).toEqual([])
  })

  it('keeps records of the same content apart', async () => {
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'after', skip: 1, times: 2 })
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'before', skip: 5, times: 1 })
    const writer = await openWriter(createLeads)
    const twins = Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, name: 'Twin', note: 'same' }))
    expect(await writer.write(twins.slice(0, 4))).toMatchObject({ written: 4, refused: [] })
    expect(await writer.write(twins.slice(4))).toMatchObject({ written: 6, refused: [] })
    expect(made().length).toBe(10)
  })

  it('goes to quarantine when nobody can tell', async () => {
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'after' })
    const writer = await openWriter({ ...createLeads, mapping: mapping(['note', 'description']) })
    // Without a name a record can't be recognized.
    const result = await writer.write([{ id: '1', note: 'nameless' }])
    expect(result).toMatchObject({ written: 0, refused: [{ index: 0, code: 'record_in_doubt' }] })
    expect(made().length).toBe(1)
  })

  it('waits for a search that lags behind before it sends again', async () => {
    sandbox.control.addFault({ target, method, kind: 'drop', when: 'before' })
    const startedMs = Date.now()
    const writer = await openWriter(createLeads, {}, { listLagMs: 900 })
    await writer.write(rows(1))
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(900)
    expect(made().length).toBe(1)
  })

  it('is found by the next process, which has only the ledger', async () => {
    for (const stopAfter of [0, 3, 7, 11]) {
      batch += 1
      known = new Set(leads().map((lead) => String(lead['id'])))
      const ledger = new MemoryLedger()
      const ended = new AbortController()
      const first = await openWriter(createLeads, { ledger }, { signal: ended.signal })
      sandbox.control.clearRequests()
      sandbox.control.setLatency(20)
      const writing = first.write(rows(15))
      writing.catch(() => undefined)
      const posted = () => sandbox.control.requests().filter((request) => request.method === 'POST').length
      await expect.poll(posted, { timeout: 10_000, interval: 2 }).toBeGreaterThanOrEqual(stopAfter)
      ended.abort(new Error('the process ends'))
      await expect(writing).rejects.toThrow()
      sandbox.control.setLatency(0)
      const second = await openWriter(createLeads, { ledger })
      expect(await second.write(rows(15))).toMatchObject({ written: 15, refused: [] })
      expect(
        made()
          .map((lead) => lead['name'])
          .sort(),
      ).toEqual(
        rows(15)
          .map((row) => row['name'])
          .sort(),
      )
    }
  })
})
