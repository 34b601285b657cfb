import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCsv } from './open-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-people-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A column of these values, read as it is found. */
async function column(...values: readonly string[]) {
  const rows = values.map((value) => `x;${value}\n`).join('')
  const { columns, records, notes } = await readCsv(folder, `k;v\n${rows}`, {
    delimiter: 'semicolon',
    numbers: 'auto',
    dates: 'auto',
  })
  return { column: columns[1], values: records.map((record) => String(record['v'])), notes }
}

describe('numbers and dates at the edges', () => {
  it('reads what is the same in both ways', async () => {
    expect(await column('2026/12/31', '2026.1.5')).toMatchObject({
      column: 'v date',
      values: ['2026-12-31', '2026-01-05'],
    })
    expect(await column('11/11/2026', '01/01/2026')).toMatchObject({ column: 'v date' })
  })

  it('shows a value that can be read in two ways, not one that can’t', async () => {
    const { column: name, notes } = await column('12 345 678', '1.000')
    expect(name).toBe('v')
    expect(notes).toContain('“1.000” in v may be 1.000 or 1000')
  })

  it('reads thousands apart by a thin space', async () => {
    expect((await column('1\u2009234,50', '2,5')).values).toEqual(['1234.50', '2.5'])
  })

  it.each([
    ['the first value', ['n/a', '31.12.2026', '30.12.2026'], 'v stays text: row 2 has “n/a”.'],
    ['a year that is none', ['01.01.0000', '31.12.2026'], 'v stays text: row 2 has “01.01.0000”.'],
    ['a day that is none', ['29.02.2025', '01.03.2025'], 'v stays text: row 2 has “29.02.2025”.'],
    ['values of two orders', ['13/02/2026', '01/14/2026'], 'v stays text: row 3 has “01/14/2026”.'],
    ['values of two signs', ['1.234,50', '1,234.50'], 'v stays text: row 3 has “1,234.50”.'],
  ])('tells what kept a column text: %s', async (_, values, note) => {
    const found = await column(...values)
    expect(found).toMatchObject({ column: 'v', values })
    expect(found.notes).toContain(note)
  })
})
