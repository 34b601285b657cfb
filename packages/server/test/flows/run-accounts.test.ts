import type { Client } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { placeOf } from '../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { KilledServer } from './killed-server.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

const timeout = 120_000

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a run whose server is killed, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let place: TestPlace
  let server: KilledServer
  let client: Client
  beforeAll(async () => {
    sandbox = await startSandbox({ leads: 600 })
    place = await makePlace()
    server = new KilledServer(place.settings.databaseUrl?.reveal() ?? null, sandbox.apiUrl)
    client = await server.start()
  }, timeout)
  afterAll(async () => {
    await server?.erase()
    await place?.remove()
    await sandbox?.close()
  })
  afterEach(() => sandbox.control.setLatency(0))

  const organization = (index: number) => sandbox.organizations[index]?.id ?? ''
  const newKey = (index: number, user = 0) =>
    sandbox.control.createKey(sandbox.users[user]?.id ?? '', organization(index))
  const leads = (index: number) => sandbox.control.truth(organization(index), 'lead').length

  /** What replacing a key leaves behind, confirmed if it is of another account: the credential is now made for that. */
  async function replaceKey(id: string, index: number, user: number): Promise<{ keyId: string }> {
    const key = newKey(index, user)
    const stores = await openStores(server.settings)
    try {
      const vault = await openVault(server.settings, stores.metadata)
      const row = await stores.credentials.find(id)
      if (row?.identity == null) throw new Error('the credential was never checked')
      const identity = {
        ...row.identity,
        organizationId: organization(index),
        organizationName: sandbox.organizations[index]?.name ?? '',
        userId: sandbox.users[user]?.id ?? '',
      }
      const secretVersion = row.secretVersion + 1
      const sealed = await vault.seal(placeOf(id, secretVersion), { apiKey: new Secret(key.key) })
      await stores.credentials.update(id, { identity, sealed, secretVersion })
    } finally {
      await stores.close()
    }
    return { keyId: key.id }
  }

  /** Begins a run and kills its server once some of it is written. */
  async function killedInTheMiddle(flowId: string): Promise<string> {
    sandbox.control.setLatency(80)
    const { id } = await client.flows.run({ params: { id: flowId } })
    const written = async () => (await client.runs.get({ params: { id } })).recordsWritten
    await expect.poll(written, { timeout: 60_000, interval: 50 }).toBeGreaterThan(0)
    await server.kill()
    sandbox.control.setLatency(0)
    return id
  }

  const source = (credentialId: string) => ({
    connector: 'close',
    credentialId,
    config: { object: 'leads', fields: 'id,name' },
  })
  const toFile = (file: string) => ({
    connector: 'files',
    credentialId: null,
    config: { file, format: 'jsonl' },
  })
  const usedBy = (keyId: string) =>
    sandbox.control.requests().filter(({ apiKeyId, path }) => apiKeyId === keyId && !path.endsWith('/me/'))

  it.each([
    ['organization', 1, 0],
    ['user', 0, 1],
  ])(
    '#59 reads nothing more once its credential was confirmed for another %s',
    { timeout },
    async (what, index, user) => {
      const credentialId = await closeCredential(client, sandbox, `From ${what}`)
      const flowId = await makeFlow(client, source(credentialId), toFile(`${what}.jsonl`))
      const runId = await killedInTheMiddle(flowId)
      const { keyId } = await replaceKey(credentialId, index, user)
      client = await server.start()
      const run = await endOf(client, runId)
      expect(run).toMatchObject({ status: 'failed', resumes: 1, error: { code: 'run_account_changed' } })
      expect(run.error?.message).toContain(what)
      expect(usedBy(keyId)).toEqual([])
      const { items } = await client.files.list()
      expect(items.map(({ name }) => name)).not.toContain(`${what}.jsonl`)

      // It was confirmed: the credential is as good as before, and another run reads the new account alone.
      const credential = await client.credentials.get({ params: { id: credentialId } })
      expect(credential).toMatchObject({ status: 'verified', reason: null })
      const other = await makeFlow(client, source(credentialId), toFile(`${what}-anew.jsonl`))
      expect(await runFlow(client, other)).toMatchObject({ status: 'succeeded', recordsRead: leads(index) })
    },
  )

  it('#59 writes nothing more once the credential of its destination was', { timeout }, async () => {
    const from = await closeCredential(client, sandbox, 'Read through')
    const to = await client.credentials.create({
      body: {
        connector: 'close',
        method: 'api_key',
        name: 'Written through',
        values: { apiKey: newKey(1).key },
      },
    })
    const flowId = await makeFlow(client, source(from), {
      connector: 'close',
      credentialId: to.id,
      config: { object: 'leads', mode: 'create', mapping: '[{"from":"name","to":"name"}]' },
    })
    const runId = await killedInTheMiddle(flowId)
    const { keyId } = await replaceKey(to.id, 0, 0)
    const before = leads(0)
    client = await server.start()
    expect(await endOf(client, runId)).toMatchObject({
      status: 'failed',
      error: { code: 'run_account_changed', message: expect.stringContaining('data destination') },
    })
    expect(usedBy(keyId)).toEqual([])
    expect(leads(0)).toBe(before)
  })

  it('#59 goes on with another key of the same account', { timeout }, async () => {
    const credentialId = await closeCredential(client, sandbox, 'Same')
    const flowId = await makeFlow(client, source(credentialId), toFile('same.jsonl'))
    const runId = await killedInTheMiddle(flowId)
    const { keyId } = await replaceKey(credentialId, 0, 0)
    client = await server.start()
    const run = await endOf(client, runId)
    expect(run).toMatchObject({ status: 'succeeded', resumes: 1, recordsRead: leads(0) })
    expect(usedBy(keyId)).not.toEqual([])
  })
})
