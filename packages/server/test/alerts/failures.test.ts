import { readFileSync } from 'node:fs'
import { errorCodes, reasonCodes } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'

const text = readFileSync(new URL('../../../../docs/failures.md', import.meta.url), 'utf8')
const rows = [...text.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)]
const documented = rows.map((row) => row[1] ?? '')

describe('docs/failures.md', () => {
  it.each(reasonCodes)('says what happened and what to do for %s', (code) => {
    const row = rows.find((each) => each[1] === code)
    expect(row?.[2]?.length).toBeGreaterThan(20)
    expect(row?.[3]?.length).toBeGreaterThan(9)
  })

  it('explains no code that does not exist', () => {
    const known: readonly string[] = errorCodes
    expect(documented.filter((code) => !known.includes(code))).toEqual([])
    expect(new Set(documented).size).toBe(documented.length)
  })
})
