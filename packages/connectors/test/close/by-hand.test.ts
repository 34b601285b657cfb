import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parameterFaults } from '../../src/close/parameter-faults.ts'
import type { Json, Selection, StreamReader } from '../../src/index.ts'
import { testContext } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'
import { answerOf, idsOf, listIn, openSandboxSource } from './stream-reading.ts'

let sandbox: Sandbox
let organization: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 230, now: Date.parse('2026-05-01T12:00:00Z') })
  organization = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organization, type)

async function open(
  parameters: Record<string, string>,
  { mode = 'full', columns = [] }: Partial<Pick<Selection, 'mode' | 'columns'>> = {},
): Promise<StreamReader> {
  const source = await openSandboxSource(sandbox)
  const { signal } = testContext()
  return source.open({ stream: 'by_hand:mine', mode, columns, parameters }, 'run', signal)
}

async function read(
  reader: StreamReader,
  from: Json | null = null,
): Promise<{ records: DataRecord[]; position: Json }> {
  const records: DataRecord[] = []
  let position: Json = null
  for await (const batch of reader.batches(from)) {
    records.push(...batch.records)
    position = batch.position
  }
  return { records, position }
}

const contactQuery = (since: string) => ({
  query: {
    type: 'and',
    queries: [
      { type: 'object_type', object_type: 'contact' },
      {
        type: 'field_condition',
        field: { type: 'regular_field', object_type: 'contact', field_name: 'date_updated' },
        condition: { type: 'moment_range', on_or_after: { type: 'fixed_utc', value: since } },
      },
    ],
  },
  _fields: { contact: ['name', 'emails'] },
})

describe('a stream by hand', () => {
  it('reads pages by offset, each record once', async () => {
    const reader = await open({ path: '/contact/', page_size: '50' })
    const { records } = await read(reader)
    expect(idsOf(records)).toEqual(idsOf(truth('contact')))
    const types = new Map(reader.columns.map(({ name, type }) => [name, type]))
    expect([types.get('id'), types.get('name'), types.get('emails')]).toEqual(['text', 'text', 'json'])
    expect(reader.key).toBe('id')
  })

  it('reads pages by cursor', async () => {
    const lead = String(truth('lead')[0]?.['id'])
    for (let turn = 0; turn < 60; turn += 1) {
      sandbox.control.insert({ type: 'note', record: { lead_id: lead, note: `Turn ${turn}` } })
    }
    const { records } = await read(await open({ pagination: 'cursor', path: '/event/', query: '_limit=50' }))
    expect(records.length).toBeGreaterThan(50)
    expect(new Set(idsOf(records)).size).toBe(records.length)
  })

  it('reads one answer, at any depth and by any key', async () => {
    const reader = await open({
      pagination: 'single',
      path: '/organization/{organization}/',
      records: 'memberships',
      key: 'user_id',
    })
    const { records } = await read(reader)
    const whole = await answerOf(sandbox, `/organization/${organization}/`)
    expect(records.map((record) => record['user_id']).sort()).toEqual(
      listIn(whole, 'memberships')
        .map((row) => row['user_id'])
        .sort(),
    )
    expect(reader.key).toBe('user_id')
    const { records: own } = await read(await open({ pagination: 'single', path: '/me/', records: '.' }))
    expect(own).toMatchObject([{ id: sandbox.apiKeys[0]?.userId }])
  })

  it('reads a search by its body, without its limits', async () => {
    const body = JSON.stringify(contactQuery('2000-01-01T00:00:00Z'))
    const { records } = await read(await open({ pagination: 'search', body }))
    expect(idsOf(records)).toEqual(idsOf(truth('contact')))
    expect(records.length).toBeGreaterThan(200)
    expect(records.every((record) => typeof record['name'] === 'string')).toBe(true)
  })

  it('puts times in the place of macros, and knows when its last run began', async () => {
    const parameters = { pagination: 'search', body: JSON.stringify(contactQuery('{last_run}')) }
    const mode = 'incremental'
    const first = await read(await open(parameters, { mode }))
    expect(idsOf(first.records)).toEqual(idsOf(truth('contact')))
    sandbox.control.advanceClock(3_600_000)
    const id = String(truth('contact')[3]?.['id'])
    sandbox.control.edit({ type: 'contact', id, changes: { title: 'Changed' } })
    const second = await read(await open(parameters, { mode }), first.position)
    expect(second.records.map((record) => record['id'])).toEqual([id])
    // A full read is of all of them, whatever was read before.
    expect((await read(await open(parameters))).records).toHaveLength(first.records.length)
    await read(await open({ path: '/activity/note/', query: 'date_created__gte={now-5d}' }))
    const { path, query } = sandbox.control.requests().at(-1) ?? {}
    expect(path).toBe('/api/v1/activity/note/')
    expect(String(query)).toMatch(/date_created__gte=2026-04-2[56]T/)
  })

  it('sends the headers that were given, and its own', async () => {
    const sent: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      sent.push(request.headers)
      response.setHeader('content-type', 'application/json').end('{"data": [{"id": "a"}]}')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const apiUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const connector = sandboxConnector(sandbox, { apiUrl })
    const source = await connector.openSource?.({}, keyCredential(sandbox), testContext())
    const parameters = { pagination: 'single', path: '/list/', headers: 'X-TZ-Offset: -5' }
    const selection: Selection = { stream: 'by_hand:mine', mode: 'full', columns: [], parameters }
    const reader = await source?.open(selection, 'run', testContext().signal)
    server.close()
    expect(reader?.columns.map(({ name }) => name)).toEqual(['id', 'other_fields'])
    expect(sent).toMatchObject([
      { 'x-tz-offset': '-5', authorization: expect.stringMatching(/^Basic /), accept: 'application/json' },
    ])
  })

  it('never reads what is secret, and puts what does not fit its columns together', async () => {
    const { records } = await read(await open({ path: '/webhook/' }))
    expect(records.length).toBeGreaterThan(0)
    expect(JSON.stringify(records)).not.toContain('signature_key')
    const { id } = sandbox.control.insert({ type: 'form', record: { name: 'A form', extra: { a: 1 } } })
    const { records: forms } = await read(await open({ path: '/form/' }, { columns: ['name'] }))
    expect(forms.find((record) => record['id'] === id)).toEqual({ id, name: 'A form' })
    const whole = await open({ path: '/form/' })
    const late = sandbox.control.insert({ type: 'form', record: { name: 'Late', extra: 'words', more: 2 } })
    const { records: all } = await read(whole)
    expect(all.find((record) => record['id'] === late['id'])).toMatchObject({
      name: 'Late',
      other_fields: { more: 2 },
    })
  })

  it.each([
    ['path', { path: 'https://evil.example/lead/' }],
    ['path', { path: '//evil.example/' }],
    ['path', { path: '/lead/../api_key/' }],
    ['path', { path: '/lead/%2e%2e/me/' }],
    ['path', { path: '/lead/?x=1' }],
    ['path', { path: '/lead/;a' }],
    ['path', { path: '/lead/\\me/' }],
    ['path', { path: '/api/v1/lead/' }],
    ['path', { path: '/api_key/' }],
    ['query', { path: '/lead/', query: '_skip=5' }],
    ['query', { path: '/lead/', query: 'no pair' }],
    ['query', { path: '/lead/', query: 'a={yesterday}' }],
    ['headers', { path: '/lead/', headers: 'Authorization: Bearer x' }],
    ['headers', { path: '/lead/', headers: 'cookie: a=b' }],
    ['headers', { path: '/lead/', headers: 'Host: evil.example' }],
    ['headers', { path: '/lead/', headers: 'X-HTTP-Method-Override: DELETE' }],
    ['headers', { path: '/lead/', headers: 'Transfer-Encoding: chunked' }],
    ['records', { path: '/lead/', records: 'a..b' }],
    ['body', { pagination: 'search', body: '{' }],
    ['body', { pagination: 'search', body: '{"query":{"type":"match_all"},"_fields":{"lead":["id"]}}' }],
    ['body', { pagination: 'search', body: JSON.stringify({ ...contactQuery('{now}'), cursor: 'x' }) }],
  ])('refuses this by the name of the field: %s %j', async (field, given) => {
    const values = { pagination: 'offset', records: 'data', key: 'id', page_size: '100', ...given }
    expect(Object.keys(parameterFaults('by_hand:mine', values))).toEqual([field])
    const before = sandbox.control.requests().length
    await expect(open(given)).rejects.toMatchObject({ code: 'invalid_input', errors: [{ field }] })
    expect(sandbox.control.requests()).toHaveLength(before)
  })

  it.each([
    ['records', { path: '/lead/', records: 'rows' }],
    ['key', { path: '/lead/', key: 'number' }],
    ['cursor_path', { pagination: 'cursor', path: '/event/', cursor_path: 'data' }],
  ])('says by the field %s that the answer is another', async (field, given) => {
    await expect(open(given).then((reader) => read(reader))).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ field }],
    })
  })
})
