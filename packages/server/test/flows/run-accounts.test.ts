import type { Client } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { placeOf } from '../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { KilledServer } from './killed-server.ts'
import { closeCredential, endOf, makeFlow, runFlow } from './moving.ts'

const timeout = 120_000

/** Of each run: the account whose key stands in its credential when its server is back. Before, it is the first of both. */
const keys = {
  organization: { organization: 1, user: 0 },
  user: { organization: 0, user: 1 },
  destination: { organization: 0, user: 0 },
  same: { organization: 0, user: 0 },
} as const
/** Each is read by one run alone. */
const fields = { organization: 'description', user: 'url', same: 'status_id' } as const
type Reading = keyof typeof fields
type Case = keyof typeof keys

interface Interrupted {
  readonly credentialId: string
  readonly runId: string
  /** The key that its credential has now. */
  readonly keyId: string
}

/* A start of a server takes more processor time than a run: one kill serves the runs of all cases. */
describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a run whose server is killed, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let place: TestPlace
  let server: KilledServer
  let client: Client
  let runs: Record<Case, Interrupted>
  let leadsBefore: number
  beforeAll(async () => {
    sandbox = await startSandbox({ leads: 600 })
    place = await makePlace()
    server = new KilledServer(place.settings.databaseUrl?.reveal() ?? null, sandbox.apiUrl)
    client = await server.start()
    // Each reads two of its pages, or creates some of its leads, and is in its middle for as long as it lives.
    const hang = { kind: 'hang', times: 1_000_000 } as const
    for (const field of Object.values(fields)) {
      sandbox.control.addFault({ ...hang, target: '/api/v1/data/search/', containing: `"${field}"`, skip: 2 })
    }
    sandbox.control.addFault({ ...hang, target: '/api/v1/lead/', method: 'POST', skip: 250 })
    const begun = {
      organization: await beginReading('organization'),
      user: await beginReading('user'),
      destination: await beginWriting(),
      same: await beginReading('same'),
    }
    await server.kill()
    leadsBefore = leads(0)
    runs = await replaceKeys(begun)
    sandbox.control.clearFaults()
    client = await server.start()
  }, timeout)
  afterAll(async () => {
    await server?.erase()
    await place?.remove()
    await sandbox?.close()
  })

  const organization = (index: number) => sandbox.organizations[index]?.id ?? ''
  const newKey = (index: number, user = 0) =>
    sandbox.control.createKey(sandbox.users[user]?.id ?? '', organization(index))
  const leads = (index: number) => sandbox.control.truth(organization(index), 'lead').length

  type Begun = Pick<Interrupted, 'credentialId' | 'runId'>

  /** What replacing a key leaves behind, confirmed if it is of another account: the credential is now made for that. */
  async function replaceKeys(begun: Record<Case, Begun>): Promise<Record<Case, Interrupted>> {
    const stores = await openStores(server.settings)
    try {
      const vault = await openVault(server.settings, stores.metadata)
      const replace = async (each: Case): Promise<Interrupted> => {
        const { credentialId: id, runId } = begun[each]
        const { organization: index, user } = keys[each]
        const key = newKey(index, user)
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
        return { credentialId: id, runId, keyId: key.id }
      }
      return {
        organization: await replace('organization'),
        user: await replace('user'),
        destination: await replace('destination'),
        same: await replace('same'),
      }
    } finally {
      await stores.close()
    }
  }

  /** Resolves when some of the run is written. */
  async function beginRun(flowId: string): Promise<string> {
    const { id } = await client.flows.run({ params: { id: flowId } })
    const hasWritten = async () => (await client.runs.get({ params: { id } })).recordsWritten > 0
    await vi.waitUntil(hasWritten, { timeout: 60_000, interval: 50 })
    return id
  }

  const source = (credentialId: string, field: string) => ({
    connector: 'close',
    credentialId,
    config: { object: 'leads', fields: `id,name,${field}` },
  })
  const toFile = (file: string) => ({
    connector: 'files',
    credentialId: null,
    config: { file, format: 'jsonl' },
  })
  async function beginReading(each: Reading): Promise<Begun> {
    const credentialId = await closeCredential(client, sandbox, `From ${each}`)
    const flowId = await makeFlow(client, source(credentialId, fields[each]), toFile(`${each}.jsonl`))
    return { credentialId, runId: await beginRun(flowId) }
  }
  /** Reads by a credential that stays as it is, and writes by one of the second organization. */
  async function beginWriting(): Promise<Begun> {
    const from = await closeCredential(client, sandbox, 'Read through')
    const values = { apiKey: newKey(1).key }
    const body = { connector: 'close', method: 'api_key', name: 'Written through', values }
    const to = await client.credentials.create({ body })
    const config = { object: 'leads', mode: 'create', mapping: '[{"from":"name","to":"name"}]' }
    const flowId = await makeFlow(client, source(from, 'date_created'), {
      connector: 'close',
      credentialId: to.id,
      config,
    })
    return { credentialId: to.id, runId: await beginRun(flowId) }
  }
  const usedBy = (keyId: string) =>
    sandbox.control.requests().filter(({ apiKeyId, path }) => apiKeyId === keyId && !path.endsWith('/me/'))

  it.each(['organization', 'user'] as const)(
    '#59 reads nothing more once its credential was confirmed for another %s',
    { timeout },
    async (what) => {
      const { credentialId, runId, keyId } = runs[what]
      const run = await endOf(client, runId)
      expect(run).toMatchObject({ status: 'failed', resumes: 1, error: { code: 'run_account_changed' } })
      expect(run.recordsWritten).toBeGreaterThan(0)
      expect(run.error?.message).toContain(what)
      expect(usedBy(keyId)).toEqual([])
      const { items } = await client.files.list()
      expect(items.map(({ name }) => name)).not.toContain(`${what}.jsonl`)

      // It was confirmed: the credential is as good as before, and another run reads the new account alone.
      const found = await client.credentials.get({ params: { id: credentialId } })
      expect(found).toMatchObject({ status: 'verified', reason: null })
      const other = await makeFlow(client, source(credentialId, fields[what]), toFile(`${what}-anew.jsonl`))
      const recordsRead = leads(keys[what].organization)
      expect(await runFlow(client, other)).toMatchObject({ status: 'succeeded', recordsRead })
    },
  )

  it('#59 writes nothing more once the credential of its destination was', { timeout }, async () => {
    const { runId, keyId } = runs.destination
    expect(await endOf(client, runId)).toMatchObject({
      ...{ status: 'failed', resumes: 1 },
      error: { code: 'run_account_changed', message: expect.stringContaining('data destination') },
    })
    expect(usedBy(keyId)).toEqual([])
    expect(leads(0)).toBe(leadsBefore)
  })

  it('#59 goes on with another key of the same account', { timeout }, async () => {
    const { runId, keyId } = runs.same
    const run = await endOf(client, runId)
    expect(run).toMatchObject({ status: 'succeeded', resumes: 1, recordsRead: leads(0) })
    expect(usedBy(keyId)).not.toEqual([])
  })
})
