import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, makeFlow } from './moving.ts'

let sandbox: Sandbox
let running: Running
let client: Client
let credentialId = ''
beforeAll(async () => {
  const made = await startWithClose({ leads: 25 })
  ;({ sandbox, server: running } = made)
  client = made.person.client
  credentialId = await closeCredential(client, sandbox)
  await writeFile(
    join(running.dataDir, 'files', 'in.jsonl'),
    '{"id":"1","name":"A"}\n{"id":"2","name":"B"}\n',
  )
  await writeFile(join(running.dataDir, 'files', 'bad.jsonl'), '{"id":"1"}\n{oops\n')
  return made.stop
})

const leads = () => ({ connector: 'close', credentialId, config: { object: 'leads' } })
const file = (name = 'in.jsonl') => ({ connector: 'files', credentialId: null, config: { file: name } })
const named = { name: 'X' }

describe('a source or destination', () => {
  it('is made, listed, changed and deleted', async () => {
    const made = await client.sources.create({
      body: { name: 'Leads of Acme', description: 'All', ...leads() },
    })
    expect(made).toMatchObject({
      connector: 'close',
      credentialName: 'Close',
      flowCount: 0,
      config: { object: 'leads' },
    })
    const found = await client.sources.list({ query: { query: 'acme' } })
    expect(found.items.map((item) => item.id)).toEqual([made.id])
    const changed = await client.sources.update({
      params: { id: made.id },
      body: { name: 'Contacts of Acme', config: { object: 'contacts' } },
    })
    expect(changed).toMatchObject({
      name: 'Contacts of Acme',
      config: { object: 'contacts' },
      description: 'All',
    })
    // A source is no destination.
    expect(
      (await problem(client.destinations.get({ params: { id: made.id.replace('src_', 'dst_') } }))).code,
    ).toBe('destination_not_found')
    await client.sources.delete({ params: { id: made.id } })
    expect((await problem(client.sources.get({ params: { id: made.id } }))).code).toBe('source_not_found')
  })

  it('is not deleted while a flow uses it, nor is its credential', async () => {
    const flowId = await makeFlow(client, leads(), file('out.jsonl'))
    const { source, destination } = await client.flows.get({ params: { id: flowId } })
    const refused = await problem(client.sources.delete({ params: { id: source.id ?? '' } }))
    expect(refused).toMatchObject({ code: 'source_in_use', blockers: [{ kind: 'flow', id: flowId }] })
    expect((await problem(client.destinations.delete({ params: { id: destination.id ?? '' } }))).code).toBe(
      'destination_in_use',
    )
    expect((await problem(client.credentials.delete({ params: { id: credentialId } }))).code).toBe(
      'credential_in_use',
    )
    await client.flows.delete({ params: { id: flowId } })
    await client.sources.delete({ params: { id: source.id ?? '' } })
  })

  it('needs an existing credential of its own connector', async () => {
    const draft = await client.credentials.create({
      body: {
        connector: 'close',
        method: 'oauth2',
        draft: true,
        values: { clientId: 'client', clientSecret: 'secret' },
      },
    })
    const cases = [
      [{ ...named, ...leads(), credentialId: newId('credential') }, 'credential_not_found'],
      [{ ...named, ...leads(), credentialId: 'cred_x' }, 'invalid_input'],
      [{ ...named, ...leads(), credentialId: null }, 'invalid_input'],
      [{ ...named, ...leads(), credentialId: draft.id }, 'credential_draft'],
      [{ ...named, ...file(), credentialId }, 'invalid_input'],
      [{ ...named, ...leads(), connector: 'nope' }, 'connector_unknown'],
      [{ ...named, ...leads(), connector: 'postgres' }, 'invalid_input'],
    ] as const
    for (const [body, code] of cases) expect((await problem(client.sources.create({ body }))).code).toBe(code)
    const wrong = { ...named, connector: 'postgres', credentialId, config: { schema: 'public', table: 't' } }
    expect((await problem(client.destinations.create({ body: wrong }))).code).toBe(
      'credential_wrong_connector',
    )
  })

  it.each([
    [{ config: { object: 'invoices' } }, 'config.object'],
    [{ config: { object: 'leads', fields: 'a;b!' } }, 'config.fields'],
    [{ config: { object: 'leads', extra: 'x' } }, 'config.extra'],
    [{ connector: 'files', credentialId: null, config: { file: '../x' } }, 'config.file'],
    [{ connector: 'files', credentialId: null, config: { file: '' } }, 'config.file'],
    [{ connector: 'files', credentialId: null, config: { file: 'a.csv', format: 'xls' } }, 'config.format'],
    [{ name: ' ' }, 'name'],
    [{ name: 'a\u0007b' }, 'name'],
    [{ name: 'x'.repeat(10_000) }, 'name'],
    [{ description: 'x'.repeat(10_000) }, 'description'],
  ])('names the field that is wrong: %j', async (parts, field) => {
    const refused = await problem(client.sources.create({ body: { ...named, ...leads(), ...parts } }))
    expect(refused).toMatchObject({ code: 'invalid_input', errors: [{ field }] })
  })

  it('names the field of a database credential that cannot be right', async () => {
    const values = {
      host: 'db.example',
      port: '5432',
      database: 'crm',
      user: 'u',
      password: 'p',
      tls: 'disable',
    }
    const body = { connector: 'postgres', method: 'password' }
    for (const [field, value] of [
      ['port', '99999'],
      ['host', '/var/run/postgresql'],
      ['tls', 'maybe'],
    ] as const) {
      const refused = await problem(
        client.credentials.verify({ body: { ...body, values: { ...values, [field]: value } } }),
      )
      expect(refused).toMatchObject({ code: 'invalid_input', errors: [{ field: `values.${field}` }] })
    }
  })

  it('is not found by an unknown id, wherever it is named', async () => {
    const source = await client.sources.create({ body: { ...named, ...leads() } })
    const flow = { name: 'F', sourceId: source.id, destinationId: newId('destination') }
    expect((await problem(client.flows.create({ body: flow }))).code).toBe('destination_not_found')
    expect((await problem(client.flows.create({ body: { ...flow, sourceId: newId('source') } }))).code).toBe(
      'source_not_found',
    )
    expect((await problem(client.flows.run({ params: { id: newId('flow') } }))).code).toBe('flow_not_found')
    expect((await problem(client.flows.get({ params: { id: newId('flow') } }))).code).toBe('flow_not_found')
    for (const call of [client.runs.get, client.runs.cancel, client.runs.records, client.runs.quarantine]) {
      expect((await problem(call({ params: { id: newId('run') } }))).code).toBe('run_not_found')
    }
  })
})

describe('Test', () => {
  it('shows the first records of a source that is not saved', async () => {
    const sample = await client.sources.sample({ body: leads() })
    expect(sample.records.length).toBe(10)
    expect(sample.total).toBe(25)
    expect(sample.columns.some((column) => column.name.startsWith('custom.'))).toBe(true)
    expect(await client.sources.sample({ body: file() })).toMatchObject({
      records: [
        { id: '1', name: 'A' },
        { id: '2', name: 'B' },
      ],
      total: 2,
    })
  })

  it('says what is wrong with a source', async () => {
    expect(await problem(client.sources.sample({ body: file('gone.jsonl') }))).toMatchObject({
      code: 'file_not_found',
      detail: expect.stringContaining('gone.jsonl'),
    })
    expect(await problem(client.sources.sample({ body: file('bad.jsonl') }))).toMatchObject({
      code: 'file_invalid',
      detail: expect.stringContaining('bad.jsonl, line 2'),
    })
    expect(await problem(client.sources.sample({ body: file('../x') }))).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'config.file' }],
    })
  })

  it('shows what a destination would do, and what can be mapped', async () => {
    const destination = {
      connector: 'close',
      credentialId,
      config: { object: 'leads', mode: 'create', mapping: '' },
    }
    const open = await client.destinations.preview({ body: { source: file(), destination } })
    expect(open.rows).toEqual([])
    expect(open.sourceColumns.map((column) => column.name)).toEqual(['id', 'name'])
    expect(open.targetColumns.map((column) => column.name)).toContain('status_id')
    const mapping = JSON.stringify([{ from: 'name', to: 'name' }])
    const mapped = { ...destination, config: { ...destination.config, mapping } }
    const preview = await client.destinations.preview({ body: { source: file(), destination: mapped } })
    expect(preview.rows.map((row) => [row.action, row.after])).toEqual([
      ['create', { name: 'A' }],
      ['create', { name: 'B' }],
    ])
    const wrong = JSON.stringify([{ from: 'nmae', to: 'name' }])
    const broken = { ...destination, config: { ...destination.config, mapping: wrong } }
    expect(
      await problem(client.destinations.preview({ body: { source: file(), destination: broken } })),
    ).toMatchObject({
      code: 'mapping_invalid',
      errors: [{ field: 'destination.config.mapping' }],
    })
  })
})
