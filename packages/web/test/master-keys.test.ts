import type { MasterKey } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { ageOf, roleOf, usesOf, valuesOnOthers } from '../src/master-keys/words.ts'

const key: MasterKey = {
  id: '0123456789abcdef',
  state: 'active',
  source: 'the key file /srv/master.key',
  firstSeenAt: '2026-01-01T00:00:00.000Z',
  retiredAt: null,
  ageDays: 0,
  operations: 1000,
  rows: 3,
  warnings: [],
}

describe('a master key in words', () => {
  it.each([
    [0, 0, 'good', 'In use since today', 'change it within 365 days'],
    [1, 0, 'good', 'In use for 1 day', 'change it within 364 days'],
    [334, 92, 'good', 'In use for 334 days', 'change it within 31 days'],
    [335, 92, 'warning', 'In use for 335 days', 'change it within 30 days'],
    [364, 100, 'warning', 'In use for 364 days', 'change it within 1 day'],
    [365, 100, 'warning', 'In use for 365 days', 'its year is over: rotate'],
    [1400, 100, 'warning', 'In use for 1,400 days', '1,035 days over its year: rotate'],
  ])('is of an age of %d days', (ageDays, percent, tone, inUse, left) => {
    expect(ageOf({ ageDays })).toEqual({ percent, tone, inUse, left })
  })

  it('says how far its uses are from the limit', () => {
    expect(usesOf({ operations: 1000 })).toBe('1,000 uses, less than 1% of what is safe')
    expect(usesOf({ operations: 2 ** 30 })).toBe('1,073,741,824 uses, 50% of what is safe')
  })

  it('that only opens is still to come, or was used before', () => {
    expect(roleOf(key)).toBe('active')
    expect(roleOf({ ...key, state: 'readable', operations: 0, rows: 0 })).toBe('next')
    expect(roleOf({ ...key, state: 'readable' })).toBe('old')
    expect(roleOf({ ...key, state: 'readable', operations: 0 })).toBe('old')
  })

  it('counts what is under other keys, without what was set aside', () => {
    const old: MasterKey = { ...key, state: 'readable' }
    const aside = { table: 'credentials', rowId: 'cred_1', code: 'secret_unreadable', at: key.firstSeenAt }
    expect(valuesOnOthers({ items: [key, old], quarantined: [] })).toBe(3)
    expect(valuesOnOthers({ items: [key, old], quarantined: [aside] })).toBe(2)
  })
})
