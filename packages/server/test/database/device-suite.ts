import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { GetSubject } from './subject.ts'

export function describeDevices(getSubject: GetSubject): void {
  describe('devices', () => {
    const insert = async (ttlMs = 60_000) => {
      const codes = { deviceHash: randomUUID(), userHash: randomUUID() }
      const row = { ...codes, deviceName: 'larch', address: '::1', ttlMs, intervalSeconds: 60 }
      expect(await getSubject().stores.devices.insert(row)).toBe(true)
      return { ...codes, row }
    }

    it('have each user code once at a time', async () => {
      const { devices } = getSubject().stores
      const { userHash, row } = await insert()
      expect(await devices.insert({ ...row, deviceHash: randomUUID() })).toBe(false)
      const found = await devices.findUndecided(userHash)
      expect(found).toMatchObject({ deviceName: 'larch', address: '::1' })
      expect((found?.expiresAt ?? 0) - (found?.createdAt ?? 0)).toBe(60_000)
    })

    it('are decided by one of several, and fetched by one of several', async () => {
      const { stores, rival } = getSubject()
      const { deviceHash, userHash } = await insert()
      const deciders = [stores, rival, stores, rival]
      const decided = await Promise.all(
        deciders.map(({ devices }, n) => devices.decide(userHash, n % 2 === 0 ? 'usr_1' : null)),
      )
      expect(decided.filter((done) => done)).toHaveLength(1)
      expect(await stores.devices.findUndecided(userHash)).toBeNull()
      const polls = await Promise.all(deciders.map(({ devices }) => devices.poll(deviceHash)))
      const allowed = decided.indexOf(true) % 2 === 0
      expect(polls.filter(({ kind }) => kind !== 'unknown')).toEqual([
        allowed ? { kind: 'allowed', userId: 'usr_1', deviceName: 'larch' } : { kind: 'denied' },
      ])
    })

    it('hear of it when they ask too soon', async () => {
      const { devices } = getSubject().stores
      const { deviceHash } = await insert()
      expect(await devices.poll(deviceHash)).toEqual({ kind: 'pending' })
      expect(await devices.poll(deviceHash)).toEqual({ kind: 'too_soon' })
      expect(await devices.poll(randomUUID())).toEqual({ kind: 'unknown' })
    })

    it('are of no use once expired', async () => {
      const { devices } = getSubject().stores
      const { deviceHash, userHash } = await insert(-1000)
      expect(await devices.findUndecided(userHash)).toBeNull()
      expect(await devices.decide(userHash, 'usr_1')).toBe(false)
      expect(await devices.poll(deviceHash)).toEqual({ kind: 'unknown' })
      const valid = await insert()
      await devices.eraseExpired()
      expect(await devices.findUndecided(valid.userHash)).not.toBeNull()
    })
  })
}
