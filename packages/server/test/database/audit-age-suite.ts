import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OpenStores } from '../../src/app/stores.ts'
import { ChainKey } from '../../src/audit/chain.ts'
import { AuditLog } from '../../src/audit/log.ts'
import { extend } from '../../src/audit/tail.ts'
import { type MakePlace, openTestStores } from './database.ts'

const secret = 'what only the servers know'
const dayMs = 86_400_000
const setting = 'LATCHWORK_KEEP_AUDIT_DAYS'
const system = { kind: 'system' as const, id: null, name: 'Latchwork', email: null }
const act = (action: string) => ({
  ...{ actor: system, action, object: null, result: 'ok' as const, reason: null },
  ...{ before: null, after: null, address: null, agent: null, requestId: null },
})

/** A log whose oldest entries are removed by age. */
export function describeAuditAge(makePlace: MakePlace): void {
  describe('#45 #54 a log whose oldest entries are removed by age', () => {
    /** A log with an entry a day, the oldest first: of 49, 48 … 1 days ago. The next are of now. */
    const withLog = async (
      work: (parts: {
        stores: OpenStores
        open: (folder?: string) => Promise<AuditLog>
        copy: () => Promise<() => Promise<unknown>>
      }) => Promise<void>,
    ) => {
      await using opened = await openTestStores(makePlace)
      const { stores, settings } = opened
      const { tables } = stores.database
      const key = new ChainKey(secret)
      for (let days = 49; days >= 1; days--) {
        await stores.audit.extend(null, async ({ head, nowMs }) => {
          if (head === null) throw new Error('a migrated database has a head')
          return extend(key, { ...head, since: 1 }, [act(`day.${days}`)], nowMs - days * dayMs)
        })
      }
      const logs: AuditLog[] = []
      const open = async (folder = 'seen') => {
        const dataDir = join(settings.dataDir, folder)
        await mkdir(dataDir, { recursive: true })
        const log = await AuditLog.open({ store: stores.audit, database: stores.database, secret, dataDir })
        logs.push(log)
        return log
      }
      const copy = async () => {
        const entries = await tables.selectFrom('auditEntries').selectAll().execute()
        const head = await tables.selectFrom('auditHead').selectAll().execute()
        const counter = (await stores.metadata.get('audit_counter')) ?? ''
        return () =>
          stores.database.atomically(async () => {
            await tables.deleteFrom('auditEntries').execute()
            await tables.deleteFrom('auditHead').execute()
            await tables.insertInto('auditEntries').values(entries).execute()
            await tables.insertInto('auditHead').values(head).execute()
            await stores.metadata.set('audit_counter', counter)
          })
      }
      try {
        await work({ stores, open, copy })
      } finally {
        for (const log of logs) await log.drain()
      }
    }
    const sequences = async (log: AuditLog) =>
      (await log.list({ limit: 200 })).items.map(({ sequence }) => sequence).reverse()
    const from = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index)

    it('is verified from a signed anchor, and says what was removed', () =>
      withLog(async ({ open }) => {
        const log = await open()
        await log.removeOld(30 * dayMs, setting)
        // Those of 49 to 30 days ago.
        expect(await sequences(log)).toEqual(from(21, 50))
        const [removed] = (await log.list({ limit: 1 })).items
        expect(removed).toMatchObject({
          ...{ sequence: 50, action: 'audit.remove', actor: system },
          after: { upTo: 20, entries: 20, setting, days: 30 },
        })
        expect(Date.parse(String(removed?.after?.['olderThan']))).toBeLessThan(Date.now() - 29 * dayMs)
        for (const each of [log, await open(), await open('newcomer')]) {
          const entries = (await sequences(each)).length
          expect(await each.verify()).toEqual({
            ...{ intact: true, fault: null, acceptedAt: null, removedTo: 20, entries },
          })
          await each.record({ action: 'credential.create', object: null })
        }
      }))

    it('loses entries once a day, and only those that are old', () =>
      withLog(async ({ open }) => {
        const log = await open()
        await log.removeOld(60 * dayMs, setting)
        expect((await log.verify()).removedTo).toBeNull()
        await log.removeOld(30 * dayMs, setting)
        await log.removeOld(30 * dayMs - dayMs / 2, setting)
        expect(await log.verify()).toMatchObject({ intact: true, removedTo: 20 })
        await log.removeOld(10 * dayMs, setting)
        expect(await log.verify()).toMatchObject({ intact: true, removedTo: 40, entries: 11 })
        // Even all of them but the entry of the removal.
        await log.removeOld(-dayMs - 1, setting)
        expect(await sequences(log)).toEqual([52])
        await log.record({ action: 'credential.create', object: null })
        expect(await (await open('newcomer')).verify()).toMatchObject({ intact: true, removedTo: 51 })
      }))

    it('is not cut twice by two processes at once', () =>
      withLog(async ({ open }) => {
        const logs = [await open('a'), await open('b'), await open('c')]
        await Promise.all(logs.map((log) => log.removeOld(30 * dayMs, setting)))
        expect(await sequences(await open())).toEqual(from(21, 50))
        for (const log of logs) expect(await log.verify()).toMatchObject({ intact: true })
      }))

    it('is read by a process that saw the removed entries last', () =>
      withLog(async ({ open, stores }) => {
        const log = await open()
        // Its file tells of entry 49, which is removed while it stands still.
        const idle = await open('idle')
        await idle.drain()
        await log.removeOld(-dayMs - 1, setting)
        await log.record({ action: 'credential.create', object: null })
        expect((await stores.audit.read({}, 0, 10)).map(({ sequence }) => sequence)).toEqual([50, 51])
        for (const each of [idle, await open('idle')]) {
          expect(await each.verify()).toMatchObject({ intact: true })
          await each.record({ action: 'credential.update', object: null })
        }
      }))

    it('shows every change, also of where it was cut', () =>
      withLog(async ({ open, copy, stores }) => {
        const { tables } = stores.database
        const all = await tables.selectFrom('auditEntries').selectAll().orderBy('sequence').execute()
        const uncut = await copy()
        const log = await open('untouched')
        await log.removeOld(30 * dayMs, setting)
        await log.record({ action: 'credential.create', object: null })
        await log.drain()
        const row = (sequence: number) => all.slice(sequence - 1, sequence)
        const remove = (...which: number[]) =>
          tables.deleteFrom('auditEntries').where('sequence', 'in', which).execute()
        const put = (...which: number[]) =>
          tables.insertInto('auditEntries').values(which.flatMap(row)).execute()
        const set = (sequence: number, columns: object) =>
          tables.updateTable('auditEntries').set(columns).where('sequence', '=', sequence).execute()
        const setHead = (columns: object) => tables.updateTable('auditHead').set(columns).execute()
        const attacks: readonly [string, () => Promise<unknown>, object][] = [
          ['one more removed from the beginning', () => remove(21), { sequence: 21, kind: 'missing' }],
          [
            'more removed, and the anchor moved',
            async () => {
              await remove(21, 22)
              await setHead({ removedTo: 22, removedHash: row(22)[0]?.hash ?? '' })
            },
            { kind: 'head_forged' },
          ],
          ['the anchor forgotten', () => setHead({ removedTo: 0, removedHash: '' }), { kind: 'head_forged' }],
          ['another anchor', () => setHead({ removedHash: row(19)[0]?.hash ?? '' }), { kind: 'head_forged' }],
          ['a removed one put back', () => put(20), { sequence: 20, kind: 'inserted' }],
          ['all removed ones put back', () => put(...from(1, 20)), { sequence: 1, kind: 'inserted' }],
          ['the first one altered', () => set(21, { result: 'refused' }), { sequence: 21, kind: 'altered' }],
          ['the first one replaced', () => set(21, { ...row(20)[0], sequence: 21 }), { kind: 'altered' }],
          ['the entry of the removal altered', () => set(50, { stateAfter: null }), { sequence: 50 }],
          ['one in the midst removed', () => remove(35), { sequence: 35, kind: 'missing' }],
          ['the end removed', () => remove(51), { sequence: 51, kind: 'cut_off' }],
          ['the whole log put back', uncut, { kind: 'put_back' }],
        ]
        const restore = await copy()
        for (const [name, attack, fault] of attacks) {
          await attack()
          expect((await log.verify()).fault, name).toMatchObject(fault)
          await restore()
          expect(await log.verify(), name).toMatchObject({ intact: true })
        }
      }))

    it('keeps what was altered, until it was accepted and that is old', () =>
      withLog(async ({ open, stores }) => {
        const log = await open()
        await stores.database.tables
          .updateTable('auditEntries')
          .set({ result: 'refused' })
          .where('sequence', '=', 7)
          .execute()
        await expect(log.removeOld(30 * dayMs, setting)).rejects.toMatchObject({ code: 'audit_damaged' })
        expect(await sequences(log)).toEqual(from(1, 49))
        await log.accept({ action: 'audit.accept', object: null })
        await log.removeOld(30 * dayMs, setting)
        expect(await log.verify()).toMatchObject({
          intact: true,
          acceptedAt: 50,
          removedTo: null,
          entries: 50,
        })
        await log.record({ action: 'credential.create', object: null })
        await log.removeOld(-dayMs - 1, setting)
        expect(await log.verify()).toMatchObject({
          intact: true,
          acceptedAt: null,
          removedTo: 51,
          entries: 1,
        })
        expect((await log.list({ limit: 1 })).items[0]?.after).toMatchObject({ upTo: 51, entries: 51 })
        // And it can be accepted once more.
        await stores.database.tables.updateTable('auditEntries').set({ result: 'failed' }).execute()
        await log.accept({ action: 'audit.accept', object: null })
        expect(await log.verify()).toMatchObject({ intact: true, acceptedAt: 53, removedTo: null })
      }))
  })
}
