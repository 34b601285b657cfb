import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Break, placeOf } from '../mutation/break.ts'
import { findRunnable } from '../mutation/runnable.ts'
import {
  faultsOfBreaks,
  numbersExplained,
  numbersInTitles,
  readRegister,
  requirementsIn,
  withBreaks,
  withHolders,
} from '../security-register.ts'

const checkout = join(import.meta.dirname, '../..')
const breaksBegin = '<!-- What follows is written from tools/mutation/breaks.ts. -->\n'

describe('the security requirements', () => {
  it('are each held by a test whose title begins with its number, or SECURITY.md says why not', async () => {
    const { table, holders, explained } = await readRegister(checkout)
    const numbers = requirementsIn(table)
    expect(numbers.filter((number) => !holders.has(number) && !explained.includes(number))).toEqual([])
    const known = [...holders.keys(), ...explained]
    expect(known.filter((number) => !numbers.includes(number))).toEqual([])
  })

  it('stand in docs/security-requirements.md, with what holds them', async () => {
    const { table, expected } = await readRegister(checkout)
    const numbers = requirementsIn(table)
    expect(numbers.length).toBeGreaterThan(60)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    expect(table, 'run node tools/security-register.ts').toBe(expected)
  })

  it('can each be broken, in a place that is there', async () => {
    expect((await readRegister(checkout)).faults).toEqual([])
  })
})

describe('the register', () => {
  it('finds numbers at the beginning of a title only', () => {
    // With @ in place of the quotes, so that this file itself holds no requirement.
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
    const holders = new Map([[1, ['packages/server/test/b.test.ts', 'packages/server/test/a.test.ts']]])
    expect(withHolders(table, holders, [8])).toBe(
      '| # | What | Held by |\n| --- | --- | --- |\n| 1 | One. | `server/a`, `server/b` |\n| 8 | Eight. | [SECURITY.md](../SECURITY.md) |\n',
    )
  })

  const break1 = { requirement: 1, what: 'the door is open', file: 'door.ts', find: 'lock()', put: '' }

  it('says how each was broken, or why nothing breaks it', () => {
    const page = `| 1 | One. | \`a\` |\n| 2 | Two. |  |\n\n${breaksBegin}\nold\n`
    const second = { ...break1, what: 'nobody looks' }
    const listed = withBreaks(page, [break1, second], [{ requirement: 2, why: 'there is no door' }])
    expect(listed).toBe(
      `| 1 | One. | \`a\` |\n| 2 | Two. |  |\n\n${breaksBegin}\n- #1 The door is open; nobody looks.\n- #2 Not broken: there is no door.\n`,
    )
  })

  it('misses the break of a requirement, and one that has no place', () => {
    const nothing = () => undefined
    const faults = (numbers: number[], why: number[], find: (each: Break) => unknown = nothing) =>
      faultsOfBreaks(
        numbers,
        [break1],
        why.map((requirement) => ({ requirement, why: 'there is no door' })),
        find,
      )
    expect(faults([1, 2], [2])).toEqual([])
    expect(faults([1, 2], [])).toEqual([expect.stringMatching(/^#2 has no break/)])
    expect(faults([1], [1])).toEqual([expect.stringMatching(/^#1 has a break, and a reason/)])
    expect(faults([], [])).toEqual([expect.stringMatching(/^#1 .* is no requirement$/)])
    const lost = () => {
      throw new Error('nowhere')
    }
    expect(faults([1], [], lost)).toEqual(['#1 the door is open: nowhere'])
  })
})

describe('a break', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchwork-breaks-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const door = { requirement: 1, what: 'the door is open', file: 'door.ts', find: 'lock()', put: 'leave()' }
  const place = (texts: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return placeOf(door, folder, Object.keys(texts))
  }

  it('finds its place in whichever folder the file is', () => {
    const found = place({ 'a/door.ts': 'open()', 'b/c/door.ts': 'go(); lock()', 'b/other-door.ts': 'lock()' })
    expect(found).toEqual({ path: 'b/c/door.ts', text: 'go(); lock()', broken: 'go(); leave()' })
  })

  it.each<[string, Record<string, string>]>([
    ['nowhere', { 'a/door.ts': 'open()' }],
    ['2 times in a/door.ts', { 'a/door.ts': 'lock() lock()' }],
    ['1 times in a/door.ts, 1 times in b/door.ts', { 'a/door.ts': 'lock()', 'b/door.ts': 'lock()' }],
  ])('says that its text is there %s', (where, texts) => {
    expect(() => place(texts)).toThrow(`has it ${where}: lock()`)
  })

  it('is tried with the tests that import a suite, and with no test of a browser', () => {
    const stores = 'packages/server/test/database'
    const found = findRunnable([`${stores}/share-suite.ts`, 'e2e/tests/terminal.spec.ts'], checkout)
    expect(found).toContain(`${stores}/sqlite.test.ts`)
    expect(
      found.filter((path) => !/^packages\/server\/test\/database\/[a-z-]+\.test\.ts$/.test(path)),
    ).toEqual([])
  })
})
