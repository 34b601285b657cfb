import { endpoints } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { filterOf } from '../src/audit/filter.ts'
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
