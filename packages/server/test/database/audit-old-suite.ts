import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { OpenStores } from '../../src/app/stores.ts'
import { bareHash, chainStart } from '../../src/audit/chain.ts'
import { AuditLog } from '../../src/audit/log.ts'
import { auditEntry } from '../../src/database/audit-tables.ts'
import { type MakePlace, openTestStores } from './database.ts'
import { newCredential } from './samples.ts'

const secret = 'what only the servers know'
const act = (action: string, id = 'cred_1') => ({
  action,
  object: { kind: 'credential', id, name: 'A \ud800 name\0' },
  after: { b: 1, a: ['x', { d: null, c: 'ü' }] },
})

/** A log that began before its entries had keyed hashes. */
export function describeOldAudit(makePlace: MakePlace): void {
  describe('#54 a log of before its entries had keyed hashes', () => {
    const unkeyed = async (stores: OpenStores) => {
      let hash = chainStart
      for (let sequence = 1; sequence <= 3; sequence++) {
        const entry = {
          ...{ sequence, at: new Date(1000 * sequence).toISOString(), action: 'credential.create' },
          actor: { kind: 'user' as const, id: 'usr_1', name: 'Wren', email: null },
          ...{ object: null, result: 'ok' as const, reason: null, before: null, after: { n: sequence } },
          ...{ address: null, agent: null, requestId: null },
        }
        hash = bareHash(hash, entry)
        await stores.database.tables
          .insertInto('auditEntries')
          .values(auditEntry.toColumns({ ...entry, hash }))
          .execute()
      }
      const key = createHmac('sha256', secret).update('the end of the audit log').digest()
      const signature = createHmac('sha256', key).update(`3:${hash}`).digest('hex')
      await stores.database.tables
        .updateTable('auditHead')
        .set({ sequence: 3, hash, lastAt: 3000, signature })
        .execute()
    }
    const withStores = async (work: (stores: OpenStores, open: () => Promise<AuditLog>) => Promise<void>) => {
      await using opened = await openTestStores(makePlace)
      const { stores, settings } = opened
      await unkeyed(stores)
      const { audit: store, database } = stores
      await work(stores, () => AuditLog.open({ store, database, secret, dataDir: settings.dataDir }))
    }

    it('is bound to the first keyed entry', () =>
      withStores(async ({ database: { tables } }, open) => {
        const log = await open()
        await log.record(act('credential.update'))
        expect(await log.verify()).toMatchObject({ intact: true, entries: 5 })
        const [, keyed] = (await log.list({ limit: 10 })).items
        expect(keyed).toMatchObject({ sequence: 4, action: 'audit.keyed', after: { entries: 3 } })
        await tables
          .updateTable('auditEntries')
          .set({ actorName: 'Another' })
          .where('sequence', '=', 2)
          .execute()
        expect((await log.verify()).fault).toMatchObject({ sequence: 2, kind: 'altered' })
        // And consistently.
        let hash = chainStart
        for (const entry of (await log.list({ limit: 10 })).items.toReversed().slice(0, 3)) {
          hash = bareHash(hash, entry)
          await tables
            .updateTable('auditEntries')
            .set({ hash })
            .where('sequence', '=', entry.sequence)
            .execute()
        }
        expect((await log.verify()).fault).toMatchObject({ sequence: 4, kind: 'altered' })
        await log.record(act('credential.update'))
        expect((await log.verify()).fault).toMatchObject({ sequence: 4, kind: 'altered' })
        await log.drain()
      }))

    it('is not continued if it is not as it was written', () =>
      withStores(async ({ database: { tables } }, open) => {
        await tables
          .updateTable('auditEntries')
          .set({ actorName: 'Another' })
          .where('sequence', '=', 2)
          .execute()
        const log = await open()
        await expect(log.record(act('credential.update'))).rejects.toMatchObject({ code: 'audit_damaged' })
        expect((await log.verify()).fault).toMatchObject({ sequence: 2, kind: 'altered' })
        await log.accept({ action: 'audit.accept', object: null })
        await log.record(act('credential.update'))
        expect(await log.verify()).toMatchObject({ intact: true, entries: 5, acceptedAt: 4 })
        await log.drain()
      }))

    it('is not begun anew where the database was used', async () => {
      await using opened = await openTestStores(makePlace)
      const { stores, settings } = opened
      await stores.credentials.insert(newCredential())
      const { audit: store, database } = stores
      const log = await AuditLog.open({ store, database, secret, dataDir: settings.dataDir })
      await expect(log.record(act('credential.update'))).rejects.toMatchObject({ code: 'audit_damaged' })
      expect((await log.verify()).fault).toMatchObject({ kind: 'emptied' })
    })
  })
}
