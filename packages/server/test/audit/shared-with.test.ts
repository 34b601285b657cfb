import { beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { type MakePlace, makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { join } from '../identity/joining.ts'
import { type Running, startRunning } from '../running.ts'

describe.each<[string, MakePlace]>([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('#45 the audit log tells who something is shared with, on %s,', (_database, makePlace) => {
  let running: Running
  let boss: Browser
  let bob: Awaited<ReturnType<typeof join>>
  beforeAll(async () => {
    running = await startRunning(null, { makePlace })
    boss = await running.signedIn()
    bob = await join(running, boss, 'Bob')
    return running.stop
  })

  it('by subjects in a list, before and after', async () => {
    const side = { name: 'A file', connector: 'files', credentialId: null, config: { file: 'a.csv' } }
    const { id } = await boss.client.sources.create({ body: side })
    const share = (memberId: string | null, role: 'operator' | 'admin' | null) =>
      boss.client.sourceAccess.set({ params: { id }, body: { memberId, role } })
    await share(null, 'operator')
    await share(bob.id, 'admin')
    await share(null, null)
    const { items } = await boss.client.audit.list({ query: { action: 'source.share', limit: 3 } })
    const everyone = { subject: { kind: 'everyone', id: '*' }, role: 'operator' }
    const { user } = await bob.client.session.get()
    const theirs = { subject: { kind: 'member', id: bob.id }, role: 'admin', email: user?.email }
    expect(items.map(({ before, after }) => [before, after]).reverse()).toEqual([
      [{ sharedWith: [] }, { sharedWith: [everyone] }],
      [{ sharedWith: [everyone] }, { sharedWith: [everyone, theirs] }],
      [{ sharedWith: [everyone, theirs] }, { sharedWith: [theirs] }],
    ])
    expect(await boss.client.audit.verify()).toMatchObject({ intact: true })
  })
})
