import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { Swap } from '../../src/credentials/store/previous.ts'
import { fromNow, identitySample, newCredential, sealedSample } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describePrevious(getSubject: GetSubject): void {
  const aside = (credentialId: string, version = 1, endsAt = fromNow(60_000)): NonNullable<Swap['keep']> => ({
    credentialId,
    method: 'api_key',
    values: { scope: 'all' },
    identity: identitySample,
    grantedScope: null,
    accessTokenExpiresAt: null,
    keyNote: 'by hand',
    sealed: sealedSample,
    version,
    suffix: 'ab12',
    replacedBy: 'usr_1',
    usedSince: fromNow(-86_400_000),
    lastUsedAt: fromNow(-60_000),
    undoUntil: fromNow(60_000),
    endsAt,
  })

  describe('what is put aside', () => {
    it('is kept in the same commit as the change, and the last one only', async () => {
      const { stores, rival } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      expect(await stores.previous.find(id)).toBeNull()
      const change = { method: 'oauth2', secretVersion: 2, keyNote: 'new', permissions: ['calling'] }
      const keep = aside(id)
      const saved = await stores.previous.swap({ id, change, expectedVersion: 1, keep })
      expect(saved).toMatchObject(change)
      expect(await rival.previous.find(id)).toEqual({ ...keep, replacedAt: expect.any(Number) })
      await stores.previous.swap({ id, change: { secretVersion: 3 }, expectedVersion: 2, keep: aside(id, 2) })
      expect(await rival.previous.find(id)).toMatchObject({ version: 2 })
      await stores.previous.erase(id, 1)
      expect(await stores.previous.find(id)).not.toBeNull()
      await stores.previous.swap({ id, change: { secretVersion: 4 }, expectedVersion: 3, keep: null })
      expect(await stores.previous.find(id)).toBeNull()
    })

    it('is not touched by a change that came too late: of two at once one wins', async () => {
      const { stores, rival } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      const swap = { id, change: { secretVersion: 2 }, expectedVersion: 1, keep: aside(id) }
      const both = await Promise.all([stores.previous.swap(swap), rival.previous.swap(swap)])
      expect(both.filter((each) => each === null)).toHaveLength(1)
      expect(await stores.previous.swap({ ...swap, id: newId('credential') })).toBeNull()
    })

    it('goes with the draft whose tokens moved, or nothing changes', async () => {
      const { stores } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      const draft = await stores.credentials.insert(
        newCredential({ status: 'draft', draftExpiresAt: fromNow(60_000) }),
      )
      const swap = { id, change: { secretVersion: 2 }, expectedVersion: 1, keep: aside(id) }
      expect(await stores.previous.swap({ ...swap, draft: { id: draft.id, version: 7 } })).toBeNull()
      expect(await stores.previous.find(id)).toBeNull()
      expect(await stores.credentials.find(id)).toMatchObject({ secretVersion: 1 })
      expect(await stores.previous.swap({ ...swap, draft: { id: draft.id, version: 1 } })).not.toBeNull()
      expect(await stores.credentials.find(draft.id)).toBeNull()
    })

    it('is taken once when its time is up', async () => {
      const { stores, rival } = getSubject()
      const { id } = await stores.credentials.insert(newCredential())
      await stores.previous.swap({
        id,
        change: { secretVersion: 2 },
        expectedVersion: 1,
        keep: aside(id, 1, fromNow(-1000)),
      })
      const taken = await Promise.all([stores.previous.takeEnded(10), rival.previous.takeEnded(10)])
      expect(taken.flat().filter((row) => row.credentialId === id)).toHaveLength(1)
    })
  })
}
