import { endpoints } from '@latchwork/contract'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { everything, failing } from './faults.ts'
import { type Makers, makersFor } from './makers.ts'
import { elsewhere, operations } from './operations.ts'

/** Those that change nothing in the database, with the reason. */
const changeNothing = [
  'credential.verify', // asks, and stores nothing
  'source.sample', // reads; what it uses has an entry of its own
  'source.streams',
  'source.options',
  'destination.preview',
  'pass.smart_views',
  'pass.fields',
  'run.records', // reads
  'run.quarantine',
  'audit.verify',
  'key.add', // changes the key file
  'key.rotate',
  'key.retire',
]
const audited = [
  ...new Set(
    Object.values(endpoints)
      .flatMap((group) => Object.values(group))
      .flatMap(({ audit }) => (audit === null ? [] : [audit.action])),
  ),
].filter((action) => !changeNothing.includes(action))

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('#45 #55 a change and its entry on %s', (_name, makePlace) => {
  let server: Running
  let person: Browser
  let makers: Makers
  beforeAll(async () => {
    const made = await startWithClose({ leads: 5, makePlace })
    ;({ server, person } = made)
    makers = await makersFor(made)
    return made.stop
  })

  const stores = () => server.app.stores

  it('is looked at here for every audited operation', () => {
    expect([...Object.keys(operations), ...elsewhere].sort()).toEqual(audited.toSorted())
  })

  it.each(Object.keys(operations))('is neither there without the other: %s', async (action) => {
    const request = await operations[action]?.(makers)
    if (request === undefined) throw new Error('there is no such operation')
    const before = await everything(stores())
    const lift = await failing(stores(), 'insert', 'audit_entries')
    try {
      expect((await problem(request())).status).toBeGreaterThanOrEqual(500)
    } finally {
      await lift()
    }
    expect(await everything(stores())).toBe(before)
    await request()
    const { items } = await person.client.audit.list({ query: { action, limit: 2 } })
    expect(items[0]).toMatchObject({ action, result: 'ok' })
    expect(await person.client.audit.verify()).toMatchObject({ intact: true })
  })
})
