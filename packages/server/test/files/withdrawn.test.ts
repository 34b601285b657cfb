import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { closeCredential, endOf, makeFlow, runFlow } from '../flows/moving.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'

interface Person {
  readonly id: string
  readonly browser: Browser
  readonly client: Client
}

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a file that a flow may not use any more, on %s', (_database, makePlace) => {
  let sandbox: Sandbox
  let running: Running
  let boss: Browser
  let ann: Person
  let bob: Person
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server: running, person: boss } = made)
    ann = await join(running, boss, 'Ann')
    bob = await join(running, boss, 'Bob')
    return made.stop
  })
  afterEach(() => sandbox.control.clearFaults())

  const file = (named: string, format: 'csv' | 'jsonl' = 'csv') => ({
    connector: 'files',
    credentialId: null,
    config: { file: named, format },
  })
  let count = 0
  async function put({ browser }: Person, given?: string) {
    count += 1
    const name = given ?? `lent-${count}.csv`
    const answer = await browser.fetch(`${running.url}/api/files/${name}`, {
      method: 'PUT',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv' },
      body: 'name\nOne\n',
    })
    expect(answer.status).toBe(201)
    return { id: String(JSON.parse(answer.body).id), name }
  }
  const share = (owner: Person | Browser, id: string, role: 'collaborator' | 'admin' | null) =>
    owner.client.fileAccess.set({ params: { id }, body: { memberId: bob.id, role } })
  /** A flow of Bob's by a file of somebody else, which is named by its id. */
  async function lent(owner: Person, part: 'source' | 'destination') {
    const { id, name } = await put(owner)
    await share(owner, id, part === 'source' ? 'collaborator' : 'admin')
    const own = await put(bob)
    const flowId =
      part === 'source'
        ? await makeFlow(bob.client, file(id), file(`${id}.jsonl`, 'jsonl'))
        : await makeFlow(bob.client, file(own.name), file(id))
    await bob.client.flows.update({ params: { id: flowId }, body: { scheduleMinutes: 60 } })
    expect(await runFlow(bob.client, flowId)).toMatchObject({ status: 'succeeded' })
    return { id, name, flowId }
  }
  const flowOf = (id: string) => bob.client.flows.get({ params: { id } })
  async function due(flowId: string) {
    await running.app.stores.flows.update(flowId, { nextRunAt: 0 })
    await running.app.tick(new AbortController().signal)
    const [run] = (await boss.client.runs.list({ query: { flowId } })).items
    return endOf(boss.client, run?.id ?? '')
  }
  const lastAlert = async ({ client }: { readonly client: Client }) => (await client.alerts.list()).items[0]

  it.each([
    ['withdrawn', null],
    ['for reading only', 'collaborator'],
  ] as const)('#52 pauses the flow that writes it when it is %s, and tells both owners', async (_, role) => {
    const { id, name, flowId } = await lent(ann, 'destination')
    await share(ann, id, role)
    expect(await due(flowId)).toMatchObject({
      status: 'failed',
      error: { code: 'access_withdrawn', message: expect.stringContaining('behind the data destination') },
      recordsRead: 0,
    })
    expect(await flowOf(flowId)).toMatchObject({ nextRunAt: null, paused: { code: 'access_withdrawn' } })
    expect(await lastAlert(bob)).toMatchObject({ kind: 'flow_paused', flowId })
    expect(await lastAlert(ann)).toMatchObject({
      kind: 'flow_paused',
      flowId: null,
      message: expect.stringContaining(`the file “${name}”`),
    })
    const resume = () => bob.client.flows.update({ params: { id: flowId }, body: { paused: false } })
    expect(await problem(resume())).toMatchObject({ code: 'access_withdrawn' })
    await share(ann, id, 'admin')
    expect(await resume()).toMatchObject({ paused: null, nextRunAt: expect.any(String) })
    expect(await due(flowId)).toMatchObject({ status: 'succeeded' })
  })

  it('#52 ends the run that is writing it, and pauses its flow', async () => {
    const { id, name } = await put(ann)
    await share(ann, id, 'admin')
    const credentialId = await closeCredential(bob.client, sandbox, 'In the middle')
    const leads = { connector: 'close', credentialId, config: { object: 'leads' } }
    const flowId = await makeFlow(bob.client, leads, file(id))
    sandbox.control.addFault({ target: '/api/v1/data/search/', kind: 'hang', times: 5 })
    const run = await bob.client.flows.run({ params: { id: flowId } })
    const asked = () => sandbox.control.requests().some(({ path }) => path.endsWith('/data/search/'))
    await expect.poll(asked).toBe(true)
    await share(ann, id, null)
    expect(await endOf(boss.client, run.id)).toMatchObject({
      status: 'failed',
      error: { code: 'access_withdrawn' },
      recordsWritten: 0,
    })
    expect(await flowOf(flowId)).toMatchObject({ paused: { code: 'access_withdrawn' } })
    expect((await lastAlert(ann))?.message).toContain(`the file “${name}”`)
  })

  it.each(['source', 'destination'] as const)(
    '#52 pauses the flow that names it as its %s when it is deleted',
    async (part) => {
      const { id, flowId } = await lent(ann, part)
      await ann.client.files.delete({ params: { id } })
      const { paused, nextRunAt } = await flowOf(flowId)
      expect(nextRunAt).toBeNull()
      expect(paused?.message).toContain('A file that this flow needs was deleted by Ann.')
      expect(await lastAlert(bob)).toMatchObject({ kind: 'flow_paused', flowId })
      const [entry] = (await boss.client.audit.list({ query: { action: 'flow.pause', objectId: flowId } }))
        .items
      expect(entry).toMatchObject({ after: { paused: 'access_withdrawn' } })
    },
  )

  it('is one’s own, and may be deleted and uploaded anew under its name', async () => {
    const { id, name } = await put(bob)
    const flowId = await makeFlow(bob.client, file(name), file(`${id}.jsonl`, 'jsonl'))
    await bob.client.files.delete({ params: { id } })
    expect(await flowOf(flowId)).toMatchObject({ paused: null })
    await put(bob, name)
    expect(await runFlow(bob.client, flowId)).toMatchObject({ status: 'succeeded' })
  })

  it.each(['source', 'destination'] as const)(
    '#52 goes to the heir of its owner, who may withdraw it from the flow that has it as its %s',
    async (part) => {
      const cleo = await join(running, boss, `Cleo-${part}`)
      const { id, name, flowId } = await lent(cleo, part)
      await boss.client.members.remove({ params: { id: cleo.id }, query: {} })
      expect(await due(flowId)).toMatchObject({ status: 'succeeded' })
      await share(boss, id, null)
      expect(await due(flowId)).toMatchObject({ error: { code: 'access_withdrawn' } })
      expect(await flowOf(flowId)).toMatchObject({ paused: { code: 'access_withdrawn' } })
      // The heir of both the file and the flow is told of each, at the same moment.
      const { items } = await boss.client.alerts.list()
      expect(items.map(({ message }) => message)).toContainEqual(
        expect.stringContaining(`the file “${name}”`),
      )
    },
  )
})
