import { describe, expect, it } from 'vitest'
import { toRow } from '../../src/credentials/store/row.ts'
import { fromNow, identitySample, listQuery, newCredential, newEnd, sealedSample } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeCredentials(getSubject: GetSubject): void {
  describe('credentials', () => {
    const credentials = () => getSubject().stores.credentials

    it('keep everything that was inserted', async () => {
      const row = newCredential({
        name: 'Straße 🔑 "quoted" \\ %_',
        description: 'two\nlines',
        tags: ['a, b', 'ü'],
        identity: identitySample,
        values: { clientId: 'oa2client_1', scope: 'all.full_access offline_access' },
        grantedScope: 'all.full_access',
        accessTokenExpiresAt: Date.parse('2026-06-07T08:09:10.111Z'),
        reasonCode: 'never_checked',
        reasonMessage: 'Not checked yet.',
        secretVersion: 3,
      })
      const inserted = await credentials().insert(row)
      expect(inserted).toMatchObject(row)
      expect(inserted).toMatchObject({ generation: 0, lastUsedAt: null, deletedAt: null, leaseOwner: null })
      expect(Math.abs(inserted.createdAt - Date.now())).toBeLessThan(60_000)
      expect(await credentials().find(row.id)).toEqual(inserted)
      expect(await credentials().find('cred_none')).toBeNull()
    })

    it('have names unique to their owner, whatever the case, among the saved', async () => {
      const first = await credentials().insert(newCredential({ name: 'Große Firma', ownerId: 'usr_names' }))
      const same = () => newCredential({ name: 'GROSSE firma', ownerId: 'usr_names' })
      const refusal = { code: 'name_taken', errors: [{ field: 'name', rule: 'unique' }] }
      await expect(credentials().insert(same())).rejects.toMatchObject(refusal)
      await credentials().insert({ ...same(), ownerId: 'usr_other' })
      const draft = await credentials().insert({
        ...same(),
        status: 'draft',
        draftExpiresAt: fromNow(60_000),
      })
      await expect(credentials().update(draft.id, { status: 'verified' })).rejects.toMatchObject(refusal)
      expect((await credentials().find(draft.id))?.status).toBe('draft')
      await credentials().update(first.id, { deletedAt: fromNow(0) })
      expect(
        await credentials().update(draft.id, { status: 'verified', draftExpiresAt: null }),
      ).toMatchObject({
        status: 'verified',
        draftExpiresAt: null,
      })
      const other = await credentials().insert(newCredential({ ownerId: 'usr_names' }))
      await expect(credentials().update(other.id, { name: 'große FIRMA' })).rejects.toMatchObject(refusal)
    })

    it('give a name to one of several who take it at once', async () => {
      const { stores, rival } = getSubject()
      const attempts = Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? stores : rival).credentials.insert(
          newCredential({ name: 'Contended', ownerId: 'usr_race' }),
        ),
      )
      const outcomes = await Promise.allSettled(attempts)
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name_taken' })
    })

    it('take names of any length', async () => {
      const name = 'ﷺ'.repeat(200)
      const owner = { ownerId: 'usr_long' }
      await credentials().insert(newCredential({ name, ...owner }))
      await credentials().insert(newCredential({ name: `${name.slice(0, 199)}x`, ...owner }))
      await expect(credentials().insert(newCredential({ name, ...owner }))).rejects.toMatchObject({
        code: 'name_taken',
      })
    })

    it('change only what is named, and by the expected version', async () => {
      const row = await credentials().insert(newCredential({ tags: ['kept'], description: 'kept' }))
      const sealed = { wrappedKey: 'lw1.k2.n.c', fields: { apiKey: 'new' } }
      expect(await credentials().update(row.id, { sealed, secretVersion: 2 }, 7)).toBeNull()
      const updated = await credentials().update(
        row.id,
        { sealed, secretVersion: 2, identity: identitySample },
        1,
      )
      expect(updated).toMatchObject({ sealed, secretVersion: 2, identity: identitySample, tags: ['kept'] })
      expect(updated?.description).toBe('kept')
      expect(await credentials().update(row.id, {}, 2)).toEqual(updated)
      expect(await credentials().update(row.id, {}, 1)).toBeNull()
      expect(await credentials().update('cred_none', { name: 'x' })).toBeNull()
      const checked = await credentials().update(row.id, {
        status: 'failed',
        reasonCode: 'api_key_rejected',
        reasonMessage: 'No.',
        statusAt: fromNow(5_000),
      })
      expect(checked).toMatchObject({
        status: 'failed',
        reasonCode: 'api_key_rejected',
        updatedAt: updated?.updatedAt,
      })
    })

    it('let one of two replacements with the same expected version win', async () => {
      const { stores, rival } = getSubject()
      const row = await credentials().insert(newCredential())
      const answers = await Promise.all(
        [stores, rival].map(({ credentials: store }, index) =>
          store.update(row.id, { sealed: { ...sealedSample, wrappedKey: `k${index}` }, secretVersion: 2 }, 1),
        ),
      )
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1)
    })

    it('are gone once deleted, and erased after a while', async () => {
      const row = await credentials().insert(newCredential())
      await credentials().update(row.id, { deletedAt: fromNow(-60_000) })
      expect(await credentials().find(row.id)).toBeNull()
      expect(await credentials().acquireLease(row.id, 'me', 1_000)).toBeNull()
      const isStored = async () =>
        (await getSubject()
          .stores.database.tables.selectFrom('credentials')
          .select('id')
          .where('id', '=', row.id)
          .executeTakeFirst()) !== undefined
      await credentials().eraseDeleted(3_600_000)
      expect(await isStored()).toBe(true)
      expect(await credentials().eraseDeleted(30_000)).toBe(1)
      expect(await isStored()).toBe(false)
    })

    it('are not deleted while used, nor used once deleted', async () => {
      const { stores, rival } = getSubject()
      const used = await credentials().insert(newCredential())
      const end = await stores.sides.insert(newEnd({ credentialId: used.id, name: 'Leads' }))
      await expect(credentials().update(used.id, { deletedAt: fromNow(0) })).rejects.toMatchObject({
        code: 'credential_in_use',
        blockers: [{ kind: 'source', id: end.id, name: 'Leads' }],
      })
      for (let round = 0; round < 10; round++) {
        const row = await credentials().insert(newCredential())
        const [deleted, begun] = await Promise.allSettled([
          stores.credentials.update(row.id, { deletedAt: fromNow(0) }),
          rival.sides.insert(newEnd({ credentialId: row.id })),
        ])
        expect([deleted.status, begun.status].sort()).toEqual(['fulfilled', 'rejected'])
        if (begun.status === 'rejected') expect(begun.reason).toMatchObject({ code: 'credential_not_found' })
        if (deleted.status === 'rejected') expect(deleted.reason).toMatchObject({ code: 'credential_in_use' })
      }
    })

    it('note when they were last used', async () => {
      const row = await credentials().insert(newCredential())
      await credentials().touch(row.id)
      const used = await credentials().find(row.id)
      expect(Math.abs((used?.lastUsedAt ?? 0) - Date.now())).toBeLessThan(60_000)
      expect(used?.updatedAt).toBe(row.updatedAt)
    })

    it('that are drafts past their time are taken once, with all that belongs to them', async () => {
      const { stores, rival } = getSubject()
      const draft = (expires: number) =>
        credentials().insert(newCredential({ name: '', status: 'draft', draftExpiresAt: fromNow(expires) }))
      const stale = [await draft(-5_000), await draft(-4_000), await draft(-3_000)]
      const fresh = await draft(60_000)
      await stores.authorizations.insert({
        stateHash: `state-of-${stale[0]?.id}`,
        credentialId: stale[0]?.id ?? '',
        userId: 'usr_1',
        browserHash: 'b',
        begunBy: 'session:1',
        ownerId: 'usr_1',
        sealedVerifier: sealedSample,
        returnTo: '/',
        display: 'page',
        confirmIdentityChange: false,
        expiresAt: fromNow(60_000),
      })
      const taken = (
        await Promise.all([stores.credentials.takeExpiredDrafts(2), rival.credentials.takeExpiredDrafts(2)])
      ).flat()
      const rest = await credentials().takeExpiredDrafts(10)
      expect([...taken, ...rest].map((row) => row.id).sort()).toEqual(stale.map((row) => row.id).sort())
      expect(await stores.authorizations.take(`state-of-${stale[0]?.id}`)).toBeNull()
      expect(await credentials().find(fresh.id)).not.toBeNull()
      await credentials().erase(fresh.id)
      expect(await credentials().find(fresh.id)).toBeNull()
    })

    it('say so when a column was tampered with, without repeating it', async () => {
      const row = await credentials().insert(newCredential())
      const { tables } = getSubject().stores.database
      await tables
        .updateTable('credentials')
        .set({ sealed: '{"stray":"canary"}' })
        .where('id', '=', row.id)
        .execute()
      const damaged = await credentials().find(row.id)
      expect(damaged).toMatchObject({ id: row.id, name: row.name, sealed: { wrappedKey: '', fields: {} } })
      expect(JSON.stringify(damaged)).not.toContain('canary')
      await tables
        .updateTable('credentials')
        .set({ sealed: JSON.stringify(sealedSample), tags: 'canary' })
        .where('id', '=', row.id)
        .execute()
      const stored = await tables
        .selectFrom('credentials')
        .selectAll()
        .where('id', '=', row.id)
        .executeTakeFirst()
      expect(() => stored && toRow(stored)).toThrow(expect.not.objectContaining({ message: /canary/ }))
      await credentials().erase(row.id)
      expect((await credentials().list(listQuery({ query: row.name }))).total).toBe(0)
    })
  })
}
