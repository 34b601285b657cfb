import { describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { endOf, makeFlow, parseLines, runFlow } from '../flows/moving.ts'
import { accountGround } from './account-ground.ts'

/* A credential acts for one organization and one of its users, at a check and in use alike. */

const ground = accountGround()

describe('#59 a key that answers for another account', () => {
  it.each([
    [
      'organization',
      (key: ReturnType<typeof ground.newKey>) =>
        ground.sandbox().control.moveKey(key.id, ground.organization(1)),
    ],
    ['user', null],
  ])(
    'of another %s reads nothing: the run ends, the credential fails, its owner is told',
    async (_, move) => {
      const { id, key, params } = await ground.withKey()
      const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
      if (move === null) await ground.putKeyInDatabase(id, ground.newKey(ground.users().second.id).key)
      else move(key)
      ground.sandbox().control.clearRequests()
      const run = await runFlow(ground.person().client, flowId)
      expect(run).toMatchObject({
        status: 'failed',
        recordsRead: 0,
        recordsWritten: 0,
        error: { code: 'identity_changed' },
      })
      // Who may see the run may not be allowed to see the credential: that alone names the accounts.
      const { organizations, users } = ground.sandbox()
      const names = [...organizations.map(({ name }) => name), ...users.map(({ lastName }) => lastName)]
      const named = (text: string | undefined) => names.filter((name) => text?.includes(name))
      expect(named(run.error?.message)).toEqual([])
      const again = await runFlow(ground.person().client, flowId).catch((error: unknown) => error)
      expect(named(JSON.stringify(again instanceof Error ? again.message : again))).toEqual([])
      const credential = await ground.api().get({ params })
      expect(named(credential.reason?.message).length).toBeGreaterThan(0)
      expect(ground.used()).toEqual([])
      expect(await ground.api().get({ params })).toMatchObject({
        status: 'failed',
        reason: { code: 'identity_changed' },
      })
      await ground.server().app.tick(new AbortController().signal)
      const { items } = await ground.person().client.alerts.list({ query: { limit: 200 } })
      expect(items.filter(({ credentialId }) => credentialId === id)).toMatchObject([{ kind: 'failed' }])
    },
  )

  it('writes nothing', async () => {
    const from = await ground.withKey()
    const to = await ground.withKey()
    const flowId = await makeFlow(ground.person().client, ground.leads(from.id), ground.toLeads(to.id))
    ground.sandbox().control.moveKey(to.key.id, ground.organization(1))
    const before = [ground.counted(0), ground.counted(1)]
    expect(await runFlow(ground.person().client, flowId)).toMatchObject({
      status: 'failed',
      recordsWritten: 0,
      error: { code: 'identity_changed' },
    })
    expect([ground.counted(0), ground.counted(1)]).toEqual(before)
    expect(await ground.reasonOf(to.id)).toBe('identity_changed')
    expect(await ground.reasonOf(from.id)).toBeUndefined()
  })

  it('shows no sample and no preview', async () => {
    const from = await ground.withKey()
    const to = await ground.withKey()
    ground.sandbox().control.moveKey(to.key.id, ground.organization(1))
    const preview = { source: ground.leads(from.id), destination: ground.toLeads(to.id) }
    expect(await problem(ground.person().client.destinations.preview({ body: preview }))).toMatchObject({
      code: 'identity_changed',
      accounts: {
        pinned: { organizationId: ground.organization(0), userId: ground.users().first.id },
        answered: { organizationId: ground.organization(1), userId: ground.users().first.id },
      },
    })
    ground.sandbox().control.moveKey(from.key.id, ground.organization(1))
    ground.sandbox().control.clearRequests()
    expect(
      await problem(ground.person().client.sources.sample({ body: ground.leads(from.id) })),
    ).toMatchObject({
      code: 'identity_changed',
    })
    expect(ground.used()).toEqual([])
    expect(await ground.reasonOf(from.id)).toBe('identity_changed')
  })
})

describe('#59 a secret that is replaced during a run', () => {
  /** Runs a flow and does something once its first page of records was answered. */
  async function duringRun(flowId: string, work: () => Promise<unknown>) {
    const seen = Promise.withResolvers<void>()
    // The counts and the cuts of a run are searches as well.
    ground.sandbox().control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 1,
      do: () => {
        ground.sandbox().control.setLatency(1000)
        seen.resolve()
      },
    })
    const run = await ground.person().client.flows.run({ params: { id: flowId } })
    await seen.promise
    await work()
    ground.sandbox().control.clearRequests()
    ground.sandbox().control.setLatency(0)
    return endOf(ground.person().client, run.id)
  }

  it('by a key of another organization that nobody confirmed: nothing is read with it', async () => {
    const { id } = await ground.withKey()
    const other = ground.newKey(ground.users().first.id, 1)
    const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () => ground.putKeyInDatabase(id, other.key))
    expect(run).toMatchObject({ status: 'failed', error: { code: 'identity_changed' } })
    expect(ground.used().filter(({ apiKeyId }) => apiKeyId === other.id)).toEqual([])
    expect(await ground.reasonOf(id)).toBe('identity_changed')
  })

  it('and confirmed to be of another account: the run ends, and the next reads the new one', async () => {
    const { id, params } = await ground.withKey()
    const other = ground.newKey(ground.users().first.id, 1)
    const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () =>
      ground.api().secrets({ params, body: { values: { apiKey: other.key }, confirmIdentityChange: true } }),
    )
    expect(run).toMatchObject({ status: 'failed', error: { code: 'run_account_changed' } })
    expect(ground.used().filter(({ apiKeyId }) => apiKeyId === other.id)).toEqual([])
    expect(await ground.api().get({ params })).toMatchObject({ status: 'verified', reason: null })
    const next = await runFlow(ground.person().client, flowId)
    expect(next).toMatchObject({ status: 'succeeded', recordsRead: ground.counted(1) })
  })

  it('in a run that writes: not one record goes to another account', async () => {
    const from = await ground.withKey()
    const to = await ground.withKey()
    const other = ground.newKey(ground.users().first.id, 1)
    const flowId = await makeFlow(ground.person().client, ground.leads(from.id), ground.toLeads(to.id))
    const before = ground.counted(1)
    const run = await duringRun(flowId, () =>
      ground.api().secrets({
        params: to.params,
        body: { values: { apiKey: other.key }, confirmIdentityChange: true },
      }),
    )
    expect(run).toMatchObject({ status: 'failed', error: { code: 'run_account_changed' } })
    expect(ground.counted(1)).toBe(before)
    expect(await ground.reasonOf(to.id)).toBeUndefined()
  })

  it('by one of the same account is asked once and used', async () => {
    const { id, params } = await ground.withKey()
    const next = ground.newKey()
    const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
    const run = await duringRun(flowId, () =>
      ground.api().secrets({ params, body: { values: { apiKey: next.key } } }),
    )
    expect(run).toMatchObject({ status: 'succeeded' })
    const byNext = ground
      .sandbox()
      .control.requests()
      .filter(({ apiKeyId }) => apiKeyId === next.id)
    expect(byNext.map(({ path }) => path).filter((path) => path.endsWith('/me/'))).toHaveLength(1)
    expect(byNext[0]?.path).toMatch(/\/me\/$/)
  })
})

describe('#59 a sign-in', () => {
  it('asks with every new token whom it acts for, before anything else is sent with it', async () => {
    const { id } = await ground.signedIn(ground.unique('Refreshed'))
    const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
    ground.sandbox().control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => ground.sandbox().control.expireAccessTokens(),
    })
    ground.sandbox().control.clearRequests()
    expect(await runFlow(ground.person().client, flowId)).toMatchObject({ status: 'succeeded' })
    const requests = ground
      .sandbox()
      .control.requests()
      .filter(({ status }) => status === 200)
    const refreshed = requests.findIndex(({ path }) => path === '/oauth2/token/')
    expect(refreshed).toBeGreaterThan(1)
    for (const first of [requests[0], requests[refreshed + 1]]) expect(first?.path).toMatch(/\/me\/$/)
    expect(requests.filter(({ path }) => path.endsWith('/me/'))).toHaveLength(2)
  })

  it('whose user was moved to another organization reads nothing with its next token', async () => {
    const mover =
      ground.sandbox().users.find(({ firstName }) => firstName === 'Tobin') ?? ground.users().second
    const { id } = await ground.signedIn(ground.unique('Moved'), mover.id)
    const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
    ground.sandbox().control.onListPage({
      method: 'POST',
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => {
        ground.sandbox().control.moveUser(mover.id, ground.organization(1))
        ground.sandbox().control.expireAccessTokens()
        ground.sandbox().control.clearRequests()
      },
    })
    const run = await runFlow(ground.person().client, flowId)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'identity_changed' } })
    const inOther = ground
      .used()
      .filter((each) => each.organizationId === ground.organization(1) && each.status === 200)
    expect(inOther.filter(({ path }) => path.startsWith('/api/'))).toEqual([])
    ground.sandbox().control.moveUser(mover.id, ground.organization(0))
  })

  it('by another user of the organization is refused, naming both, unless confirmed', async () => {
    const { id } = await ground.signedIn(ground.unique('Again'))
    const { first, second } = ground.users()
    expect(await ground.authorize(id, second.id)).toContain('result=identity_changed')
    const { reason, identity } = await ground.api().get({ params: { id } })
    expect(identity?.userId).toBe(first.id)
    expect(reason?.message).toContain(first.email)
    expect(reason?.message).toContain(second.email)
    expect(await ground.authorize(id, second.id, true)).toContain('result=ok')
    expect((await ground.identityOf(id))?.userId).toBe(second.id)
  })
})

it('#59 the pin costs one question for each use, not for each page', async () => {
  const { id } = await ground.withKey()
  const flowId = await makeFlow(ground.person().client, ground.leads(id), ground.toFile(`${id}.jsonl`))
  ground.sandbox().control.clearRequests()
  expect(await runFlow(ground.person().client, flowId)).toMatchObject({
    status: 'succeeded',
    recordsRead: ground.counted(0),
  })
  const asked = ground
    .sandbox()
    .control.requests()
    .filter(({ path }) => path.endsWith('/me/'))
  expect(asked).toHaveLength(1)
  expect(ground.used().length).toBeGreaterThan(4)
  const file = await ground.person().fetch(`${ground.server().url}/api/files/${id}.jsonl`)
  expect(parseLines(file.body)).toHaveLength(ground.counted(0))
})
