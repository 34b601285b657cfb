import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditedStores } from '../../src/app/audited-stores.ts'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import { tellOfDamage } from '../../src/audit/damage.ts'
import { AuditLog, type Origin } from '../../src/audit/log.ts'
import { makePostgresPlace, makeSqlitePlace, type TestPlace } from '../database/database.ts'
import { fromNow, newCredential, newEnd, newFlow, sealedSample, takeUp } from '../database/samples.ts'
import { everything, failing } from './faults.ts'

const secret = 'what only the servers know'
const pair = {
  sealed: sealedSample,
  secretVersion: 2,
  grantedScope: null,
  accessTokenExpiresAt: fromNow(60_000),
}

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('#45 #54 #55 what the server does by itself, on %s', (_name, makePlace) => {
  let place: TestPlace
  let opened: OpenStores
  let stores: OpenStores
  let log: AuditLog
  beforeAll(async () => {
    place = await makePlace()
    opened = await openStores(place.settings)
    const { audit: store, database, alerts } = opened
    const { dataDir } = place.settings
    const damaged = (fault: Parameters<typeof tellOfDamage>[1]) => tellOfDamage(alerts, fault)
    log = await AuditLog.open({ store, database, secret, dataDir, damaged })
    stores = auditedStores(opened, log)
  })
  afterAll(async () => {
    await log?.drain()
    await opened?.close()
    await place?.remove()
  })
  const newest = async (limit = 1) => (await log.list({ limit })).items
  const flowWithRun = async () => {
    const source = await opened.sides.insert(newEnd({ kind: 'source' }))
    const destination = await opened.sides.insert(newEnd({ kind: 'destination' }))
    const flow = await opened.flows.insert(
      newFlow(source.id, destination.id, { name: `Nightly ${source.id}` }),
    )
    const id = `run_${flow.id.slice(5)}`
    return { flow, id, insert: () => stores.runs.insert({ id, flowId: flow.id, startedBy: null }) }
  }

  it('is not done without its entry', async () => {
    const expired = newCredential({ status: 'draft', draftExpiresAt: fromNow(-1000) })
    await opened.credentials.insert(expired)
    const used = await opened.credentials.insert(newCredential())
    const { id, insert } = await flowWithRun()
    const begin = [
      () => stores.credentials.takeExpiredDrafts(10),
      () => stores.credentials.touch(used.id, { direction: 'read', by: { request: 'sample' } }),
      insert,
    ]
    const before = await everything(opened)
    const lift = await failing(opened, 'insert', 'audit_entries')
    for (const act of begin) await expect(act()).rejects.toThrow('no room for it')
    await lift()
    expect(await everything(opened)).toBe(before)
    for (const act of begin) await act()
    expect((await newest(3)).map(({ action }) => action)).toEqual([
      'flow.run',
      'credential.use',
      'credential.expire',
    ])
    const starting = await failing(opened, 'insert', 'audit_entries')
    await expect(stores.runs.start(id)).rejects.toThrow('no room for it')
    await starting()
    expect(await opened.runs.find(id)).toMatchObject({ status: 'queued' })
  })

  it('has no entry without its change', async () => {
    const row = await opened.credentials.insert(newCredential())
    const [before] = await newest()
    const lift = await failing(opened, 'update', 'credentials')
    await expect(stores.credentials.saveTokens(row.id, 0, pair)).rejects.toThrow('no room for it')
    await lift()
    expect(await newest()).toEqual([before])
    expect(await stores.credentials.saveTokens(row.id, 7, pair)).toBe(false)
    expect(await newest()).toEqual([before])
  })

  it('keeps a pair of tokens and the end of a run whose entry can not be written, and writes it later', async () => {
    const row = await opened.credentials.insert(newCredential())
    const { id, insert } = await flowWithRun()
    await insert()
    const held = await takeUp(stores, id)
    const lift = await failing(opened, 'insert', 'audit_entries')
    expect(await stores.credentials.saveTokens(row.id, 0, pair)).toBe(true)
    await stores.runs.finish(held, 'succeeded', null, null)
    // Somebody who has the database adds one.
    const foreign = { id: 'foreign', at: 1, act: '{"action":"member.role"}', mac: 'f'.repeat(64) }
    await opened.database.tables.insertInto('auditPending').values(foreign).execute()
    await lift()
    expect(await opened.credentials.find(row.id)).toMatchObject({ generation: 1 })
    await log.record({ action: 'credential.check', object: null })
    const entries = await newest(4)
    expect(entries.map(({ action }) => action)).toEqual([
      'credential.check',
      'audit.foreign',
      'run.finish',
      'credential.refresh',
    ])
    expect(entries[3]).toMatchObject({ object: { id: row.id }, before: { generation: 0 } })
    expect(await log.verify()).toMatchObject({ intact: true })
    expect(await opened.database.tables.selectFrom('auditPending').selectAll().execute()).toEqual([])
  })

  it('has the equal uses of a run as one entry with their count', async () => {
    const [reading, writing] = [newCredential(), newCredential()]
    for (const row of [reading, writing]) await opened.credentials.insert(row)
    const { flow, id, insert } = await flowWithRun()
    await insert()
    // Taken up three times: a process that was killed has not written anything of it.
    for (let attempt = 0; attempt < 3; attempt++) {
      await stores.runs.start(id)
      await stores.credentials.touch(reading.id, { direction: 'read', by: { run: id } })
      await stores.credentials.touch(writing.id, { direction: 'write', by: { run: id } })
    }
    await stores.runs.finish(await takeUp(stores, id), 'succeeded', null, null)
    const uses = (await log.list({ limit: 10, action: 'credential.use' })).items.slice(0, 2)
    const reported = { run: id, flow: flow.id, flowName: flow.name, count: 3 }
    expect(uses.map(({ object, after }) => [object?.id, after])).toEqual([
      [writing.id, { ...reported, direction: 'write' }],
      [reading.id, { ...reported, direction: 'read' }],
    ])
  })

  it('fails what can not be written alone, under load', async () => {
    const before = (await newest())[0]?.sequence ?? 0
    const poison = {
      action: 'credential.\0\ud800',
      object: { kind: 'c\0', id: '\0'.repeat(900), name: '\ud800' },
    }
    const origin: Origin = {
      actor: { kind: 'user', id: 'usr_\0', name: '\0', email: '\ud800' },
      ...{ address: '\0', agent: null, requestId: '\0' },
    }
    const nothing = async () => undefined
    const scope = { origin: () => origin, isAbout: () => false, stillMay: nothing, succeed: nothing }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) =>
        n % 20 === 7
          ? log.within(scope, () => log.record({ ...poison, after: { deep: '\0\ud800' } }))
          : n % 20 === 9
            ? // A value that no text can be made of.
              log.record({ action: 'credential.check', object: null, after: { n: BigInt(n) } })
            : log.record({ action: 'credential.check', object: null, after: { n } }),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10)
    expect((await newest())[0]?.sequence).toBe(before + 190)
    expect(await log.verify()).toMatchObject({ intact: true })
  })

  it('fails an entry that the database refuses alone', async () => {
    const lift = await failing(opened, 'insert', 'audit_entries', `new.action = 'credential.poison'`)
    const acts = Array.from({ length: 60 }, (_, n) =>
      n % 20 === 3 ? 'credential.poison' : 'credential.check',
    )
    const outcomes = await Promise.allSettled(acts.map((action) => log.record({ action, object: null })))
    await lift()
    expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(
      acts.map((action) => action === 'credential.poison'),
    )
    expect(await log.verify()).toMatchObject({ intact: true })
  })

  it('of before, when it named by ids as properties, is read and verified', async () => {
    const before = {
      sharedWith: {
        usr_1: { role: 'admin', email: 'ann@hollowoak.example' },
        everyone: { role: 'operator' },
      },
    }
    const object = { kind: 'source', id: 'src_1', name: 'A file' }
    await log.record({ action: 'source.share', object, before, after: { sharedWith: {} } })
    expect(await newest()).toMatchObject([{ action: 'source.share', before, after: { sharedWith: {} } }])
    expect(await log.verify()).toMatchObject({ intact: true })
  })

  // Last: the log is damaged from here on.
  it('goes on with nothing that is to be told while the log is damaged, and tells the administrators once', async () => {
    const { tables } = opened.database
    const { id, insert } = await flowWithRun()
    await insert()
    const row = await opened.credentials.insert(newCredential())
    const last = (await newest())[0]?.sequence ?? 0
    await tables.deleteFrom('auditEntries').where('sequence', '=', last).execute()
    for (let time = 0; time < 2; time++) {
      await expect(stores.runs.start(id)).rejects.toMatchObject({ code: 'audit_damaged' })
    }
    expect(await stores.credentials.saveTokens(row.id, 0, pair)).toBe(true)
    await log.drain()
    const alerts = (await opened.alerts.list(null, 10)).filter(({ kind }) => kind === 'audit_damaged')
    expect(alerts).toMatchObject([{ credentialId: null, ownerId: '' }])
    await log.accept({ action: 'audit.accept', object: null, after: {} })
    expect((await newest(2)).map(({ action }) => action)).toEqual(['credential.refresh', 'audit.accept'])
    expect(await stores.runs.start(id)).not.toBeNull()
    expect(await log.verify()).toMatchObject({ intact: true, acceptedAt: last + 1 })
  })
})
