import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, endOf, makeFlow } from './moving.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('a run whose source gets another credential while it runs, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let boss: Client
  let lender: Client
  let borrower: { readonly id: string; readonly client: Client }
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server } = made)
    boss = made.person.client
    lender = (await join(server, made.person, 'Lender')).client
    borrower = await join(server, made.person, 'Borrower')
    return made.stop
  })
  afterEach(() => sandbox.control.clearFaults())

  const pages = () => sandbox.control.requests().filter(({ path }) => path === '/api/v1/data/search/').length
  let count = 0
  /** A run with a lent credential, which waits for its first page; its source has another credential by then. */
  async function underWay() {
    count += 1
    const lent = await closeCredential(lender, sandbox, `Lent ${count}`)
    const own = await closeCredential(borrower.client, sandbox, `Own ${count}`)
    const share = (role: 'collaborator' | null) =>
      lender.credentialAccess.set({ params: { id: lent }, body: { memberId: borrower.id, role } })
    await share('collaborator')
    const flowId = await makeFlow(
      borrower.client,
      { connector: 'close', credentialId: lent, config: { object: 'leads' } },
      { connector: 'files', credentialId: null, config: { file: `other-${count}.jsonl`, format: 'jsonl' } },
    )
    const { source } = await borrower.client.flows.get({ params: { id: flowId } })
    const before = pages()
    sandbox.control.addFault({ target: '/api/v1/data/search/', kind: 'delay', delayMs: 4000, times: 1 })
    const run = await borrower.client.flows.run({ params: { id: flowId } })
    await expect.poll(pages, { timeout: 20_000, interval: 20 }).toBeGreaterThan(before)
    await borrower.client.sources.update({ params: { id: source.id ?? '' }, body: { credentialId: own } })
    return { lent, share, runId: run.id }
  }

  it('#52 ends when the right to the one that it began with is withdrawn', { timeout: 60_000 }, async () => {
    const { share, runId } = await underWay()
    await share(null)
    expect(await endOf(boss, runId)).toMatchObject({
      status: 'failed',
      error: { code: 'access_withdrawn', message: expect.stringContaining('that this run began with') },
      recordsWritten: 0,
    })
  })

  it('#52 ends when the one that it began with is deleted', { timeout: 60_000 }, async () => {
    const { lent, runId } = await underWay()
    await lender.credentials.delete({ params: { id: lent } })
    expect(await endOf(boss, runId)).toMatchObject({
      status: 'failed',
      error: { code: 'access_withdrawn' },
      recordsWritten: 0,
    })
  })

  it('goes on with it as long as it may', { timeout: 60_000 }, async () => {
    const { runId } = await underWay()
    expect(await endOf(boss, runId)).toMatchObject({ status: 'succeeded' })
  })
})
