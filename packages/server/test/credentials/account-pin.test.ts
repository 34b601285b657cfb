import { randomBytes } from 'node:crypto'
import { Secret } from '@latchwork/vault'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { placeOf } from '../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { type Browser, consent, problem } from '../browser.ts'
import { endOf, makeFlow, parseLines, runFlow } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

/* A credential acts for one organization and one of its users, at a check and in use alike. */

let sandbox: Sandbox
let server: Running
let person: Browser

beforeAll(async () => {
  const made = await startWithClose({ leads: 900, closeListLagMs: 300 })
  ;({ sandbox, server, person } = made)
  return made.stop
})
afterEach(() => {
  sandbox.control.clearFaults()
  sandbox.control.clearListPageScripts()
  sandbox.control.setLatency(0)
})

const api = () => person.client.credentials
const organization = (index: number) => sandbox.organizations[index]?.id ?? ''
/** An admin of the first organization, and another user of it. */
const users = () => {
  const [first, second] = sandbox.users
  if (first === undefined || second === undefined) throw new Error('the sandbox has too few users')
  return { first, second }
}
const newKey = (userId = users().first.id, index = 0) =>
  sandbox.control.createKey(userId, organization(index))
const unique = (what: string) => `${what} ${randomBytes(6).toString('hex')}`

async function withKey(key = newKey()) {
  const body = { connector: 'close', method: 'api_key', name: unique('Key'), values: { apiKey: key.key } }
  const { id } = await api().create({ body })
  return { id, key, params: { id } }
}
async function signedIn(appName: string, userId?: string) {
  const app = sandbox.control.createOAuthApp(appName, ['https://localhost:8443/oauth/callback'])
  const { clientId, clientSecret } = app
  const values = { clientId, clientSecret }
  const { id } = await api().create({ body: { connector: 'close', method: 'oauth2', draft: true, values } })
  expect(await authorize(id, userId)).toContain('result=ok')
  await api().save({ params: { id }, body: { name: unique('Sign-in') } })
  return { id, params: { id } }
}
async function authorize(id: string, userId?: string, confirmIdentityChange = false): Promise<string> {
  const { authorizeUrl } = await api().authorize({
    params: { id },
    body: { display: 'popup', confirmIdentityChange },
  })
  const callback = await consent(person, authorizeUrl, {
    decision: 'allow',
    organizationId: organization(0),
    ...(userId === undefined ? {} : { userId }),
  })
  const ended = await person.fetch(callback)
  return String(ended.headers['location'])
}

const leads = (credentialId: string) => ({
  connector: 'close',
  credentialId,
  config: { object: 'leads', fields: 'id,name' },
})
const toFile = (file: string) => ({
  connector: 'files',
  credentialId: null,
  config: { file, format: 'jsonl' },
})
const toLeads = (credentialId: string) => ({
  connector: 'close',
  credentialId,
  config: { object: 'leads', mode: 'create', mapping: '[{"from":"name","to":"name"}]' },
})
const counted = (index: number) => sandbox.control.truth(organization(index), 'lead').length
/** Every request but the question who one is. */
const used = () => sandbox.control.requests().filter(({ path }) => !path.endsWith('/me/'))
const identityOf = async (id: string) => (await api().get({ params: { id } })).identity
const reasonOf = async (id: string) => (await api().get({ params: { id } })).reason?.code

/** As a restored backup or an edit by hand does: another key in the row, which nobody has checked. */
async function putKeyInDatabase(id: string, key: string): Promise<void> {
  const vault = await openVault(server.settings, server.app.stores.metadata)
  const { secretVersion } = (await server.app.stores.credentials.find(id)) ?? { secretVersion: 0 }
  const version = secretVersion + 1
  const sealed = await vault.seal(placeOf(id, version), { apiKey: new Secret(key) })
  await server.app.stores.credentials.update(id, { sealed, secretVersion: version })
}

describe('#59 a key that answers for another account', () => {
  it.each([
    ['organization', (key: ReturnType<typeof newKey>) => sandbox.control.moveKey(key.id, organization(1))],
    ['user', null],
  ])(
    'of another %s reads nothing: the run ends, the credential fails, its owner is told',
    async (_, move) => {
      const { id, key, params } = await withKey()
      const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
      if (move === null) await putKeyInDatabase(id, newKey(users().second.id).key)
      else move(key)
      sandbox.control.clearRequests()
      const run = await runFlow(person.client, flowId)
      expect(run).toMatchObject({
        status: 'failed',
        recordsRead: 0,
        recordsWritten: 0,
        error: { code: 'identity_changed' },
      })
      expect(used()).toEqual([])
      expect(await api().get({ params })).toMatchObject({
        status: 'failed',
        reason: { code: 'identity_changed' },
      })
      await server.app.tick(new AbortController().signal)
      const { items } = await person.client.alerts.list({ query: { limit: 200 } })
      expect(items.filter(({ credentialId }) => credentialId === id)).toMatchObject([{ kind: 'failed' }])
    },
  )

  it('writes nothing', async () => {
    const from = await withKey()
    const to = await withKey()
    const flowId = await makeFlow(person.client, leads(from.id), toLeads(to.id))
    sandbox.control.moveKey(to.key.id, organization(1))
    const before = [counted(0), counted(1)]
    expect(await runFlow(person.client, flowId)).toMatchObject({
      status: 'failed',
      recordsWritten: 0,
      error: { code: 'identity_changed' },
    })
    expect([counted(0), counted(1)]).toEqual(before)
    expect(await reasonOf(to.id)).toBe('identity_changed')
    expect(await reasonOf(from.id)).toBeUndefined()
  })

  it('shows no sample and no preview', async () => {
    const from = await withKey()
    const to = await withKey()
    sandbox.control.moveKey(to.key.id, organization(1))
    const preview = { source: leads(from.id), destination: toLeads(to.id) }
    expect(await problem(person.client.destinations.preview({ body: preview }))).toMatchObject({
      code: 'identity_changed',
      accounts: {
        pinned: { organizationId: organization(0), userId: users().first.id },
        answered: { organizationId: organization(1), userId: users().first.id },
      },
    })
    sandbox.control.moveKey(from.key.id, organization(1))
    sandbox.control.clearRequests()
    expect(await problem(person.client.sources.sample({ body: leads(from.id) }))).toMatchObject({
      code: 'identity_changed',
    })
    expect(used()).toEqual([])
    expect(await reasonOf(from.id)).toBe('identity_changed')
  })
})

describe('#59 a secret that is replaced during a run', () => {
  /** Runs a flow and does something once its first page of records was answered. */
  async function duringRun(flowId: string, work: () => Promise<unknown>) {
    const seen = Promise.withResolvers<void>()
    // The counts and the cuts of a run are searches as well.
    sandbox.control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 1,
      do: () => {
        sandbox.control.setLatency(1000)
        seen.resolve()
      },
    })
    const run = await person.client.flows.run({ params: { id: flowId } })
    await seen.promise
    await work()
    sandbox.control.clearRequests()
    sandbox.control.setLatency(0)
    return endOf(person.client, run.id)
  }

  it('by a key of another organization that nobody confirmed: nothing is read with it', async () => {
    const { id } = await withKey()
    const other = newKey(users().first.id, 1)
    const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () => putKeyInDatabase(id, other.key))
    expect(run).toMatchObject({ status: 'failed', error: { code: 'identity_changed' } })
    expect(used().filter(({ apiKeyId }) => apiKeyId === other.id)).toEqual([])
    expect(await reasonOf(id)).toBe('identity_changed')
  })

  it('and confirmed to be of another account: the run ends, and the next reads the new one', async () => {
    const { id, params } = await withKey()
    const other = newKey(users().first.id, 1)
    const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () =>
      api().secrets({ params, body: { values: { apiKey: other.key }, confirmIdentityChange: true } }),
    )
    expect(run).toMatchObject({ status: 'failed', error: { code: 'run_account_changed' } })
    expect(used().filter(({ apiKeyId }) => apiKeyId === other.id)).toEqual([])
    expect(await api().get({ params })).toMatchObject({ status: 'verified', reason: null })
    const next = await runFlow(person.client, flowId)
    expect(next).toMatchObject({ status: 'succeeded', recordsRead: counted(1) })
  })

  it('in a run that writes: not one record goes to another account', async () => {
    const from = await withKey()
    const to = await withKey()
    const other = newKey(users().first.id, 1)
    const flowId = await makeFlow(person.client, leads(from.id), toLeads(to.id))
    const before = counted(1)
    const run = await duringRun(flowId, () =>
      api().secrets({
        params: to.params,
        body: { values: { apiKey: other.key }, confirmIdentityChange: true },
      }),
    )
    expect(run).toMatchObject({ status: 'failed', error: { code: 'run_account_changed' } })
    expect(counted(1)).toBe(before)
    expect(await reasonOf(to.id)).toBeUndefined()
  })

  it('by one of the same account is asked once and used', async () => {
    const { id, params } = await withKey()
    const next = newKey()
    const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () =>
      api().secrets({ params, body: { values: { apiKey: next.key } } }),
    )
    expect(run).toMatchObject({ status: 'succeeded' })
    const byNext = sandbox.control.requests().filter(({ apiKeyId }) => apiKeyId === next.id)
    expect(byNext.map(({ path }) => path).filter((path) => path.endsWith('/me/'))).toHaveLength(1)
    expect(byNext[0]?.path).toMatch(/\/me\/$/)
  })
})

describe('#59 a sign-in', () => {
  it('asks with every new token whom it acts for, before anything else is sent with it', async () => {
    const { id } = await signedIn(unique('Refreshed'))
    const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
    sandbox.control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => sandbox.control.expireAccessTokens(),
    })
    sandbox.control.clearRequests()
    expect(await runFlow(person.client, flowId)).toMatchObject({ status: 'succeeded' })
    const requests = sandbox.control.requests().filter(({ status }) => status === 200)
    const refreshed = requests.findIndex(({ path }) => path === '/oauth2/token/')
    expect(refreshed).toBeGreaterThan(1)
    for (const first of [requests[0], requests[refreshed + 1]]) expect(first?.path).toMatch(/\/me\/$/)
    expect(requests.filter(({ path }) => path.endsWith('/me/'))).toHaveLength(2)
  })

  it('whose user was moved to another organization reads nothing with its next token', async () => {
    const mover = sandbox.users.find(({ firstName }) => firstName === 'Tobin') ?? users().second
    const { id } = await signedIn(unique('Moved'), mover.id)
    const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
    sandbox.control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => {
        sandbox.control.moveUser(mover.id, organization(1))
        sandbox.control.expireAccessTokens()
        sandbox.control.clearRequests()
      },
    })
    const run = await runFlow(person.client, flowId)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'identity_changed' } })
    const inOther = used().filter((each) => each.organizationId === organization(1) && each.status === 200)
    expect(inOther.filter(({ path }) => path.startsWith('/api/'))).toEqual([])
    sandbox.control.moveUser(mover.id, organization(0))
  })

  it('by another user of the organization is refused, naming both, unless confirmed', async () => {
    const { id } = await signedIn(unique('Again'))
    const { first, second } = users()
    expect(await authorize(id, second.id)).toContain('result=identity_changed')
    const { reason, identity } = await api().get({ params: { id } })
    expect(identity?.userId).toBe(first.id)
    expect(reason?.message).toContain(first.email)
    expect(reason?.message).toContain(second.email)
    expect(await authorize(id, second.id, true)).toContain('result=ok')
    expect((await identityOf(id))?.userId).toBe(second.id)
  })
})

describe('#59 another user of the same organization', () => {
  it('is confirmed by a person who has seen both, when a key is replaced', async () => {
    const { params } = await withKey()
    const { first, second } = users()
    const values = { apiKey: newKey(second.id).key }
    const refused = await problem(api().secrets({ params, body: { values } }))
    expect(refused).toMatchObject({
      status: 409,
      code: 'identity_changed',
      accounts: { pinned: { userId: first.id }, answered: { userId: second.id } },
    })
    for (const text of [first.email, second.email, sandbox.organizations[0]?.name]) {
      expect(refused.detail).toContain(text)
    }
    const confirmed = await api().secrets({ params, body: { values, confirmIdentityChange: true } })
    expect(confirmed).toMatchObject({ status: 'verified', identity: { userId: second.id } })
  })

  it('is noticed by a check, which moves nothing', async () => {
    const { id, params } = await withKey()
    await putKeyInDatabase(id, newKey(users().second.id).key)
    const checked = await api().check({ params })
    expect(checked).toMatchObject({
      status: 'failed',
      reason: { code: 'identity_changed' },
      identity: { userId: users().first.id },
    })
  })

  it('is asked for by a switch of the method, and by a move to another credential', async () => {
    const { id, params } = await withKey()
    const draft = await signedIn(unique('Switched'), users().second.id)
    await person.client.sources.create({ body: { name: unique('Leads'), ...leads(id) } })
    const move = { params, body: { to: draft.id } }
    expect(await problem(person.client.deletedCredentials.moveUsage(move))).toMatchObject({
      code: 'identity_changed',
    })
    const values = { apiKey: newKey(users().first.id).key }
    const switched = { params: draft.params, body: { method: 'api_key', values } }
    expect(await problem(api().method(switched))).toMatchObject({ code: 'identity_changed' })
    const confirmed = { ...switched, body: { ...switched.body, confirmIdentityChange: true } }
    expect(await api().method(confirmed)).toMatchObject({ identity: { userId: users().first.id } })
  })

  it('is refused by undo and by a restore', async () => {
    const { id, params } = await withKey()
    await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    const { tables } = server.app.stores.database
    const { identity } = await tables
      .selectFrom('previousSecrets')
      .select('identity')
      .where('credentialId', '=', id)
      .executeTakeFirstOrThrow()
    // As if the earlier key had been another user's.
    const other = JSON.stringify({ ...JSON.parse(identity ?? '{}'), userId: users().second.id })
    await tables
      .updateTable('previousSecrets')
      .set({ identity: other })
      .where('credentialId', '=', id)
      .execute()
    expect(await problem(api().undo({ params }))).toMatchObject({ code: 'identity_changed' })
    await putKeyInDatabase(id, newKey(users().second.id).key)
    await api().delete({ params })
    expect(await person.client.deletedCredentials.restore({ params })).toMatchObject({
      status: 'failed',
      reason: { code: 'identity_changed' },
    })
  })
})

describe('#59 an account whose user was never stored', () => {
  async function forgetUser(id: string) {
    const { stores } = server.app
    const { identity } = (await stores.credentials.find(id)) ?? {}
    if (identity == null) throw new Error('the credential has no account')
    await stores.credentials.update(id, { identity: { ...identity, userId: '' } })
  }

  it('is learned at the next good check, and at the next use', async () => {
    const checked = await withKey()
    await forgetUser(checked.id)
    expect(await api().check({ params: checked.params })).toMatchObject({
      status: 'verified',
      identity: { userId: users().first.id },
    })
    const usedKey = await withKey()
    await forgetUser(usedKey.id)
    await person.client.sources.sample({ body: leads(usedKey.id) })
    expect((await identityOf(usedKey.id))?.userId).toBe(users().first.id)
  })

  it('is pinned by its first use, where it was saved unchecked', async () => {
    sandbox.control.addFault({ target: 'api', kind: 'drop', times: 10 })
    const { id, key } = await withKey()
    sandbox.control.clearFaults()
    expect(await identityOf(id)).toBeNull()
    await person.client.sources.sample({ body: leads(id) })
    expect(await identityOf(id)).toMatchObject({
      organizationId: organization(0),
      userId: users().first.id,
    })
    sandbox.control.moveKey(key.id, organization(1))
    expect(await problem(person.client.sources.sample({ body: leads(id) }))).toMatchObject({
      code: 'identity_changed',
    })
  })
})

it('#59 the pin costs one question for each use, not for each page', async () => {
  const { id } = await withKey()
  const flowId = await makeFlow(person.client, leads(id), toFile(`${id}.jsonl`))
  sandbox.control.clearRequests()
  expect(await runFlow(person.client, flowId)).toMatchObject({ status: 'succeeded', recordsRead: counted(0) })
  const asked = sandbox.control.requests().filter(({ path }) => path.endsWith('/me/'))
  expect(asked).toHaveLength(1)
  expect(used().length).toBeGreaterThan(4)
  const file = await person.fetch(`${server.url}/api/files/${id}.jsonl`)
  expect(parseLines(file.body)).toHaveLength(counted(0))
})
