import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Json } from '../../src/index.ts'
import { openReader, testContext } from '../context.ts'
import { columns, createLeads, DestinationGround, mapping, text } from './destination-ground.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

let sandbox: Sandbox
let ground: DestinationGround
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20 })
  ground = new DestinationGround(sandbox)
  return () => sandbox.close()
})
beforeEach(() => ground.begin())

describe('a Close destination', () => {
  it('creates records as they are mapped', async () => {
    const writer = await ground.openWriter(createLeads)
    expect(await writer.write(ground.rows(25))).toMatchObject({ written: 25, refused: [] })
    expect(
      ground
        .made()
        .map((lead) => [lead['name'], lead['description']])
        .sort(),
    ).toEqual(
      ground
        .rows(25)
        .map((row) => [row['name'], row['note']])
        .sort(),
    )
  })

  it('leaves what the source has deleted, and refuses nothing for it', async () => {
    const writer = await ground.openWriter(createLeads)
    const [record] = ground.rows(1)
    if (record === undefined) throw new Error('there is no record')
    expect(await writer.write([record], ['lead_gone', 'lead_too'])).toMatchObject({
      ...{ written: 1, deleted: 0, refused: [] },
    })
    expect(ground.made()).toHaveLength(1)
  })

  it('writes back what was read, nested records and custom fields included', async () => {
    const context = testContext()
    const reader = await openReader(
      sandboxConnector(sandbox),
      { object: 'leads' },
      keyCredential(sandbox),
      context,
      'run',
    )
    const records: DataRecord[] = []
    for await (const page of reader.batches(null)) records.push(...page.records)
    const custom = (reader.columns ?? []).map(({ name }) => name).filter((name) => name.startsWith('custom.'))
    const fields = ['name', 'description', 'url', 'status_id', 'addresses', 'contacts', ...custom]
    const writer = await ground.openWriter(
      {
        object: 'leads',
        mode: 'create',
        mapping: mapping(...fields.map((name): [string, string] => [name, name])),
      },
      { columns: reader.columns ?? [] },
    )
    expect(await writer.write(records)).toMatchObject({ written: records.length, refused: [] })
    const shape = (lead: Record<string, unknown>) =>
      JSON.stringify([
        lead['name'],
        lead['status_id'],
        ...custom.map((name) => lead[name] ?? null),
        Array.isArray(lead['contacts']) ? lead['contacts'].map((contact) => contact.name) : [],
      ])
    expect(ground.made().map(shape).sort()).toEqual(records.map(shape).sort())
  })

  it('refuses alone an update that Close finds too large, and counts one whose answer is', async () => {
    const [first, second, third] = ground.leads().map(({ id }) => String(id))
    const config = { object: 'leads', mode: 'update', mapping: mapping(['id', 'id'], ['name', 'name']) }
    const put = { method: 'PUT', kind: 'status', times: 9 } as const
    sandbox.control.addFault({ target: `/api/v1/lead/${first}/`, ...put, status: 413 })
    const body = `{"id":"${second}","note":"${'x'.repeat(33 * 1024 * 1024)}"}`
    sandbox.control.addFault({ target: `/api/v1/lead/${second}/`, ...put, status: 200, when: 'after', body })
    const writer = await ground.openWriter(config)
    const records = [first, second, third].map((id, index) => ({ id, name: `Large ${index}` }))
    const result = await writer.write(records)
    expect(result).toMatchObject({ written: 2, refused: [{ index: 0, code: 'record_refused' }] })
    expect(result.interrupted).toBeUndefined()
    const names = ground.leads().map(({ name }) => String(name))
    expect(names.filter((name) => name.startsWith('Large ')).sort()).toEqual(['Large 1', 'Large 2'])
  })

  it('updates by id, in order, and clears a field with an empty value', async () => {
    const [first, second] = ground.leads()
    const writer = await ground.openWriter({
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
    const now = (id: unknown) => ground.leads().find((lead) => lead['id'] === id)
    expect(now(first?.['id'])).toMatchObject({ name: 'Step two' })
    expect(now(first?.['id'])?.['description'] ?? '').toBe('')
    expect(now(second?.['id'])).toMatchObject({ name: 'Other', description: 'kept' })
    expect(ground.made()).toEqual([])
  })

  it.each<[Json]>([['start'], [{}], [{ records: '5' }], [{ records: -1 }], [[]], [7]])(
    'refuses the state %j, which it never wrote, before it sends anything',
    async (resume) => {
      sandbox.control.clearRequests()
      await expect(ground.openWriter(createLeads, { resume })).rejects.toMatchObject({
        code: 'checkpoint_unreadable',
      })
      expect(sandbox.control.requests()).toEqual([])
    },
  )

  it('creates or updates by whether there is an id', async () => {
    const [first] = ground.leads()
    const writer = await ground.openWriter({
      object: 'leads',
      mode: 'upsert',
      mapping: mapping(['id', 'id'], ['name', 'name']),
    })
    await writer.write([
      { id: first?.['id'], name: 'Renamed' },
      { id: '', name: 'Brand new' },
    ])
    expect(ground.leads().find((lead) => lead['id'] === first?.['id'])?.['name']).toBe('Renamed')
    expect(ground.made().map((lead) => lead['name'])).toEqual(['Brand new'])
  })

  it('creates contacts and opportunities from text, as a CSV file has it', async () => {
    const leadId = ground.leads()[0]?.['id']
    const contacts = await ground.openWriter(
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
    expect(ground.truth('contact').find((contact) => contact['name'] === 'Wilma Testrup')).toMatchObject({
      lead_id: leadId,
      emails: [{ email: 'wilma@testrup.example', type: 'office' }],
    })
    const opportunities = await ground.openWriter(
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
    expect(ground.truth('opportunity').find((deal) => deal['note'] === 'Big deal')).toMatchObject({
      value: 120050,
      confidence: 80,
    })
  })

  it("keeps Close's message with the records that it refuses", async () => {
    const writer = await ground.openWriter(
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
    expect(ground.made().map((lead) => lead['name'])).toEqual(['Good'])
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
    const writer = await ground.openWriter({
      object: 'leads',
      mode: 'create',
      mapping: mapping(['name', 'name'], ['note', number.name], ['id', other.name]),
    })
    const { refused } = await writer.write([
      { name: 'A', note: 'many' },
      { name: 'B', id: { nested: true } },
    ])
    expect(refused.map(({ message }) => message)).toEqual([
      `${number.label} (${number.name}) takes a number, and “many” is not plainly one. Say in the source how its numbers are written.`,
      `${other.label} (${other.name}) takes text, not a nested value.`,
    ])
  })

  it('makes no lead without a name, nor a contact or an opportunity that would need one', async () => {
    const records = [{ name: ' ', note: 'nobody' }, { note: 'nobody' }]
    const leadWriter = await ground.openWriter(createLeads)
    expect((await leadWriter.write(records)).refused.map(({ message }) => message)).toEqual(
      records.map(() => 'A lead needs a name.'),
    )
    const contacts = {
      object: 'contacts',
      mode: 'create',
      mapping: mapping(['name', 'name'], ['note', 'title']),
    }
    const contactWriter = await ground.openWriter(contacts)
    expect(await contactWriter.write(records)).toMatchObject({ written: 0, refused: { length: 2 } })
    expect(ground.made()).toEqual([])
  })
})
