import { errorCatalogue } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { fromNow, newCredential, sealedSample } from './samples.ts'
import type { GetSubject } from './subject.ts'

const longMs = 60_000

export function describeRefreshing(getSubject: GetSubject): void {
  describe('refreshing', () => {
    const credentials = () => getSubject().stores.credentials
    const insert = () =>
      credentials().insert(newCredential({ method: 'oauth2', accessTokenExpiresAt: fromNow(longMs) }))
    const pair = (secretVersion: number) => ({
      sealed: { ...sealedSample, wrappedKey: `version ${secretVersion}` },
      secretVersion,
      grantedScope: 'all.full_access',
      accessTokenExpiresAt: Date.parse('2030-01-01T00:00:00.000Z'),
    })

    it('gives the lease to one of many who race for it', async () => {
      const { stores, rival } = getSubject()
      const { id } = await insert()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? stores : rival).credentials.acquireLease(id, `owner ${index}`, longMs),
        ),
      )
      const winners = answers.filter((answer) => answer !== null)
      expect(winners).toHaveLength(1)
      expect((await credentials().find(id))?.leaseOwner).toBe(winners[0]?.leaseOwner)
    })

    it('renews a lease for its owner and hands on one that is over', async () => {
      const { id } = await insert()
      const first = await credentials().acquireLease(id, 'first', longMs)
      const renewed = await credentials().acquireLease(id, 'first', 2 * longMs)
      expect(renewed?.leaseExpiresAt).toBeGreaterThan(first?.leaseExpiresAt ?? Infinity)
      expect(await credentials().acquireLease(id, 'second', longMs)).toBeNull()
      await credentials().acquireLease(id, 'first', 0)
      expect(await credentials().acquireLease(id, 'second', longMs)).toMatchObject({ leaseOwner: 'second' })
      expect(await credentials().acquireLease('cred_none', 'first', longMs)).toBeNull()
    })

    it('records the intent of the lease holder only, and for the current generation only', async () => {
      const { id } = await insert()
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(false)
      await credentials().acquireLease(id, 'me', longMs)
      expect(await credentials().recordIntent(id, 'you', 0)).toBe(false)
      expect(await credentials().recordIntent(id, 'me', 1)).toBe(false)
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(true)
      const row = await credentials().find(id)
      expect(row).toMatchObject({ intentGeneration: 0, leaseOwner: 'me' })
      expect(Math.abs((row?.intentAt ?? 0) - Date.now())).toBeLessThan(60_000)
      await credentials().acquireLease(id, 'me', 0)
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(false)
    })

    it('saves both tokens at once and ends lease and intent', async () => {
      const before = await insert()
      await credentials().acquireLease(before.id, 'me', longMs)
      await credentials().recordIntent(before.id, 'me', 0)
      expect(await credentials().saveTokens(before.id, 0, pair(2))).toBe(true)
      const after = await credentials().find(before.id)
      expect(after).toEqual({ ...before, ...pair(2), generation: 1 })
    })

    it('refuses a pair of a stale generation or of a secret that was replaced meanwhile', async () => {
      const { id } = await insert()
      expect(await credentials().saveTokens(id, 0, pair(2))).toBe(true)
      expect(await credentials().saveTokens(id, 0, pair(3))).toBe(false)
      await credentials().update(id, { sealed: sealedSample, secretVersion: 3 }, 2)
      expect(await credentials().saveTokens(id, 1, pair(3))).toBe(false)
      expect(await credentials().find(id)).toMatchObject({
        sealed: sealedSample,
        secretVersion: 3,
        generation: 1,
      })
      expect(await credentials().saveTokens(id, 1, pair(4))).toBe(true)
    })

    it('saves one of two pairs that race', async () => {
      const { stores, rival } = getSubject()
      for (let round = 0; round < 10; round++) {
        const { id } = await insert()
        const saved = await Promise.all([
          stores.credentials.saveTokens(id, 0, pair(2)),
          rival.credentials.saveTokens(id, 0, pair(2)),
        ])
        expect(saved.sort()).toEqual([false, true])
      }
    })

    it('lets go of the lease, with or without the intent, for its owner only', async () => {
      const { id } = await insert()
      await credentials().acquireLease(id, 'me', longMs)
      await credentials().recordIntent(id, 'me', 0)
      await credentials().releaseLease(id, 'you', true)
      expect(await credentials().find(id)).toMatchObject({ leaseOwner: 'me', intentGeneration: 0 })
      await credentials().releaseLease(id, 'me', false)
      expect(await credentials().find(id)).toMatchObject({
        leaseOwner: null,
        leaseExpiresAt: null,
        intentGeneration: 0,
      })
      await credentials().acquireLease(id, 'you', longMs)
      await credentials().releaseLease(id, 'you', true)
      expect(await credentials().find(id)).toMatchObject({
        leaseOwner: null,
        intentGeneration: null,
        intentAt: null,
      })
    })

    it('#21 spends one generation twice without an answer, and never more', async () => {
      const { id } = await insert()
      const intents = async () => (await credentials().find(id))?.intentRequests
      await credentials().acquireLease(id, 'me', longMs)
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(true)
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(true)
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(false)
      expect(await intents()).toBe(2)
      await credentials().releaseLease(id, 'me', true) // that request was not carried out
      expect(await credentials().find(id)).toMatchObject({ intentRequests: 1, intentGeneration: 0 })
      await credentials().acquireLease(id, 'me', longMs)
      expect(await credentials().recordIntent(id, 'me', 0)).toBe(true)
      expect(await credentials().failGrant(id, 0, 'oauth_client_rejected', '', 'me')).toBe(true)
      expect(await credentials().find(id)).toMatchObject({
        intentRequests: 1,
        intentGeneration: 0,
        leaseOwner: null,
      })
      await credentials().saveTokens(id, 0, pair(2))
      expect(await intents()).toBe(0)
    })

    it.each(['lost_rotation', 'grant_rejected', 'access_revoked'])(
      'keeps the reason why a grant ended (%s), whatever is found out afterwards',
      async (reason) => {
        const { id } = await insert()
        expect(await credentials().failGrant(id, 0, reason, 'Sign in again.')).toBe(true)
        const before = await credentials().find(id)
        expect(await credentials().failGrant(id, 0, 'grant_rejected', 'another')).toBe(false)
        const seen = { status: 'verified', reasonCode: null, reasonMessage: null } as const
        expect(await credentials().update(id, { ...seen, statusAt: fromNow(0) })).toBeNull()
        expect(await credentials().find(id)).toEqual(before)
        const anew = { ...seen, sealed: sealedSample, secretVersion: 2, generation: 1 }
        expect(await credentials().update(id, anew, 1)).toMatchObject(seen)
      },
    )

    it('fails a grant unless a newer pair is there', async () => {
      const { id } = await insert()
      await credentials().saveTokens(id, 0, pair(2))
      expect(await credentials().failGrant(id, 0, 'grant_rejected', 'Sign in again.')).toBe(false)
      expect((await credentials().find(id))?.status).toBe('verified')
      await credentials().acquireLease(id, 'me', longMs)
      expect(await credentials().failGrant(id, 1, 'grant_rejected', 'Sign in again.')).toBe(true)
      expect(await credentials().find(id)).toMatchObject({
        status: 'failed',
        reasonCode: 'grant_rejected',
        reasonMessage: 'Sign in again.',
        leaseOwner: null,
        intentGeneration: null,
      })
      const { statusAt = 0 } = (await credentials().find(id)) ?? {}
      expect(Math.abs(statusAt - Date.now())).toBeLessThan(60_000)
      const draft = await credentials().insert(
        newCredential({ name: '', status: 'draft', draftExpiresAt: fromNow(longMs) }),
      )
      expect(await credentials().failGrant(draft.id, 0, 'grant_rejected', 'Sign in again.')).toBe(true)
      expect(await credentials().find(draft.id)).toMatchObject({
        status: 'draft',
        reasonCode: 'grant_rejected',
      })
    })

    it('fails a grant for an owner only while it holds the lease', async () => {
      const { id } = await insert()
      await credentials().acquireLease(id, 'me', 0)
      expect(await credentials().failGrant(id, 0, 'grant_rejected', '', 'me')).toBe(false)
      await credentials().acquireLease(id, 'you', longMs)
      expect(await credentials().failGrant(id, 0, 'grant_rejected', '', 'me')).toBe(false)
      expect(await credentials().find(id)).toMatchObject({ status: 'verified', leaseOwner: 'you' })
      expect(await credentials().failGrant(id, 0, 'grant_rejected', '', 'you')).toBe(true)
    })

    it.each(['lost_rotation', 'grant_rejected', 'access_revoked'])(
      'takes back that a grant was given up (%s) when its pair is saved after all',
      async (reason) => {
        const { id } = await insert()
        const old = { status: 'failed', reasonCode: reason, reasonMessage: 'Sign in again.' } as const
        await credentials().update(id, { ...old, statusAt: Date.parse('2026-01-02T03:04:05.678Z') })
        expect(await credentials().saveTokens(id, 0, pair(2))).toBe(true)
        const row = await credentials().find(id)
        expect(row).toMatchObject({ status: 'unverified', reasonCode: 'never_checked', generation: 1 })
        expect(row?.reasonMessage).toBe(errorCatalogue.never_checked.title)
        expect(Math.abs((row?.statusAt ?? 0) - Date.now())).toBeLessThan(60_000)
      },
    )

    it('takes back no other failure, nor what a draft or a working credential says of itself', async () => {
      for (const [status, reasonCode] of [
        ['failed', 'oauth_client_rejected'],
        ['failed', 'identity_changed'],
        ['draft', 'lost_rotation'],
        ['verified', 'role_narrowed'],
      ] as const) {
        const { id, statusAt } = await insert()
        const state = { status, reasonCode, reasonMessage: 'Do something.' }
        await credentials().update(id, state)
        expect(await credentials().saveTokens(id, 0, pair(2))).toBe(true)
        expect(await credentials().find(id)).toMatchObject({ ...state, statusAt, generation: 1 })
      }
    })

    it('leases no credential that was deleted', async () => {
      const { id } = await insert()
      await credentials().update(id, { deletedAt: fromNow(0) })
      expect(await credentials().acquireLease(id, 'me', longMs)).toBeNull()
    })

    it('touches one credential at a time', async () => {
      const [one, other] = [await insert(), await insert()]
      await credentials().acquireLease(one.id, 'me', longMs)
      await credentials().recordIntent(one.id, 'me', 0)
      await credentials().releaseLease(one.id, 'me', true)
      await credentials().saveTokens(one.id, 0, pair(2))
      await credentials().failGrant(one.id, 1, 'grant_rejected', '')
      expect(await credentials().find(other.id)).toEqual(other)
    })

    it('makes a refresh under way void when the grant is replaced', async () => {
      const { id } = await insert()
      await credentials().acquireLease(id, 'me', longMs)
      await credentials().recordIntent(id, 'me', 0)
      await credentials().update(id, { sealed: sealedSample, secretVersion: 2, generation: 1 }, 1)
      expect(await credentials().find(id)).toMatchObject({
        leaseOwner: null,
        intentGeneration: null,
        generation: 1,
      })
      expect(await credentials().saveTokens(id, 0, pair(2))).toBe(false)
      expect(await credentials().failGrant(id, 0, 'grant_rejected', '')).toBe(false)
    })

    it('names what is about to expire, soonest first, and nothing that is beyond help', async () => {
      const at = (year: number, changes: Parameters<typeof newCredential>[0] = {}) =>
        credentials().insert(newCredential({ accessTokenExpiresAt: Date.UTC(year), ...changes }))
      const later = await at(2002)
      const sooner = await at(2001, { status: 'unverified' })
      await at(2001, { status: 'failed' })
      await at(2001, { status: 'draft', name: '', draftExpiresAt: fromNow(longMs) })
      const deleted = await at(2001)
      await credentials().update(deleted.id, { deletedAt: fromNow(0) })
      const expiring = async (before: number, limit: number) =>
        (await credentials().expiring(before, limit)).map(({ id }) => id)
      expect(await expiring(Date.UTC(2003), 10)).toEqual([sooner.id, later.id])
      expect(await expiring(Date.UTC(2003), 1)).toEqual([sooner.id])
      expect(await expiring(Date.UTC(2001, 5), 10)).toEqual([sooner.id])
      const [first] = await credentials().expiring(Date.UTC(2003), 1)
      const [second, none] = await credentials().expiring(Date.UTC(2003), 9, first)
      expect([second?.id, none]).toEqual([later.id, undefined])
      expect(await expiring(Date.UTC(2001), 10)).toEqual([])
      expect(await credentials().expiring(Date.UTC(2001, 5), 1)).toEqual([
        { id: sooner.id, expiresAt: Date.UTC(2001) },
      ])
    })
  })
}
