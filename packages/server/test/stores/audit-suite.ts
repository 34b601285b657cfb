import { describe, expect, it } from 'vitest'
import { AuditLog } from '../../src/audit/log.ts'
import type { OpenStores } from '../../src/stores/open.ts'
import type { GetSubject } from './subject.ts'

const secret = 'what only the servers know'
const act = (action: string, id = 'cred_1') => ({
  action,
  object: { kind: 'credential', id, name: 'A \ud800 name\0' },
  after: { b: 1, a: ['x', { d: null, c: 'ü' }] },
})

/** Runs last in its suite: it damages the log. */
export function describeAudit(getSubject: GetSubject): void {
  describe('#45 the audit chain', () => {
    const logs = () => {
      const { stores, rival } = getSubject()
      return [new AuditLog(stores.audit, secret), new AuditLog(rival.audit, secret)] as const
    }

    it('is one chain whoever appends at the same time', async () => {
      const [log, other] = logs()
      await Promise.all(
        Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? log : other).record(act(`credential.${n}`))),
      )
      expect(await log.verify()).toEqual({ intact: true, entries: 100, fault: null })
      const { items } = await log.list({ limit: 200 })
      expect(items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, n) => 100 - n))
      expect(items.map(({ at }) => at)).toEqual(
        items
          .map(({ at }) => at)
          .sort()
          .reverse(),
      )
      expect(new Set(items.map(({ action }) => action)).size).toBe(100)
    })

    it('shows each way to tamper with it', async () => {
      const [log] = logs()
      const { stores } = getSubject()
      const { tables } = stores.database
      const tampered = async (change: () => Promise<unknown>) => {
        const before = await tables.selectFrom('auditEntries').selectAll().execute()
        const head = await tables.selectFrom('auditHead').selectAll().executeTakeFirstOrThrow()
        await change()
        const verdict = await log.verify()
        await tables.deleteFrom('auditEntries').execute()
        await tables.insertInto('auditEntries').values(before).execute()
        await tables.updateTable('auditHead').set(head).execute()
        expect(await log.verify()).toMatchObject({ intact: true })
        return verdict.fault
      }
      const set = (sequence: number, columns: object) =>
        tables.updateTable('auditEntries').set(columns).where('sequence', '=', sequence).execute()
      const remove = (sequence: number) =>
        tables.deleteFrom('auditEntries').where('sequence', '>=', sequence).execute()

      for (const columns of [
        { result: 'refused' },
        { at: 1 },
        { address: '192.0.2.1' },
        { stateAfter: '{"a":2}' },
        { stateAfter: 'no JSON' },
        { result: 'no such result' },
        { hash: 'f'.repeat(64) },
      ]) {
        expect(await tampered(() => set(7, columns))).toMatchObject({ sequence: 7, kind: 'altered' })
      }
      const one = () => tables.deleteFrom('auditEntries').where('sequence', '=', 40).execute()
      expect(await tampered(one)).toMatchObject({ sequence: 40, kind: 'missing' })
      expect(await tampered(() => remove(90))).toMatchObject({ sequence: 90, kind: 'cut_off' })
      const swap = async () => {
        await set(10, { sequence: 1000 })
        await set(11, { sequence: 10 })
        await set(1000, { sequence: 11 })
      }
      expect(await tampered(swap)).toMatchObject({ sequence: 10, kind: 'altered' })
      const forgedEnd = async () => {
        const last = await tables
          .selectFrom('auditEntries')
          .select('hash')
          .where('sequence', '=', 89)
          .execute()
        await remove(90)
        await tables
          .updateTable('auditHead')
          .set({ sequence: 89, hash: last[0]?.hash ?? '' })
          .execute()
      }
      expect(await tampered(forgedEnd)).toMatchObject({ sequence: 89, kind: 'head_forged' })
      const recomputed = async (subject: OpenStores) => {
        await remove(1)
        const start = { sequence: 0, hash: '0'.repeat(64) }
        await tables.updateTable('auditHead').set(start).execute()
        await new AuditLog(subject.audit, 'a guess').record(act('credential.create'))
      }
      expect(await tampered(() => recomputed(stores))).toMatchObject({ sequence: 1, kind: 'head_forged' })
    })
  })
}
