import { type Client, flowStreamSchema } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, idsOf } from './moving.ts'

let sandbox: Sandbox
let server: Running
let boss: Browser
let client: Client
let credentialId = ''
let sourceId = ''
beforeAll(async () => {
  const made = await startWithClose({ leads: 12 })
  ;({ sandbox, server, person: boss } = made)
  client = boss.client
  credentialId = await closeCredential(client, sandbox)
  const body = { connector: 'close', credentialId, name: 'Close', config: { object: 'streams' } }
  sourceId = (await client.sources.create({ body })).id
  return made.stop
})

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const unsaved = (object: string) => ({ connector: 'close', credentialId, config: { object } })

describe('the streams of a source', () => {
  it('are told, of a saved one and of one that is not, and the log says who looked', async () => {
    const { items } = await client.sources.streams({ params: { id: sourceId } })
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['leads', 'contacts', 'users']))
    expect(items.find(({ name }) => name === 'leads')).toMatchObject({ label: 'Leads', recommended: true })
    expect((await client.sources.offered({ body: unsaved('streams') })).items).toEqual(items)
    const log = await client.audit.list({ query: { action: 'source.streams' } })
    expect(log.items.map(({ object }) => object?.id ?? null)).toEqual([null, sourceId])
    const usage = await client.credentials.get({ params: { id: credentialId } })
    expect(usage.lastUsedAt).not.toBeNull()
  })

  it('are sampled one by one, whatever the form names', async () => {
    const look = (stream: string, object: string, columns: readonly string[] = []) =>
      client.sources.sample({
        body: { ...unsaved(object), stream: flowStreamSchema.parse({ stream, columns }) },
      })
    const contacts = await look('contacts', 'streams')
    expect(contacts.records.length).toBeGreaterThan(0)
    expect(idsOf(truth('contact'))).toEqual(expect.arrayContaining(idsOf(contacts.records)))
    const leads = await look('leads', 'users', ['name'])
    expect(leads.columns.map(({ name }) => name).sort()).toEqual(['id', 'name'])
    expect(leads.records.length).toBe(10)
    const none = client.sources.sample({ body: unsaved('streams') })
    expect(await problem(none)).toMatchObject({ code: 'streams_not_chosen' })
  })

  it('#44 are told to nobody who may not use the credential behind it', async () => {
    const other = await join(server, boss, 'Linden')
    const look = () => problem(other.client.sources.streams({ params: { id: sourceId } }))
    expect((await look()).code).toBe('source_not_found')
    await client.sourceAccess.set({
      params: { id: sourceId },
      body: { memberId: other.id, role: 'collaborator' },
    })
    expect((await look()).code).toBe('credential_not_found')
    const draft = other.client.sources.offered({ body: unsaved('streams') })
    expect((await problem(draft)).code).toBe('credential_not_found')
    await client.credentialAccess.set({
      params: { id: credentialId },
      body: { memberId: other.id, role: 'collaborator' },
    })
    const { items } = await other.client.sources.streams({ params: { id: sourceId } })
    expect(items.length).toBeGreaterThan(5)
  })
})
