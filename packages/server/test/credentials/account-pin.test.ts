import { describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { endOf, makeFlow, parseLines, runFlow } from '../flows/moving.ts'
import { accountGround } from './account-ground.ts'

/* A credential acts for one organization and one of its users, at a check and in use alike. */

const {
  sandbox,
  server,
  person,
  api,
  organization,
  users,
  newKey,
  unique,
  withKey,
  signedIn,
  authorize,
  leads,
  toFile,
  toLeads,
  counted,
  used,
  identityOf,
  reasonOf,
  putKeyInDatabase,
} = accountGround()

describe('#59 a key that answers for another account', () => {
  it.each([
    ['organization', (key: ReturnType<typeof newKey>) => sandbox().control.moveKey(key.id, organization(1))],
    ['user', null],
  ])(
    'of another %s reads nothing: the run ends, the credential fails, its owner is told',
    async (_, move) => {
      const { id, key, params } = await withKey()
      const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
      if (move === null) await putKeyInDatabase(id, newKey(users().second.id).key)
      else move(key)
      sandbox().control.clearRequests()
      const run = await runFlow(person().client, flowId)
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
      await server().app.tick(new AbortController().signal)
      const { items } = await person().client.alerts.list({ query: { limit: 200 } })
      expect(items.filter(({ credentialId }) => credentialId === id)).toMatchObject([{ kind: 'failed' }])
    },
  )

  it('writes nothing', async () => {
    const from = await withKey()
    const to = await withKey()
    const flowId = await makeFlow(person().client, leads(from.id), toLeads(to.id))
    sandbox().control.moveKey(to.key.id, organization(1))
    const before = [counted(0), counted(1)]
    expect(await runFlow(person().client, flowId)).toMatchObject({
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
    sandbox().control.moveKey(to.key.id, organization(1))
    const preview = { source: leads(from.id), destination: toLeads(to.id) }
    expect(await problem(person().client.destinations.preview({ body: preview }))).toMatchObject({
      code: 'identity_changed',
      accounts: {
        pinned: { organizationId: organization(0), userId: users().first.id },
        answered: { organizationId: organization(1), userId: users().first.id },
      },
    })
    sandbox().control.moveKey(from.key.id, organization(1))
    sandbox().control.clearRequests()
    expect(await problem(person().client.sources.sample({ body: leads(from.id) }))).toMatchObject({
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
    sandbox().control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 1,
      do: () => {
        sandbox().control.setLatency(1000)
        seen.resolve()
      },
    })
    const run = await person().client.flows.run({ params: { id: flowId } })
    await seen.promise
    await work()
    sandbox().control.clearRequests()
    sandbox().control.setLatency(0)
    return endOf(person().client, run.id)
  }

  it('by a key of another organization that nobody confirmed: nothing is read with it', async () => {
    const { id } = await withKey()
    const other = newKey(users().first.id, 1)
    const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () => putKeyInDatabase(id, other.key))
    expect(run).toMatchObject({ status: 'failed', error: { code: 'identity_changed' } })
    expect(used().filter(({ apiKeyId }) => apiKeyId === other.id)).toEqual([])
    expect(await reasonOf(id)).toBe('identity_changed')
  })

  it('and confirmed to be of another account: the run ends, and the next reads the new one', async () => {
    const { id, params } = await withKey()
    const other = newKey(users().first.id, 1)
    const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () =>
      api().secrets({ params, body: { values: { apiKey: other.key }, confirmIdentityChange: true } }),
    )
    expect(run).toMatchObject({ status: 'failed', error: { code: 'run_account_changed' } })
    expect(used().filter(({ apiKeyId }) => apiKeyId === other.id)).toEqual([])
    expect(await api().get({ params })).toMatchObject({ status: 'verified', reason: null })
    const next = await runFlow(person().client, flowId)
    expect(next).toMatchObject({ status: 'succeeded', recordsRead: counted(1) })
  })

  it('in a run that writes: not one record goes to another account', async () => {
    const from = await withKey()
    const to = await withKey()
    const other = newKey(users().first.id, 1)
    const flowId = await makeFlow(person().client, leads(from.id), toLeads(to.id))
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
    const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () =>
      api().secrets({ params, body: { values: { apiKey: next.key } } }),
    )
    expect(run).toMatchObject({ status: 'succeeded' })
    const byNext = sandbox()
      .control.requests()
      .filter(({ apiKeyId }) => apiKeyId === next.id)
    expect(byNext.map(({ path }) => path).filter((path) => path.endsWith('/me/'))).toHaveLength(1)
    expect(byNext[0]?.path).toMatch(/\/me\/$/)
  })
})

describe('#59 a sign-in', () => {
  it('asks with every new token whom it acts for, before anything else is sent with it', async () => {
    const { id } = await signedIn(unique('Refreshed'))
    const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
    sandbox().control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => sandbox().control.expireAccessTokens(),
    })
    sandbox().control.clearRequests()
    expect(await runFlow(person().client, flowId)).toMatchObject({ status: 'succeeded' })
    const requests = sandbox()
      .control.requests()
      .filter(({ status }) => status === 200)
    const refreshed = requests.findIndex(({ path }) => path === '/oauth2/token/')
    expect(refreshed).toBeGreaterThan(1)
    for (const first of [requests[0], requests[refreshed + 1]]) expect(first?.path).toMatch(/\/me\/$/)
    expect(requests.filter(({ path }) => path.endsWith('/me/'))).toHaveLength(2)
  })

  it('whose user was moved to another organization reads nothing with its next token', async () => {
    const mover = sandbox().users.find(({ firstName }) => firstName === 'Tobin') ?? users().second
    const { id } = await signedIn(unique('Moved'), mover.id)
    const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
    sandbox().control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => {
        sandbox().control.moveUser(mover.id, organization(1))
        sandbox().control.expireAccessTokens()
        sandbox().control.clearRequests()
      },
    })
    const run = await runFlow(person().client, flowId)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'identity_changed' } })
    const inOther = used().filter((each) => each.organizationId === organization(1) && each.status === 200)
    expect(inOther.filter(({ path }) => path.startsWith('/api/'))).toEqual([])
    sandbox().control.moveUser(mover.id, organization(0))
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

it('#59 the pin costs one question for each use, not for each page', async () => {
  const { id } = await withKey()
  const flowId = await makeFlow(person().client, leads(id), toFile(`${id}.jsonl`))
  sandbox().control.clearRequests()
  expect(await runFlow(person().client, flowId)).toMatchObject({
    status: 'succeeded',
    recordsRead: counted(0),
  })
  const asked = sandbox()
    .control.requests()
    .filter(({ path }) => path.endsWith('/me/'))
  expect(asked).toHaveLength(1)
  expect(used().length).toBeGreaterThan(4)
  const file = await person().fetch(`${server().url}/api/files/${id}.jsonl`)
  expect(parseLines(file.body)).toHaveLength(counted(0))
})
