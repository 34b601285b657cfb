import { readFileSync } from 'node:fs'
import { reasonCodes } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { cureOf } from '../src/checks/cures.ts'

const guide = readFileSync(new URL('../../../docs/failures.md', import.meta.url), 'utf8')
const documented = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code ?? '')

describe('a failed credential', () => {
  it.each([...new Set([...reasonCodes, ...documented])])(
    'has words and a cure on the page for %s',
    (code) => {
      const cure = cureOf({ code })
      expect(cure?.what.length).toBeGreaterThan(5)
      expect(cure?.todo).toMatch(/^[A-Z].{8,}\.$/)
    },
  )

  it('of a reason that this page does not know is told by the server’s sentence alone', () => {
    expect(cureOf({ code: 'something_new' })).toBeNull()
  })
})
