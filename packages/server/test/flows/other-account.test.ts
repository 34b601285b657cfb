import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, flowStreamSchema, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { runFlow } from './moving.ts'

/* What is named of an account by id, and that another account does not have. */

let sandbox: Sandbox
let server: Running
let client: Client
const credentials = { acme: '', beta: '' }
beforeAll(async () => {
  const made = await startWithClose({ leads: 6 })
  ;({ sandbox, server } = made)
  client = made.person.client
  const [acme, beta] = sandbox.organizations
  for (const [name, organization] of [['acme', acme] as const, ['beta', beta] as const]) {
    const key = sandbox.apiKeys.find(({ organizationId }) => organizationId === organization?.id)?.key ?? ''
    const body = { connector: 'close', method: 'api_key', name, values: { apiKey: key } }
    credentials[name] = (await client.credentials.create({ body })).id
  }
  await writeFile(join(server.dataDir, 'files', 'seats.csv'), 'Company,Seats,Plan\nA,3,Pro\nB,4,Free\n')
  return made.stop
})

const truth = (organization: number, type: string) =>
  sandbox.control.truth(sandbox.organizations[organization]?.id ?? '', type)
const leadsOfBeta = () => truth(1, 'lead').length

/** A flow whose destination writes two of Acme's own fields. */
async function mapped() {
  const fields = await client.destinations.preview({
    body: {
      source: null,
      destination: {
        connector: 'close',
        credentialId: credentials.acme,
        config: { object: 'leads', mode: 'create' },
      },
    },
  })
  const own = fields.targetColumns.filter(({ name }) => name.startsWith('custom.'))
  const [first, second] = own
  if (first === undefined || second === undefined) throw new Error('The sandbox has no custom fields')
  const pairs = [
    { from: 'Company', to: 'name' },
    { from: 'Seats', to: first.name },
    { from: 'Plan', to: second.name },
  ]
  const config = { object: 'leads', mode: 'create', mapping: JSON.stringify(pairs) }
  const body = { connector: 'close', credentialId: credentials.acme, name: newId('destination'), config }
  const { id } = await client.destinations.create({ body })
  const files = { connector: 'files', credentialId: null, config: { file: 'seats.csv', format: 'csv' } }
  const source = await client.sources.create({ body: { ...files, name: newId('source') } })
  const flow = { name: newId('flow'), sourceId: source.id, destinationId: id }
  return { id, body, pairs, fields: [first, second], flowId: (await client.flows.create({ body: flow })).id }
}

/** A flow that reads calls of one of Acme's people, and the stream of one of its activity types. */
async function chosen() {
  const form = { connector: 'close', credentialId: credentials.acme, config: { object: 'streams' } }
  const { id } = await client.sources.create({ body: { ...form, name: newId('source') } })
  const offered = (await client.sources.streams({ params: { id } })).items
  const own = offered.find(({ name }) => name.startsWith('actitype_'))
  const query = { stream: 'opportunities', parameter: 'status_id' }
  const [status] = (await client.sources.options({ params: { id }, query })).items
  if (own === undefined || status === undefined) throw new Error('The sandbox has nothing to choose')
  const streams = [
    flowStreamSchema.parse({
      stream: 'opportunities',
      label: 'Opportunities',
      parameters: { status_id: status.value },
    }),
    flowStreamSchema.parse({ stream: own.name, label: own.label }),
  ]
  const files = { connector: 'files', credentialId: null, config: { file: 'out.jsonl', format: 'jsonl' } }
  const destination = await client.destinations.create({ body: { ...files, name: newId('destination') } })
  const name = newId('flow')
  const flow = {
    name,
    sourceId: id,
    destinationId: destination.id,
    streams: { everything: false, chosen: streams },
  }
  return { id, own, status, name, flowId: (await client.flows.create({ body: flow })).id }
}

describe('a destination that is given a credential of another account', () => {
  it('is told which mapped fields that account lacks, by name and row; nothing changes until they are put right', async () => {
    const { id, fields, pairs, flowId } = await mapped()
    const before = leadsOfBeta()
    const refused = await problem(
      client.destinations.update({ params: { id }, body: { credentialId: credentials.beta } }),
    )
    expect(refused).toMatchObject({ status: 400, code: 'mapping_invalid' })
    expect(refused.errors).toHaveLength(2)
    for (const [at, column] of ['Seats', 'Plan'].entries()) {
      expect(refused.errors?.[at]?.field).toBe('config.mapping')
      for (const text of [column, fields[at]?.label ?? '?', sandbox.organizations[1]?.name ?? '?'])
        expect(refused.errors?.[at]?.message).toContain(text)
    }
    expect((await client.destinations.get({ params: { id } })).credentialId).toBe(credentials.acme)
    const config = { object: 'leads', mode: 'create', mapping: JSON.stringify(pairs.slice(0, 1)) }
    const body = { credentialId: credentials.beta, config }
    expect(await client.destinations.update({ params: { id }, body })).toMatchObject({
      credentialId: credentials.beta,
    })
    expect((await runFlow(client, flowId)).recordsWritten).toBe(2)
    expect(leadsOfBeta()).toBe(before + 2)
  })

  it('is refused as well when it is made with fields of another account', async () => {
    const { body } = await mapped()
    const other = { ...body, name: newId('destination'), credentialId: credentials.beta }
    expect(await problem(client.destinations.create({ body: other }))).toMatchObject({
      code: 'mapping_invalid',
    })
  })
})

describe('a source that is given a credential of another account', () => {
  it('is told what its flows choose that the account lacks, and takes it where that is agreed to', async () => {
    const { id, own, status, name, flowId } = await chosen()
    const asked = { params: { id }, body: { credentialId: credentials.beta } }
    const refused = await problem(client.sources.update(asked))
    expect(refused).toMatchObject({ status: 409, code: 'account_lacks' })
    const told = refused.errors?.map(({ message }) => message).join('\n') ?? ''
    for (const text of [name, own.label, status.label]) expect(told).toContain(text)
    expect((await client.sources.get({ params: { id } })).credentialId).toBe(credentials.acme)
    await client.sources.update({ ...asked, body: { ...asked.body, lacking: true } })
    const { items } = await client.flows.lacking({ params: { id: flowId } })
    expect(items.map(({ side }) => side)).toEqual(['source', 'source'])
  })
})

describe('everything of a credential that is moved to one of another account', () => {
  it('is told what the account lacks, and says it on the page of the flow where that is agreed to', async () => {
    const one = await mapped()
    const other = await chosen()
    const move = {
      params: { id: credentials.acme },
      body: { to: credentials.beta, confirmIdentityChange: true },
    }
    const refused = await problem(client.deletedCredentials.moveUsage(move))
    expect(refused).toMatchObject({ status: 409, code: 'account_lacks' })
    const told = refused.errors?.map(({ message }) => message).join('\n') ?? ''
    for (const text of [one.body.name, one.fields[0]?.label ?? '?', other.name]) expect(told).toContain(text)
    expect((await client.flows.lacking({ params: { id: one.flowId } })).items).toEqual([])
    await client.deletedCredentials.moveUsage({ ...move, body: { ...move.body, lacking: true } })
    const { items } = await client.flows.lacking({ params: { id: one.flowId } })
    expect(items).toHaveLength(2)
    expect(items[0]?.message).toContain('Seats')
    expect(items[0]?.message).toContain(one.fields[0]?.label ?? '?')
    const before = leadsOfBeta()
    expect(await runFlow(client, one.flowId)).toMatchObject({
      status: 'failed',
      error: { code: 'mapping_invalid' },
      recordsWritten: 0,
    })
    expect(leadsOfBeta()).toBe(before)
  })
})
