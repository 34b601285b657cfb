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
        'Value, in cents (value) takes a number, and “lots” is not plainly one. Say in the source how its numbers are written.',
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

  it('tells of a field by its label, never by the id of a custom field alone', async () => {
    const custom = (
      await sandboxConnector(sandbox).preview?.(
        { object: 'leads', mode: 'create', mapping: '' },
        keyCredential(sandbox),
        testContext(),
        { columns, records: [], key: 'id', ordered: false },
      )
    )?.targetColumns.filter(({ name }) => name.startsWith('custom.'))
    const number = custom?.find(({ type }) => type === 'number')
    const other = custom?.find(({ type }) => type === 'text')
    if (number === undefined || other === undefined) throw new Error('the sandbox has custom fields')
    const writer = await openWriter({
      object: 'leads',
      mode: 'create',
      mapping: mapping(['name', 'name'], ['note', number.name], ['id', other.name]),
    })
    const { refused } = await writer.write([
      { name: 'A', note: 'many' },
      { name: 'B', id: { nested: true } },
    ])
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${number.label} (${number.name}) takes a number`),
      `${other.label} (${other.name}) takes text, not a nested value.`,
    ])
  })

  it('makes no lead without a name, nor a contact or an opportunity that would need one', async () => {
    const records = [{ name: ' ', note: 'nobody' }, { note: 'nobody' }]
    const leadWriter = await openWriter(createLeads)
    expect((await leadWriter.write(records)).refused.map(({ message }) => message)).toEqual(
      records.map(() => 'A lead needs a name.'),
    )
    const contacts = {
      object: 'contacts',
      mode: 'create',
      mapping: mapping(['name', 'name'], ['note', 'title']),
    }
    const contactWriter = await openWriter(contacts)
    expect(await contactWriter.write(records)).toMatchObject({ written: 0, refused: { length: 2 } })
    expect(made()).toEqual([])
  })

  it.each([
    [{ mapping: '' }, 'mapping'],
    [{ mapping: '[]' }, 'mapping'],
    [{ mapping: 'x' }, 'mapping'],
    [{ mapping: mapping(['name', 'name'], ['note', 'name']) }, 'mapping'],
    [{ mapping: mapping(['name', 'html_url']) }, 'mapping'],
    [{ mapping: mapping(['id', 'id'], ['name', 'name']) }, 'mapping'],
    [{ mode: 'update' }, 'mapping'],
    [{ mapping: mapping(['note', 'description']) }, 'mapping'],
    [{ object: 'contacts', mapping: mapping(['note', 'title']) }, 'mapping'],
    [{ object: 'opportunities', mapping: mapping(['note', 'note']) }, 'mapping'],
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
    [['nmae', 'description'], 'nmae'],
    [['name', 'custom.cf_unknown'], 'custom.cf_unknown'],
  ] as const)('refuses a mapping of %j, which the account has not', async (pair, word) => {
    await expect(
      openWriter({ ...createLeads, mapping: mapping(['name', 'name'], [...pair]) }),
    ).rejects.toMatchObject({
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
        key: 'id',
        ordered: false,
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
        key: 'id',
        ordered: false,
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
    sandbox.control.addFault({ target: '/api/v1/contact/', method, kind: 'drop', when: 'after' })
    const before = truth('contact').length
    const ofLead = {
      object: 'contacts',
      mode: 'create',
      mapping: mapping(['id', 'lead_id'], ['note', 'title']),
    }
    const writer = await openWriter(ofLead)
    // Without a name a record can't be recognized.
    const result = await writer.write([{ id: leads()[0]?.['id'], note: 'nameless' }])
    expect(result).toMatchObject({ written: 0, refused: [{ index: 0, code: 'record_in_doubt' }] })
    expect(truth('contact').length).toBe(before + 1)
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
      const posted = () => sandbox.control.requests().filter((request) => request.method === 'POST').length
      await expect.poll(posted, { timeout: 10_000, interval: 2 }).toBeGreaterThanOrEqual(stopAfter)
      ended.abort(new Error('the process ends'))
      const { written, interrupted } = await writing
      if (interrupted === undefined) expect(written).toBe(15)
      else expect(interrupted).toMatchObject({ message: 'the process ends' })
      // What was on its way was waited for, so that it is counted.
      expect(written).toBe(made().length)
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

describe('records that a flow has created before', () => {
  const target = '/api/v1/lead/'
  const unkeyed = { key: null, ordered: true }
  const names = () =>
    made()
      .map((lead) => lead['name'])
      .sort()
  const lines = (count: number): DataRecord[] => rows(count).map(({ name, note }) => ({ name, note }))
  /** Writes a page in a run of its own that ends in the middle, and answers how many it says it has written. */
  const beginThat = async (
    ledger: MemoryLedger,
    page: DataRecord[],
    options: Partial<DestinationOptions>,
  ) => {
    sandbox.control.addFault({ target, method: 'POST', kind: 'status', status: 401, skip: 7, times: 1_000 })
    const writer = await openWriter(createLeads, { ledger, ...options })
    const { written, created, refused, interrupted } = await writer.write(page)
    expect(interrupted).toMatchObject({ code: 'key_rejected' })
    expect([created, refused]).toEqual([written, []])
    expect(written).toBe(made().length)
    sandbox.control.clearFaults()
    ledger.run = 'second'
  }

  it.each([
    ['by their keys', { key: 'id', ordered: false }, rows],
    ['by their content', unkeyed, lines],
  ] as const)('are known %s in the next run, and counted', async (_, options, page) => {
    const ledger = new MemoryLedger()
    await beginThat(ledger, page(20), options)
    const writer = await openWriter(createLeads, { ledger, ...options })
    expect(await writer.write(page(20))).toMatchObject({ written: 20, created: 20, refused: [] })
    expect(names()).toEqual(
      rows(20)
        .map(({ name }) => name)
        .sort(),
    )
  })

  it('are known by their content wherever they stand, and two of the same content stay two', async () => {
    const ledger = new MemoryLedger()
    const twin = { name: `Twin ${batch}`, note: 'same' }
    await beginThat(ledger, [...lines(5), twin, twin, ...lines(12).slice(5)], unkeyed)
    const first = { name: `Inserted ${batch}`, note: 'new' }
    const writer = await openWriter(createLeads, { ledger, ...unkeyed })
    const now = [first, ...lines(5), twin, twin, twin, ...lines(12).slice(5)]
    expect(await writer.write(now.slice(0, 9))).toMatchObject({ written: 9, refused: [] })
    expect(await writer.write(now.slice(9))).toMatchObject({ written: now.length - 9, refused: [] })
    expect(names()).toEqual(now.map(({ name }) => name).sort())
  })

  it('are created again in another account', async () => {
    const ledger = new MemoryLedger()
    const writer = await openWriter(createLeads, { ledger })
    await writer.write(rows(3))
    ledger.run = 'second'
    const elsewhere = await sandboxConnector(sandbox, { listLagMs: 300 }).openDestination?.(
      createLeads,
      { ...keyCredential(sandbox), organizationId: 'orga_other' },
      testContext(),
      destinationOptions({ columns, ledger }),
    )
    expect(await elsewhere?.write(rows(3))).toMatchObject({ written: 3, created: 3 })
    expect(made().length).toBe(6)
  })

  it('are not sent once another process has taken the run up', async () => {
    const ledger = new MemoryLedger()
    const taken = new Error('taken')
    ledger.begin = () => Promise.reject(taken)
    const writer = await openWriter(createLeads, { ledger })
    expect((await writer.write(rows(4))).interrupted).toBe(taken)
    const [lead] = leads()
    const update = { object: 'leads', mode: 'update', mapping: mapping(['id', 'id'], ['name', 'name']) }
    const updater = await openWriter(update, { hold: () => Promise.reject(taken) })
    expect((await updater.write([{ id: lead?.['id'], name: 'Late' }])).interrupted).toBe(taken)
    expect([made(), leads().find(({ name }) => name === 'Late')]).toEqual([[], undefined])
  })
})
