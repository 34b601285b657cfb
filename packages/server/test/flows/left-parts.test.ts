import { readdir } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import type { Browser } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { takeUp } from '../database/samples.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow } from './moving.ts'

/** A server is stopped and started on the way, which takes its time on a busy machine. */
const timeout = 240_000
const timeouts = { timeout: 100_000, interval: 100 }

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a run that ends when it is taken up, on %s', (_database, makePlace) => {
  let sandbox: Sandbox
  let running: Running
  let boss: Browser
  let bob: { readonly id: string; readonly client: Client }
  let credentialId: string
  beforeAll(async () => {
    // Close hangs when the server stops, so no run would end within any time.
    const made = await startWithClose({ leads: 1000, makePlace, jobGraceMs: 100 })
    ;({ sandbox, server: running, person: boss } = made)
    bob = await join(running, boss, 'Bob')
    credentialId = await closeCredential(boss.client, sandbox)
    const lend = { memberId: bob.id, role: 'collaborator' as const }
    await boss.client.credentialAccess.set({ params: { id: credentialId }, body: lend })
    return made.stop
  })
  afterEach(() => sandbox.control.clearFaults())

  const parts = async () => {
    const names = await readdir(joinPath(running.dataDir, 'files'), { recursive: true })
    return names.filter((name) => name.endsWith('.part'))
  }
  const ended = (id: string) => endOf(bob.client, id, timeouts.timeout)
  const makeBobs = (file: string) =>
    makeFlow(
      bob.client,
      { connector: 'close', credentialId, config: { object: 'leads', fields: 'id,name' } },
      { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } },
    )

  /** A run of Bob's that has written something when its server stops; what is done to the database until that starts again. */
  async function interrupted(
    flowId: string,
    meanwhile: (stores: OpenStores, runId: string) => Promise<unknown>,
  ) {
    sandbox.control.setLatency(300)
    const { id } = await bob.client.flows.run({ params: { id: flowId } })
    const written = async () => (await bob.client.runs.get({ params: { id } })).recordsWritten
    await expect.poll(written, timeouts).toBeGreaterThan(0)
    sandbox.control.addFault({ target: 'api', kind: 'hang', times: 1_000_000 })
    await running.app.close()
    sandbox.control.clearFaults()
    sandbox.control.setLatency(0)
    expect(await parts()).toHaveLength(1)
    const stores = await openStores(running.settings)
    await meanwhile(stores, id)
    await stores.close()
    await running.restart()
    return id
  }
  const lentAgain = () =>
    boss.client.credentialAccess.set({
      params: { id: credentialId },
      body: { memberId: bob.id, role: 'collaborator' },
    })

  it.each<[string, object, (stores: OpenStores, runId: string) => Promise<unknown>]>([
    [
      'because a right was withdrawn',
      { status: 'failed', error: { code: 'access_withdrawn' } },
      ({ database }) =>
        database.tables.deleteFrom('resourceGrants').where('resourceId', '=', credentialId).execute(),
    ],
    [
      'because its credential failed',
      { status: 'failed', error: { code: 'credential_failed' } },
      ({ credentials }) =>
        credentials.update(credentialId, { status: 'failed', reasonCode: 'api_key_rejected' }),
    ],
    [
      'because somebody cancelled it',
      { status: 'cancelled' },
      async ({ runs }, runId) => {
        sandbox.control.addFault({ target: 'api', kind: 'hang', times: 1_000_000 })
        return runs.requestCancel(runId)
      },
    ],
  ])('%s leaves nothing, and nobody waits for it', { timeout }, async (title, end, meanwhile) => {
    const flowId = await makeBobs(`${title.length}.jsonl`)
    const id = await interrupted(flowId, meanwhile)
    expect(await ended(id)).toMatchObject({ ...end, resumes: 1 })
    await expect.poll(parts, timeouts).toEqual([])
    sandbox.control.clearFaults()
    await lentAgain()
    await boss.client.credentials.check({ params: { id: credentialId } })
    const again = await bob.client.flows.run({ params: { id: flowId } })
    expect(await ended(again.id)).toMatchObject({ status: 'succeeded' })
  })

  it('elsewhere leaves what the next start erases, and a run that goes on keeps its own', {
    timeout: 120_000,
  }, async () => {
    const flowId = await makeBobs('gone.jsonl')
    const id = await interrupted(flowId, async (stores, runId) =>
      stores.runs.finish(await takeUp(stores, runId), 'cancelled', null, null),
    )
    expect(await bob.client.runs.get({ params: { id } })).toMatchObject({ status: 'cancelled' })
    expect(await parts()).toEqual([])
    const on = await interrupted(flowId, async () => undefined)
    expect(await ended(on)).toMatchObject({
      status: 'succeeded',
      recordsWritten: 1000,
      resumes: 1,
    })
    expect(await parts()).toEqual([])
  })
})
