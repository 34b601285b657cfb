import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OpenStores, openStores } from '../../src/app/stores.ts'
import { bareHash, chainStart } from '../../src/audit/chain.ts'
import { AuditLog } from '../../src/audit/log.ts'
import type { MakePlace, TestPlace } from './database.ts'

const secret = 'what only the servers know'
const act = (action: string, id = 'cred_1') => ({
  action,
  object: { kind: 'credential', id, name: 'A \ud800 name\0' },
  after: { b: 1, a: ['x', { d: null, c: 'ü' }] },
})

/** The log with the database in hand, but not the key. */
export function describeAudit(makePlace: MakePlace): void {
  describe('#45 #54 the audit chain', () => {
    let place: TestPlace
    let stores: OpenStores
    let rival: OpenStores
    beforeAll(async () => {
      place = await makePlace()
      stores = await openStores(place.settings)
      rival = stores.kind === 'sqlite' ? stores : await openStores(place.settings)
    })
    afterAll(async () => {
      await stores.close()
      if (rival !== stores) await rival.close()
      await place.remove()
    })
    /** What a process has seen of the log is in its data folder: a new one for each test. */
    let folders = 0
    let dataDir = ''
    const newFolder = async () => {
      dataDir = join(place.settings.dataDir, `folder-${folders++}`)
      await mkdir(dataDir)
    }
    beforeEach(newFolder)
    const open = (subject: OpenStores = stores, folder = dataDir) =>
      AuditLog.open({ store: subject.audit, database: subject.database, secret, dataDir: folder })
    /** As a process that had not seen the log before: what it finds is in the database alone. */
    const stranger = () => open(stores, join(dataDir, 'nowhere'))
    const tables = () => stores.database.tables
    const set = (sequence: number, columns: object) =>
      tables().updateTable('auditEntries').set(columns).where('sequence', '=', sequence).execute()
    const setHead = (columns: object) => tables().updateTable('auditHead').set(columns).execute()
    const removeFrom = (sequence: number) =>
      tables().deleteFrom('auditEntries').where('sequence', '>=', sequence).execute()

    /** All of it: the log's own tables, and the copy of its end among the facts. */
    const copy = async () => {
      const entries = await tables().selectFrom('auditEntries').selectAll().execute()
      const head = await tables().selectFrom('auditHead').selectAll().execute()
      const counter = await stores.metadata.get('audit_counter')
      return ({ withCounter = true } = {}) =>
        stores.database.atomically(async () => {
          await tables().deleteFrom('auditEntries').execute()
          await tables().deleteFrom('auditHead').execute()
          await tables().insertInto('auditEntries').values(entries).execute()
          await tables().insertInto('auditHead').values(head).execute()
          if (withCounter && counter !== null) await stores.metadata.set('audit_counter', counter)
        })
    }

    it('is one chain whoever appends at the same time', async () => {
      const [log, other] = [await open(), await open(rival)]
      await Promise.all(
        Array.from({ length: 99 }, (_, n) => (n % 2 === 0 ? log : other).record(act(`credential.${n}`))),
      )
      expect(await log.verify()).toMatchObject({
        intact: true,
        entries: 100,
        fault: null,
        acceptedAt: null,
        removedTo: null,
      })
      const { items } = await log.list({ limit: 200 })
      expect(items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => 100 - n))
      const times = items.map(({ at }) => at)
      expect(times).toEqual([...times].sort().reverse())
      expect(new Set(items.map(({ action }) => action)).size).toBe(100)
      expect(items.at(-1)).toMatchObject({ sequence: 1, action: 'audit.begin' })
      expect(items.every(({ hash }) => hash.startsWith('k1.'))).toBe(true)
      await Promise.all([log.drain(), other.drain()])
    })

    const one = () => tables().deleteFrom('auditEntries').where('sequence', '=', 40).execute()
    const swap = async () => {
      await set(10, { sequence: 1000 })
      await set(11, { sequence: 10 })
      await set(1000, { sequence: 11 })
    }
    const inserted = (sequence: number) => async () => {
      const row = await tables()
        .selectFrom('auditEntries')
        .selectAll()
        .where('sequence', '=', 50)
        .executeTakeFirstOrThrow()
      await tables()
        .insertInto('auditEntries')
        .values({ ...row, sequence })
        .execute()
    }
    /** As the log was computed before it had a key, and as anybody can. */
    const recomputed = async () => {
      await set(7, { result: 'refused' })
      let hash = chainStart
      for (const entry of await stores.audit.read({}, 0, 1000)) {
        hash = bareHash(hash, entry)
        await set(entry.sequence, { hash })
      }
      await setHead({ hash })
    }
    const cutBack = async () => {
      await removeFrom(90)
      const last = await tables()
        .selectFrom('auditEntries')
        .select('hash')
        .where('sequence', '=', 89)
        .executeTakeFirstOrThrow()
      await setHead({ sequence: 89, hash: last.hash })
    }
    const asMigrated = { sequence: 0, hash: chainStart, lastAt: 0, since: 0, accepted: 0, signature: '' }
    const emptied = async () => {
      await removeFrom(1)
      await setHead(asMigrated)
    }
    const attacks: readonly [string, () => Promise<unknown>, object][] = [
      ['another result', () => set(7, { result: 'refused' }), { sequence: 7, kind: 'altered' }],
      ['another time', () => set(7, { at: 1 }), { sequence: 7, kind: 'altered' }],
      ['another address', () => set(7, { address: '192.0.2.1' }), { sequence: 7, kind: 'altered' }],
      ['another email', () => set(7, { actorEmail: 'x@y.example' }), { sequence: 7, kind: 'altered' }],
      ['another state', () => set(7, { stateAfter: '{"a":2}' }), { sequence: 7, kind: 'altered' }],
      ['no JSON', () => set(7, { stateAfter: 'no JSON' }), { sequence: 7, kind: 'altered' }],
      ['no such result', () => set(7, { result: 'no such result' }), { sequence: 7, kind: 'altered' }],
      ['another hash', () => set(7, { hash: 'f'.repeat(64) }), { sequence: 7, kind: 'altered' }],
      ['the last altered', () => set(100, { result: 'refused' }), { sequence: 100, kind: 'altered' }],
      ['one removed', one, { sequence: 40, kind: 'missing' }],
      [
        'the first removed',
        () => tables().deleteFrom('auditEntries').where('sequence', '=', 1).execute(),
        { sequence: 1, kind: 'missing' },
      ],
      ['the end removed', () => removeFrom(90), { sequence: 90, kind: 'cut_off' }],
      ['all removed', () => removeFrom(1), { sequence: 1, kind: 'cut_off' }],
      ['two moved', swap, { sequence: 10, kind: 'altered' }],
      ['one behind the end', inserted(101), { sequence: 101, kind: 'inserted' }],
      ['one far behind the end', inserted(5000), { sequence: 101, kind: 'inserted' }],
      ['one before the first', inserted(0), { sequence: 0, kind: 'inserted' }],
      ['the end moved back', cutBack, { sequence: 89, kind: 'head_forged' }],
      ['all hashes computed anew', recomputed, { sequence: 100, kind: 'head_forged' }],
      ['no note of the end', () => tables().deleteFrom('auditHead').execute(), { kind: 'head_missing' }],
      ['everything erased', emptied, { sequence: 1, kind: 'emptied' }],
      ['no counter', () => stores.metadata.erase('audit_counter'), { sequence: 100, kind: 'put_back' }],
    ]

    it.each(attacks)('shows %s, before and after it was tried to go on', async (_name, attack, fault) => {
      const restore = await copy()
      const log = await open()
      try {
        await attack()
        expect((await log.verify()).fault).toMatchObject(fault)
        // An append looks at the end; an entry in the midst is found by verify, afterwards too.
        const isAtEnd = !('sequence' in fault) || Number(fault.sequence) >= 89
        for (const each of [log, await stranger(), await open(rival)]) {
          const outcome = await each.record(act('credential.create')).then(
            () => 'written',
            (error: unknown) => error,
          )
          if (isAtEnd || outcome !== 'written') {
            expect(outcome).toMatchObject({ code: 'audit_damaged', status: 503 })
          }
          expect((await each.verify()).fault).toMatchObject(fault)
          await each.drain()
        }
      } finally {
        await restore()
      }
    })

    it('shows an older end that was put back, with and without the copy among the facts', async () => {
      const log = await open()
      const putBack = await copy()
      for (let n = 0; n < 5; n++) await log.record(act('credential.later'))
      await log.drain()
      const asItShouldBe = await copy()
      await putBack({ withCounter: false })
      for (const each of [log, await open(), await stranger(), await open(rival)]) {
        expect((await each.verify()).fault).toMatchObject({ kind: 'put_back' })
        await expect(each.record(act('credential.create'))).rejects.toMatchObject({ code: 'audit_damaged' })
      }
      // The whole database, as it was: whoever saw it later knows, also after a restart.
      await putBack()
      for (const each of [log, await open(), await open(rival)]) {
        expect((await each.verify()).fault).toMatchObject({ sequence: 101, kind: 'put_back' })
        await expect(each.record(act('credential.create'))).rejects.toMatchObject({ code: 'audit_damaged' })
        expect((await each.verify()).fault).toMatchObject({ sequence: 101, kind: 'put_back' })
      }
      // A server that knows nothing of it goes on; the others find another entry than they saw.
      const newcomer = await stranger()
      for (let n = 0; n < 7; n++) await newcomer.record(act('credential.other'))
      for (const each of [log, await open()]) {
        expect((await each.verify()).fault).toMatchObject({ sequence: 105, kind: 'put_back' })
        await expect(each.record(act('credential.create'))).rejects.toMatchObject({ code: 'audit_damaged' })
      }
      await asItShouldBe()
      expect(await log.verify()).toMatchObject({ intact: true, entries: 105 })
    })

    it('goes on from damage that was accepted, and keeps what it found', async () => {
      const log = await open()
      const { length: entries } = (await log.list({ limit: 200 })).items
      await set(7, { result: 'refused' })
      await removeFrom(entries - 3)
      const { fault } = await log.verify()
      expect(fault).toMatchObject({ kind: 'cut_off' })
      await log.accept({ action: 'audit.accept', object: null, after: { fault } })
      const [accepted] = (await log.list({ limit: 1 })).items
      expect(accepted).toMatchObject({ sequence: entries + 1, action: 'audit.accept', after: { fault } })
      for (const each of [log, await open(), await open(rival), await stranger()]) {
        await each.record(act('credential.after'))
        expect(await each.verify()).toMatchObject({ intact: true, acceptedAt: entries + 1 })
        await each.drain()
      }
      // What was accepted can't be changed further, nor the entry itself.
      for (const change of [
        () => set(8, { result: 'refused' }),
        () => tables().deleteFrom('auditEntries').where('sequence', '=', 8).execute(),
        () => set(entries + 1, { stateAfter: null }),
        inserted(entries),
      ]) {
        // One that has not seen the entries that the last round added and took away.
        await newFolder()
        const looking = await open()
        const restore = await copy()
        await change()
        expect((await looking.verify()).fault).toMatchObject({ sequence: entries + 1, kind: 'altered' })
        await looking.record(act('credential.later'))
        expect((await looking.verify()).fault).toMatchObject({ sequence: entries + 1, kind: 'altered' })
        await looking.drain()
        await restore()
      }
    })

    it('is listed from a forged place as from any other', async () => {
      const log = await open()
      for (let n = 0; n < 4; n++) await log.record(act('credential.listed'))
      const [, place, ...rest] = (await log.list({ limit: 4 })).items.map(({ sequence }) => sequence)
      for (const id of [String(place), 'abc', '', '9'.repeat(30)]) {
        const cursor = Buffer.from(`sequence:${id}:${place}`).toString('base64url')
        const { items } = await log.list({ limit: 2, cursor })
        expect(items.map(({ sequence }) => sequence)).toEqual(rest)
      }
    })
  })
}
