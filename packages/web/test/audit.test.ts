import { endpoints } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { filterOf } from '../src/audit/filter.ts'
import { sealWords } from '../src/audit/seals.ts'
import { acts, kinds } from '../src/audit/sentence.ts'

const audited = Object.values(endpoints)
  .flatMap((group) => Object.values(group))
  .flatMap(({ audit }) => (audit ? [audit.action] : []))

describe('the audit log in words', () => {
  it.each([...new Set(audited)])('has a deed for %s, and a kind to narrow it to', (action) => {
    expect(acts[action]?.length).toBeGreaterThan(6)
    expect(kinds.some(({ value }) => action.startsWith(value))).toBe(true)
  })

  it('is narrowed to days of the reader, and to a thing', () => {
    const from = new Date(2026, 1, 3).toISOString()
    const to = new Date(2026, 1, 4, 23, 59, 59, 999).toISOString()
    expect(filterOf({ object: 'cred_1', from: '2026-02-03', to: '2026-02-04' })).toEqual({
      objectId: 'cred_1',
      from,
      to,
    })
  })
})

describe('the seals of calls', () => {
  it('are told in a sentence', () => {
    const words = (hours: number) => sealWords({ intact: true, hours, fault: null })
    expect(words(0)).toContain('No calls of passes are sealed yet')
    expect(words(1)).toContain('those of the one sealed hour are')
    expect(words(1_200)).toContain('those of all 1,200 sealed hours are')
    const message = 'A call of the hour from 10:00 was changed.'
    const fault = { hour: '2026-11-28T10:00:00.000Z', message }
    expect(sealWords({ intact: false, hours: 3, fault })).toBe(
      `The calls of passes were changed after they were sealed. ${message}`,
    )
  })
})
