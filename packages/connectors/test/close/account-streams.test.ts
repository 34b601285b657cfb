import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { streamRows } from '../../src/close/streams.ts'
import { batchesOf, idsOf, openSandboxSource, openStream, recordsOf } from './stream-reading.ts'

let sandbox: Sandbox
let organization: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 300 })
  organization = sandbox.organizations[0]?.id ?? ''
})
afterEach(() => sandbox.control.clearRefusals())
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organization, type)
const refuse = (path: string, status: 402 | 403) => sandbox.control.refuse({ path: `/api/v1${path}`, status })

describe('the streams of one account', () => {
  it.each([
    ['custom_activity', 'custom_activity_type', 'custom_activity_type_id', 'Handover'],
    ['custom_object', 'custom_object_type', 'custom_object_type_id', 'Machine'],
  ])('read each %s of its own type, with its own typed columns', async (kind, types, typeField, name) => {
    const type = truth(types).find((each) => each['name'] === name)
    const id = String(type?.['id'])
    const wanted = truth(kind).filter((record) => record[typeField] === id)
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.length).toBeLessThan(truth(kind).length)
    const reader = await openStream(sandbox, id)
    expect(await reader.count()).toBe(wanted.length)
    const records = (await batchesOf(reader)).flatMap((batch) => batch.records)
    expect(idsOf(records)).toEqual(idsOf(wanted))
    const defined = truth('custom_field').filter(
      (field) => field[typeField] === id || JSON.stringify(field['associations'] ?? []).includes(id),
    )
    const custom = reader.columns.filter((column) => column.name.startsWith('custom.'))
    expect(custom.map((column) => column.name).sort()).toEqual(
      defined.map((field) => `custom.${field['id']}`).sort(),
    )
    expect(custom.length).toBeGreaterThan(0)
    for (const { name: column, label } of custom) {
      expect(label).toBe(defined.find((field) => `custom.${field['id']}` === column)?.['name'])
    }
    const names = new Set(reader.columns.map((column) => column.name))
    const byId = new Map(records.map((record) => [record['id'], record]))
    for (const record of wanted) {
      for (const field of Object.keys(record)) expect(names).toContain(field)
      expect(byId.get(record['id'])).toMatchObject(record)
    }
  })

  it('keep their names when the type is renamed, and follow its label', async () => {
    const source = await openSandboxSource(sandbox)
    const [type] = truth('custom_activity_type')
    const id = String(type?.['id'])
    sandbox.control.edit({ type: 'custom_activity_type', id, changes: { name: 'Call on site' } })
    const stream = (await source.streams()).find(({ name }) => name === id)
    expect(stream).toMatchObject({ label: 'Call on site', group: 'Custom activities' })
  })

  it('are left out where the account may not read its types; the others stay', async () => {
    refuse('/custom_activity/', 403)
    refuse('/custom_object_type/', 402)
    const streams = await (await openSandboxSource(sandbox)).streams()
    expect(streams.map(({ name }) => name)).toEqual([...streamRows.map(({ name }) => name), 'by_hand'])
  })

  it.each([
    ['actitype_0000000000000000000000', 'stream_unavailable'],
    ['cotype_none', 'stream_unavailable'],
    ['leeds', 'invalid_input'],
    ['__proto__', 'invalid_input'],
  ])('do not have %s', async (name, code) => {
    await expect(openStream(sandbox, name)).rejects.toMatchObject({ code })
  })
})

describe('a stream that the account may not read', () => {
  const paths: Readonly<Record<string, string>> = {
    sequences: '/sequence/',
    sequence_subscriptions: '/sequence_subscription/',
    lead_merges: '/activity/lead_merge/',
    event_log: '/event/',
    memberships: '/organization/*/',
    lead_status_report: '/report/statuses/lead/*/',
  }

  it.each(Object.keys(paths).flatMap((stream) => [[stream, 402] as const, [stream, 403] as const]))(
    '%s is not opened where Close answers %i, and says which and why',
    async (stream, status) => {
      refuse(paths[stream] ?? '', status)
      const label = streamRows.find(({ name }) => name === stream)?.label ?? ''
      const error: unknown = await openStream(sandbox, stream).catch((each: unknown) => each)
      expect(error).toMatchObject({ code: 'stream_unavailable', message: expect.stringContaining(label) })
      expect(error).toMatchObject({
        message: expect.stringMatching(
          status === 402 ? /plan in Close does not include it/ : /user may not read it/,
        ),
      })
      expect(String(error)).not.toContain(sandbox.apiKeys[0]?.key)
    },
  )

  it('is not opened where Close does not have it', async () => {
    const target = '/api/v1/playbook/'
    sandbox.control.addFault({ target, kind: 'status', status: 404, times: 1000 })
    const opened = openStream(sandbox, 'playbooks')
    await expect(opened).rejects.toMatchObject({
      code: 'stream_unavailable',
      message: 'Playbooks can’t be read: Close does not have it for this account.',
    })
    sandbox.control.clearFaults()
  })

  it('is told from one that is empty', async () => {
    for (const { id } of truth('form')) sandbox.control.remove({ type: 'form', id: String(id) })
    expect(await recordsOf(sandbox, 'forms')).toEqual([])
  })

  it('fails whether it is counted or read, however often', async () => {
    refuse('/data/search/', 402)
    const reader = await openStream(sandbox, 'contacts')
    const refused = { code: 'stream_unavailable', message: expect.stringContaining('Contacts') }
    await expect(reader.count()).rejects.toMatchObject(refused)
    await expect(batchesOf(reader)).rejects.toMatchObject(refused)
  })

  it('is not what a member sees who is no administrator', async () => {
    const source = await openSandboxSource(sandbox, sandbox.apiKeys[2]?.key)
    const selection = { stream: 'integration_links', mode: 'full', columns: [], parameters: {} } as const
    await expect(source.open(selection, 'run', new AbortController().signal)).rejects.toMatchObject({
      code: 'stream_unavailable',
    })
  })
})

describe('a type of the account', () => {
  const openType = (id: string) => openStream(sandbox, id)
  const type = 'custom_object_type'

  it.each([402, 403] as const)('that may not be read by %i is a stream that may not', async (status) => {
    refuse('/custom_object_type/**', status)
    await expect(openType(String(truth(type)[0]?.['id']))).rejects.toMatchObject({
      code: 'stream_unavailable',
      message: expect.stringContaining('Custom objects can’t be read'),
    })
  })

  it('that is gone is a stream that may not be read, too', async () => {
    const made = sandbox.control.insert({ type, record: { name: 'Short-lived' } })
    await openType(String(made['id']))
    sandbox.control.remove({ type, id: String(made['id']) })
    await expect(openType(String(made['id']))).rejects.toMatchObject({
      code: 'stream_unavailable',
      message: expect.stringContaining('no such type any more'),
    })
  })
})

describe('custom fields that the account may not read', () => {
  it.each([402, 403] as const)('are left out by %i, and the run is told', async (status) => {
    refuse('/custom_field/lead/', status)
    const reader = await openStream(sandbox, 'leads')
    expect(reader.notes).toEqual([expect.stringContaining('custom fields of Leads')])
    const batches = await batchesOf(reader)
    expect(idsOf(batches.flatMap(({ records }) => records))).toEqual(idsOf(truth('lead')))
    expect(batches.flatMap((batch) => batch.notices ?? [])).toEqual([
      expect.objectContaining({ count: 1, message: expect.stringContaining('custom fields of Leads') }),
    ])
    expect(reader.columns.some((column) => column.name.startsWith('custom.'))).toBe(false)
  })

  it('are read again where they may be', async () => {
    const reader = await openStream(sandbox, 'leads')
    expect(reader.notes ?? []).toEqual([])
    expect(reader.columns.some((column) => column.name.startsWith('custom.'))).toBe(true)
  })
})
