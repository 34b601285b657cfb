import { type Client, newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { insertFlow } from '../database/samples.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, makeFlow, runFlow } from './moving.ts'

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('the home, on %s,', (_database, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let person: Browser
  let client: Client
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server, person } = made)
    client = person.client
    return made.stop
  })

  it('says why a flow needs somebody, and names the credential only to who may see it', async () => {
    const credentialId = await closeCredential(client, sandbox, 'Sales')
    const source = { connector: 'close', credentialId, config: { object: 'users' } }
    const file = { connector: 'files', credentialId: null, config: { file: 'home.jsonl' } }
    const flowId = await makeFlow(client, source, file)
    await runFlow(client, flowId)
    const listed = async (by: Client, attention: 'needed' | 'none') =>
      (await by.flows.list({ query: { attention } })).items.filter(({ id }) => id === flowId)
    const [well] = await listed(client, 'none')
    expect(well).toMatchObject({ attention: null, freshAt: well?.lastRun?.startedAt })
    const [apiKey] = sandbox.apiKeys
    sandbox.control.setKeyEnabled(apiKey?.id ?? '', false)
    const failed = await runFlow(client, flowId)
    sandbox.control.setKeyEnabled(apiKey?.id ?? '', true)
    const [ill] = await listed(client, 'needed')
    expect(ill).toMatchObject({
      attention: {
        ...{ kind: 'failed', code: 'api_key_rejected', runId: failed.id, at: failed.finishedAt },
        ...{ message: failed.error?.message, inQuarantine: 0, retryAt: null },
        credential: { id: credentialId, name: 'Sales', connector: 'close', method: 'api_key' },
      },
      freshAt: well?.freshAt,
    })
    expect(ill?.recentRuns.map(({ status }) => status)).toEqual(['failed', 'succeeded'])
    expect(await listed(client, 'none')).toEqual([])
    const reader = await join(server, person, newId('user'))
    const body = { memberId: reader.id, role: 'collaborator' } as const
    await client.flowAccess.set({ params: { id: flowId }, body })
    const [seen] = await listed(reader.client, 'needed')
    expect(seen).toMatchObject({ attention: { kind: 'failed', credential: null } })
    const one = await reader.client.flows.get({ params: { id: flowId } })
    expect(one.attention).toEqual(seen?.attention)
  })

  it('lists 100 flows with long names as people count', async () => {
    const { stores } = server.app
    const ownerId = (await client.session.get()).user?.id ?? ''
    for (let n = 1; n <= 100; n++) {
      const name = `Many ${n} ${'n'.repeat(180)}`
      const { flow } = await insertFlow(stores, { ownerId, name, description: 'many' })
      for (const status of n % 25 === 0 ? (['failed', 'succeeded', 'failed'] as const) : []) {
        const { id } = await stores.runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
        const run = await stores.runs.start(id)
        if (run !== null) await stores.runs.finish(run, status, null, null)
        await expect.poll(() => Date.now()).toBeGreaterThan(run?.createdAt ?? 0)
      }
    }
    const { items, total } = await client.flows.list({ query: { query: 'many', limit: 200 } })
    expect(total).toBe(100)
    expect(items.map(({ name }) => Number(name.split(' ')[1]))).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    )
    const needed = await client.flows.list({ query: { query: 'many', attention: 'needed' } })
    expect(needed.items.map(({ recentRuns }) => recentRuns.length)).toEqual([3, 3, 3, 3])
  })
})
