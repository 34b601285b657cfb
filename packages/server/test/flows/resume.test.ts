import { rm } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import type { Client } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { join } from '../identity/joining.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { closeCredential, makeFlow, runFlow } from './moving.ts'

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('#52 a paused flow is not resumed, on %s,', (_database, makePlace) => {
  let sandbox: Sandbox
  let running: Running
  let boss: Browser
  let bob: { readonly id: string; readonly browser: Browser; readonly client: Client }
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ sandbox, server: running, person: boss } = made)
    bob = await join(running, boss, 'Bob')
    return made.stop
  })

  const put = async (browser: Browser, name: string): Promise<string> => {
    const answer = await browser.fetch(`${running.url}/api/files/${name}`, {
      method: 'PUT',
      headers: { 'x-latchwork': '1', 'content-type': 'text/csv' },
      body: 'name\nOne\n',
    })
    expect(answer.status).toBeLessThan(300)
    return String(JSON.parse(answer.body).id)
  }
  const file = (named: string, format = 'jsonl') => ({
    connector: 'files',
    credentialId: null,
    config: { file: named, format },
  })
  const resume = (id: string) => bob.client.flows.update({ params: { id }, body: { paused: false } })

  /** Bob's, into a file of the administrator's that is deleted. */
  async function paused(name: string, source: Parameters<typeof makeFlow>[1]): Promise<string> {
    const lent = await put(boss, `${name}.csv`)
    await boss.client.fileAccess.set({ params: { id: lent }, body: { memberId: bob.id, role: 'admin' } })
    const id = await makeFlow(bob.client, source, file(lent))
    await boss.client.files.delete({ params: { id: lent } })
    expect((await bob.client.flows.get({ params: { id } })).paused).toMatchObject({
      code: 'access_withdrawn',
    })
    return id
  }
  /** Gives the flow a file of Bob's own to write to. */
  async function rewrite(id: string): Promise<void> {
    const { destination } = await bob.client.flows.get({ params: { id } })
    await bob.client.destinations.update({
      params: { id: destination.id ?? '' },
      body: { config: { file: `${id}.jsonl`, format: 'jsonl' } },
    })
  }
  async function refused(id: string, code: string) {
    const refusal = await problem(resume(id))
    expect(refusal).toMatchObject({ code })
    expect(await problem(bob.client.flows.run({ params: { id } }))).toMatchObject({ code })
    expect(
      await problem(bob.client.flows.update({ params: { id }, body: { scheduleMinutes: 60 } })),
    ).toMatchObject({ code })
    expect((await bob.client.flows.get({ params: { id } })).paused).not.toBeNull()
    expect((await bob.client.runs.list({ query: { flowId: id } })).items).toEqual([])
    return refusal
  }
  async function resumes(id: string): Promise<void> {
    expect((await resume(id)).paused).toBeNull()
    expect(await runFlow(bob.client, id)).toMatchObject({ status: 'succeeded' })
  }

  it('while the file that it writes is deleted', async () => {
    await put(bob.browser, 'read.csv')
    const id = await paused('written', file('read.csv', 'csv'))
    await refused(id, 'file_not_found')
    await rewrite(id)
    await resumes(id)
  })

  it('while the file that it reads is deleted, or taken away by hand', async () => {
    const readId = await put(bob.browser, 'mine.csv')
    const id = await paused('other', file('mine.csv', 'csv'))
    await rewrite(id)
    await bob.client.files.delete({ params: { id: readId } })
    expect((await refused(id, 'file_not_found')).detail).toContain('mine.csv')
    await put(bob.browser, 'mine.csv')
    await rm(joinPath(running.dataDir, 'files', 'mine.csv'))
    expect((await refused(id, 'file_not_found')).detail).toContain('mine.csv')
    await put(bob.browser, 'mine.csv')
    await resumes(id)
  })

  it('while a credential has failed', async () => {
    const credentialId = await closeCredential(bob.client, sandbox, 'Fails')
    const id = await paused('third', { connector: 'close', credentialId, config: { object: 'leads' } })
    await rewrite(id)
    const { credentials } = running.app.stores
    await credentials.update(credentialId, {
      status: 'failed',
      reasonCode: 'api_key_rejected',
      reasonMessage: 'Close refused the key.',
    })
    expect((await refused(id, 'credential_failed')).detail).toContain('Close refused the key.')
    await bob.client.credentials.check({ params: { id: credentialId } })
    await resumes(id)
  })
})
