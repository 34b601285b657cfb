import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  numbersExplained,
  numbersInTitles,
  readRegister,
  requirementCount,
  requirementsIn,
  withHolders,
} from '../security-register.ts'

const checkout = join(import.meta.dirname, '../..')
const numbers = Array.from({ length: requirementCount }, (_, index) => index + 1)

describe('the security requirements', () => {
  it('are each held by a test whose title begins with its number, or SECURITY.md says why not', async () => {
    const { holders, explained } = await readRegister(checkout)
    expect(numbers.filter((number) => !holders.has(number) && !explained.includes(number))).toEqual([])
    const known = [...holders.keys(), ...explained]
    expect(known.filter((number) => !numbers.includes(number))).toEqual([])
  })

  it('stand in docs/security-requirements.md, with what holds them', async () => {
    const { table, expected } = await readRegister(checkout)
    expect(requirementsIn(table)).toEqual(numbers)
    expect(table, 'run node tools/security-register.ts').toBe(expected)
  })
})

describe('the register', () => {
  it('finds numbers at the beginning of a title only', () => {
    // With signs in place of the quotes, so that this file holds no number itself.
    const text = [
      'it(@#1 #2 two at once@, () => {})',
      'it.each([1])(\n  @#3 for each: %s@, () => {})',
      'describe(@#4: a group@)',
      'it(@of #5, in the middle@)',
      'it(@#6th is no number@)',
    ]
    for (const quote of ["'", '"', '`']) {
      expect(numbersInTitles(text.join('\n').replaceAll('@', quote))).toEqual([1, 2, 3, 4])
    }
  })

  it('finds what SECURITY.md explains, and fills the table from both', () => {
    expect(numbersExplained('- #8 #9 Not so.\n- Of #10 nothing.\nNor of #11 here.')).toEqual([8, 9])
    const table = '| # | What | Held by |\n| --- | --- | --- |\n| 1 | One. | old |\n| 8 | Eight. |  |\n'
    const holders = new Map([[1, ['server/b', 'server/a']]])
    expect(withHolders(table, holders, [8])).toBe(
      '| # | What | Held by |\n| --- | --- | --- |\n| 1 | One. | `server/a`, `server/b` |\n| 8 | Eight. | [SECURITY.md](../SECURITY.md) |\n',
    )
  })
})
