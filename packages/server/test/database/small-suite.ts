import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { fromNow, newCredential, sealedSample } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeSmallStores(getSubject: GetSubject): void {
  describe('authorizations', () => {
    const insert = async (stateHash: string, expiresInMs: number) => {
      const { stores } = getSubject()
      const credential = await stores.credentials.insert(newCredential())
      const row = {
        stateHash,
        credentialId: credential.id,
        userId: 'usr_1',
        browserHash: 'browser',
        begunBy: 'session:1',
        ownerId: 'usr_1',
        sealedVerifier: sealedSample,
        returnTo: '/flows/new?step=2',
        display: 'popup' as const,
        confirmIdentityChange: true,
        expiresAt: fromNow(expiresInMs),
      }
      await stores.authorizations.insert(row)
      return row
    }

    it('are taken by one of several callers', async () => {
      const { stores, rival } = getSubject()
      const row = await insert('taken', 60_000)
      const answers = await Promise.all(
        [stores, rival, stores, rival].map(({ authorizations }) => authorizations.take('taken')),
      )
      expect(answers.filter((answer) => answer !== null)).toEqual([row])
      expect(await stores.authorizations.take('unknown')).toBeNull()
    })

    it('are of no use once expired', async () => {
      const { authorizations } = getSubject().stores
      await insert('late', -1_000)
      await insert('swept', -1_000)
      await insert('valid', 60_000)
      expect(await authorizations.take('late')).toBeNull()
      await authorizations.eraseExpired()
      expect(await authorizations.take('swept')).toBeNull()
      expect(await authorizations.take('valid')).not.toBeNull()
    })
  })

  describe('API tokens', () => {
    const newToken = (changes: { userId?: string; expiresAt?: number | null } = {}) => {
      const id = newId('token')
      return {
        id,
        userId: 'usr_1',
        name: 'CI',
        hash: `hash of ${id}`,
        suffix: 'abcd',
        expiresAt: null,
        ...changes,
      }
    }

    it('are found by their hash until they expire', async () => {
      const { tokens } = getSubject().stores
      const inserted = await tokens.insert(newToken({ expiresAt: fromNow(60_000) }))
      expect(await tokens.findByHash(inserted.hash)).toEqual(inserted)
      expect(inserted.lastUsedAt).toBeNull()
      await tokens.touch(inserted.id, '192.0.2.7')
      const used = await tokens.findByHash(inserted.hash)
      expect(used?.lastUsedAt).not.toBeNull()
      await tokens.touch(inserted.id, '192.0.2.7')
      expect(await tokens.findByHash(inserted.hash)).toEqual(used)
      const expired = await tokens.insert(newToken({ expiresAt: fromNow(-1) }))
      expect(await tokens.findByHash(expired.hash)).toBeNull()
      expect(await tokens.findByHash('none')).toBeNull()
    })

    it('are listed to and erased by their user only', async () => {
      const { tokens } = getSubject().stores
      const mine = await tokens.insert(newToken({ userId: 'usr_mine' }))
      expect(await tokens.list('usr_mine')).toEqual([mine])
      expect(await tokens.erase(mine.id, 'usr_other')).toBe(false)
      expect(await tokens.erase(mine.id, 'usr_mine')).toBe(true)
      expect(await tokens.list('usr_mine')).toEqual([])
    })
  })

  it('sessions are kept until they expire or are erased', async () => {
    const { sessions } = getSubject().stores
    await sessions.set('a', 'one', fromNow(60_000))
    await sessions.set('a', 'two', fromNow(60_000))
    await sessions.set('b', 'ever', null)
    await sessions.set('c', 'over', fromNow(-1_000))
    expect([await sessions.get('a'), await sessions.get('b'), await sessions.get('c')]).toEqual([
      'two',
      'ever',
      null,
    ])
    await sessions.eraseExpired()
    await sessions.erase('a')
    expect([await sessions.get('a'), await sessions.get('b')]).toEqual([null, 'ever'])
    const rows = await getSubject().stores.database.tables.selectFrom('sessions').select('keyHash').execute()
    expect(rows).toEqual([{ keyHash: 'b' }])
  })

  it('facts are set, set once, and erased', async () => {
    const { stores, rival } = getSubject()
    expect(await stores.metadata.get('sentinel')).toBeNull()
    const values = await Promise.all(
      [stores, rival].map(({ metadata }, index) => metadata.setOnce('sentinel', `${index}`)),
    )
    expect(new Set(values).size).toBe(1)
    expect(await stores.metadata.get('sentinel')).toBe(values[0])
    await stores.metadata.set('sentinel', 'new')
    expect(await stores.metadata.setOnce('sentinel', 'other')).toBe('new')
    await stores.metadata.erase('sentinel')
    expect(await stores.metadata.get('sentinel')).toBeNull()
  })

  it("the database tells its own time, and that it's there", async () => {
    const { stores } = getSubject()
    expect(Math.abs((await stores.now()).getTime() - Date.now())).toBeLessThan(60_000)
    await stores.ping()
  })
}
