import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeySet } from '../../src/postgres/key-set.ts'

describe('a set of keys', () => {
  it('has what was added to it, however many and however often, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (added, asked) => {
        const keys = new KeySet()
        for (const [index, key] of added.entries()) {
          keys.add(key)
          if (index % 7 === 0) expect(keys.has(key)).toBe(true)
        }
        const expected = new Set(added)
        for (const key of [...added, ...asked]) expect(keys.has(key)).toBe(expected.has(key))
      }),
    )
  })

  it('grows', () => {
    const keys = new KeySet()
    for (let number = 0; number < 5000; number += 1) keys.add(`lead_${number}`)
    const all = Array.from({ length: 10_000 }, (_, number) => keys.has(`lead_${number}`))
    expect(all.indexOf(false)).toBe(5000)
    expect(all.lastIndexOf(true)).toBe(4999)
  })
})
