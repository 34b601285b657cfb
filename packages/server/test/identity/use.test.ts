import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { closeCredential, endOf, makeFlow, runFlow } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { join } from './joining.ts'

interface Person {
  readonly id: string
  readonly client: Client
}

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('rights are asked for at use, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let boss: Browser
  let lender: Person
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server, person: boss } = made)
    lender = await join(server, boss, 'Hazel')
    return made.stop
  })

  let count = 0
  /** A flow of a new member: its source, and the credential behind that, are Hazel's and lent with the role. */
  async function lent() {
    count += 1
    const borrower = await join(server, boss, `Linden${count}`)
    const credentialId = await closeCredential(lender.client, sandbox, `Lent ${count}`)
    const source = await lender.client.sources.create({
      body: { name: `Lent leads ${count}`, connector: 'close', credentialId, config: { object: 'leads' } },
    })
    const things = { credential: credentialId, source: source.id }
    const body = { subject: { kind: 'member', id: borrower.id }, role: 'collaborator' } as const
    await lender.client.credentialAccess.set({ params: { id: credentialId }, body })
    await lender.client.sourceAccess.set({ params: { id: source.id }, body })
    const destination = await borrower.client.destinations.create({
      body: {
        name: `Own file ${count}`,
        connector: 'files',
        credentialId: null,
        config: { file: `lent-${count}.jsonl`, format: 'jsonl' },
      },
    })
    const flow = await borrower.client.flows.create({
      body: {
        name: `Borrowed ${count}`,
        sourceId: source.id,
        destinationId: destination.id,
        schedule: { kind: 'every', minutes: 5 },
      },
    })
    const withdraw = (kind: 'credential' | 'source') =>
      lender.client[`${kind}Access`].set({
        params: { id: things[kind] },
        body: { ...body, role: null },
      })
    const restore = (kind: 'credential' | 'source') =>
      lender.client[`${kind}Access`].set({ params: { id: things[kind] }, body })
    return { borrower, things, flow, withdraw, restore }
  }

  const getFlow = (client: Client, id: string) => client.flows.get({ params: { id } })
  /** As if the schedule had come to it: the run that is made ends. */
  async function due(flowId: string) {
    await server.app.stores.flows.update(flowId, { nextRunAt: Date.now() - 1 })
    await server.app.tick(new AbortController().signal)
    const [run] = (await boss.client.runs.list({ query: { flowId } })).items
    if (run === undefined) throw new Error('no run was made')
    return endOf(boss.client, run.id)
  }
  const alertsOf = async ({ client }: { client: Client }) => (await client.alerts.list()).items

  it.each(['credential', 'source'] as const)(
    '#52 a schedule whose %s is taken away ends, pauses and tells both owners once',
    async (kind) => {
      const { borrower, flow, withdraw, restore } = await lent()
      expect(await due(flow.id)).toMatchObject({ status: 'succeeded' })
      const before = (await alertsOf(lender)).length
      await withdraw(kind)
      const run = await due(flow.id)
      expect(run).toMatchObject({ status: 'failed', error: { code: 'access_withdrawn' }, recordsRead: 0 })
      expect(run.error?.message).toContain('Ask Hazel or an administrator')
      expect(run.error?.message).not.toContain('Lent')
      const paused = await getFlow(borrower.client, flow.id)
      expect(paused).toMatchObject({ nextRunAt: null, paused: { code: 'access_withdrawn' } })
      if (kind === 'source') expect(paused.source).toEqual({ id: null, name: null, connector: 'close' })

      // It is not due any more, and nobody is told twice.
      await server.app.tick(new AbortController().signal)
      expect((await boss.client.runs.list({ query: { flowId: flow.id } })).total).toBe(2)
      expect((await problem(borrower.client.flows.run({ params: { id: flow.id } }))).code).toBe(
        'access_withdrawn',
      )
      const resume = () => borrower.client.flows.update({ params: { id: flow.id }, body: { paused: false } })
      expect(await problem(resume())).toMatchObject({ status: 409, code: 'access_withdrawn' })
      expect(await alertsOf(borrower)).toMatchObject([{ kind: 'flow_paused', flowId: flow.id }])
      const [reported] = await alertsOf(lender)
      expect((await alertsOf(lender)).length).toBe(before + 1)
      expect(reported).toMatchObject({ kind: 'flow_paused', flowId: null })
      expect(reported?.message).toContain(`the ${kind} “Lent`)
      expect(JSON.stringify(reported)).not.toContain('Borrowed')
      const [entry] = (await boss.client.audit.list({ query: { action: 'flow.pause', objectId: flow.id } }))
        .items
      expect(entry).toMatchObject({ actor: { kind: 'system' }, after: { paused: 'access_withdrawn' } })

      await restore(kind)
      expect(await resume()).toMatchObject({ paused: null, nextRunAt: expect.any(String) })
      expect(await due(flow.id)).toMatchObject({ status: 'succeeded' })
    },
  )

  it('#52 everyone’s right, a demoted administrator’s, and one of a flow that is handed on, count as they are now', async () => {
    const { things, flow, withdraw } = await lent()
    const everyone = (role: 'collaborator' | null) =>
      lender.client.credentialAccess.set({
        params: { id: things.credential },
        body: { subject: { kind: 'everyone' }, role },
      })
    await everyone('collaborator')
    await withdraw('credential')
    expect(await due(flow.id)).toMatchObject({ status: 'succeeded' })
    await everyone(null)
    expect(await due(flow.id)).toMatchObject({ error: { code: 'access_withdrawn' } })

    // An administrator may all; nobody else who owns the flow may.
    const helper = await join(server, boss, 'Helper')
    await boss.client.members.update({ params: { id: helper.id }, body: { role: 'admin' } })
    await boss.client.flowAccess.transfer({ params: { id: flow.id }, body: { to: helper.id } })
    expect(await runFlow(helper.client, flow.id)).toMatchObject({ status: 'succeeded' })
    expect(await getFlow(helper.client, flow.id)).toMatchObject({ paused: null })
    await boss.client.members.update({ params: { id: helper.id }, body: { role: 'member' } })
    expect(await due(flow.id)).toMatchObject({ error: { code: 'access_withdrawn' } })
  })

  it('#52 a flow is made only of what one may use, down to the credentials', async () => {
    const { borrower, flow, things, withdraw } = await lent()
    await withdraw('credential')
    const { destination } = await getFlow(borrower.client, flow.id)
    const make = borrower.client.flows.create({
      body: { name: 'Through the back door', sourceId: things.source, destinationId: destination.id ?? '' },
    })
    expect(await problem(make)).toMatchObject({ status: 403, code: 'forbidden' })
    const source = await borrower.client.sources.get({ params: { id: things.source } })
    expect(source).toMatchObject({ credentialId: null, credentialName: null, credentialHidden: true })
    expect(JSON.stringify(source)).not.toContain(things.credential)
  })

  it('names what uses a credential to those who may see it, and counts the rest', async () => {
    const { borrower, flow, things } = await lent()
    const params = { id: things.credential }
    const owner = await lender.client.credentials.usage({ params })
    expect(owner.items).toMatchObject([{ kind: 'source', id: things.source }])
    expect(owner.hidden).toMatchObject([{ kind: 'flow', owner: { id: borrower.id }, count: 1 }])
    const own = await borrower.client.flows.create({
      body: {
        name: 'Another of theirs',
        sourceId: things.source,
        destinationId: (await getFlow(borrower.client, flow.id)).destination.id ?? '',
      },
    })
    const onlooker = await join(server, boss, `Onlooker${count}`)
    const body = { memberId: onlooker.id, role: 'collaborator' } as const
    await lender.client.credentialAccess.set({ params, body })
    expect(await onlooker.client.credentials.usage({ params })).toEqual({
      items: [],
      hidden: [
        { kind: 'source', owner: null, count: 1, lastUsedAt: null },
        { kind: 'flow', owner: null, count: 2, lastUsedAt: null },
      ],
    })
    const refused = await problem(lender.client.credentials.delete({ params }))
    expect(refused).toMatchObject({ code: 'credential_in_use', hiddenBlockers: 2 })
    expect(refused.blockers).toMatchObject([{ kind: 'source', id: things.source }])
    const kept = await problem(lender.client.sources.delete({ params: { id: things.source } }))
    expect(kept).toMatchObject({ code: 'source_in_use', blockers: [], hiddenBlockers: 2 })
    await borrower.client.flows.delete({ params: { id: own.id } })
  })

  it('lets the owner of a credential delete it although it is used, and pauses what needs it', async () => {
    const { borrower, flow, things } = await lent()
    await due(flow.id)
    const params = { id: things.credential }
    await lender.client.credentials.delete({ params, query: { stopUsers: 'true' } })
    const stopped = await getFlow(borrower.client, flow.id)
    expect(stopped).toMatchObject({ nextRunAt: null, paused: { code: 'access_withdrawn' } })
    expect(stopped.paused?.message).toContain('deleted by Hazel')
    expect(await alertsOf(borrower)).toMatchObject([{ kind: 'flow_paused', flowId: flow.id }])
    expect(await lender.client.sources.get({ params: { id: things.source } })).toMatchObject({
      credentialId: null,
      credentialHidden: false,
    })
    expect((await problem(borrower.client.flows.run({ params: { id: flow.id } }))).code).toBe(
      'access_withdrawn',
    )

    await lender.client.deletedCredentials.restore({ params })
    expect(await runFlow(borrower.client, flow.id)).toMatchObject({ status: 'succeeded' })
    await lender.client.credentials.delete({ params, query: { stopUsers: 'true' } })
    expect(await server.app.stores.credentials.eraseDeleted(-60_000)).toBe(1)
    const source = await lender.client.sources.get({ params: { id: things.source } })
    expect(source).toMatchObject({ credentialId: null, credentialHidden: false })
  })

  it('shows alerts about a thing only to whoever still may see it', async () => {
    const { borrower, flow, withdraw } = await lent()
    await withdraw('source')
    await due(flow.id)
    expect(await alertsOf(borrower)).toHaveLength(1)
    await boss.client.flowAccess.transfer({ params: { id: flow.id }, body: { to: lender.id } })
    await lender.client.flowAccess.set({
      params: { id: flow.id },
      body: { subject: { kind: 'member', id: borrower.id }, role: null },
    })
    expect(await borrower.client.alerts.list()).toMatchObject({ items: [], unread: 0 })
  })

  it('#52 a run that is under way ends at its next page', async () => {
    const borrower = await join(server, boss, 'Middle')
    const credentialId = await closeCredential(lender.client, sandbox, 'In the middle')
    const body = { subject: { kind: 'member', id: borrower.id }, role: 'collaborator' } as const
    await lender.client.credentialAccess.set({ params: { id: credentialId }, body })
    const flowId = await makeFlow(
      borrower.client,
      { connector: 'close', credentialId, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: 'middle.jsonl', format: 'jsonl' } },
    )
    sandbox.control.addFault({ target: '/api/v1/data/search/', kind: 'hang', times: 5 })
    const run = await borrower.client.flows.run({ params: { id: flowId } })
    await expect
      .poll(async () => (await boss.client.runs.get({ params: { id: run.id } })).status)
      .toBe('running')
    await lender.client.credentialAccess.set({ params: { id: credentialId }, body: { ...body, role: null } })
    expect(await endOf(boss.client, run.id)).toMatchObject({
      status: 'failed',
      error: { code: 'access_withdrawn' },
      recordsWritten: 0,
    })
    sandbox.control.clearFaults()
  })
})
