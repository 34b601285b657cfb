import { mkdtemp, readFile as readText, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Column, type DataRecord, parseExactly } from '@latchwork/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/index.ts'
import { openFile, readCsv, readFile, writeRecords } from './open-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-values-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = (content: string, config: Config = {}) => readCsv(folder, content, config)
const textColumns = (names: readonly string[]): Column[] =>
  names.map((name) => ({ name, label: name, type: 'text' }))
const content = (name: string) => readText(join(folder, name), 'utf8')

describe('text that begins like a formula', () => {
  it('is disarmed for spreadsheets, and signed numbers and telephone numbers are not', async () => {
    const values = [
      '=1+1',
      '@Home Ltd',
      '-12.50',
      '-1.234,50',
      '+49 221 1234',
      '+49 (0)221/12-34',
      '+1+cmd|x',
      '-',
      "'=1",
      "'x",
    ]
    await writeRecords(
      folder,
      { file: 'f.csv', format: 'csv' },
      values.map((a) => ({ a })),
      { columns: textColumns(['a']) },
    )
    expect((await content('f.csv')).split('\n')).toEqual([
      'a',
      "'=1+1",
      "'@Home Ltd",
      '-12.50',
      '"-1.234,50"',
      '+49 221 1234',
      '+49 (0)221/12-34',
      "'+1+cmd|x",
      '-',
      "''=1",
      "'x",
      '',
    ])
    expect((await readFile(folder, { file: 'f.csv', format: 'csv' })).records).toEqual(
      values.map((a) => ({ a })),
    )
  })

  it('is left alone where looking says that nothing was escaped, or it is to be kept', async () => {
    expect((await read("a\n'=x\n=y\n")).records).toEqual([{ a: "'=x" }, { a: '=y' }])
    expect((await read("a\n'=x\n", { escaped: 'keep' })).records).toEqual([{ a: "'=x" }])
    expect((await read("a\n'=x\n=y\n", { escaped: 'undo' })).records).toEqual([{ a: '=x' }, { a: '=y' }])
    const found = await read("a\n'=x\n'y\n")
    expect(found.records).toEqual([{ a: '=x' }, { a: "'y" }])
    expect(found.notes).toContain('apostrophe')
  })

  it('comes back from a file as it went in, names of columns too, whatever the file is made for', async () => {
    const part = fc.constantFrom(
      "'",
      '"',
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      ',',
      ';',
      '\ufeff',
      '\0',
      ' ',
      '＝',
      'sep=',
      '1',
      'é',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).map((each) => each.toWellFormed()),
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
    )
    // A name that holds rows is refused: a quote was not closed.
    const name = text.filter((each) => each !== '' && !/[\r\n]/.test(each))
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 })
    const file = names.chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        rows: fc.array(fc.tuple(...columns.map(() => fc.oneof(fc.constant(null), text))), {
          minLength: 1,
          maxLength: 5,
        }),
      }),
    )
    const choice = fc.constantFrom(
      [{ formulas: 'protect', mark: 'yes' }, {}] as const,
      [{ formulas: 'protect' }, { escaped: 'undo' }] as const,
      [{ formulas: 'keep' }, { escaped: 'keep' }] as const,
    )
    await fc.assert(
      fc.asyncProperty(
        file,
        choice,
        fc.constantFrom('comma', 'semicolon', 'tab', 'pipe'),
        async ({ columns, rows }, [to, from], delimiter) => {
          const records = rows.map(
            (row): DataRecord => Object.fromEntries(columns.map((column, at) => [column, row[at]])),
          )
          const config = { file: 'any.csv', format: 'csv', delimiter }
          await writeRecords(folder, { ...config, ...to }, records, {
            columns: textColumns(columns),
            key: null,
          })
          const back = await readFile(folder, { ...config, ...from })
          expect(back.records).toEqual(records)
          expect(back.columns).toEqual(columns)
          expect(back.refused).toEqual([])
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('a CSV file for people', () => {
  const columns: Column[] = [
    { name: 'id', label: 'Id', type: 'text' },
    { name: 'custom.cf_1', label: 'Straße', type: 'text' },
    { name: 'custom.cf_2', label: 'Straße', type: 'text' },
  ]
  const records = [{ id: '1', 'custom.cf_1': 'Zürich', 'custom.cf_2': null }]

  it.each([
    ['as it always was', {}, 'id,custom.cf_1,custom.cf_2\n1,Zürich,\n'],
    ['with a mark for Excel', { mark: 'yes' }, '\ufeffid,custom.cf_1,custom.cf_2\n1,Zürich,\n'],
    ['with labels, told apart', { header: 'labels' }, 'Id,Straße,Straße 2\n1,Zürich,\n'],
    ['with another delimiter', { delimiter: 'pipe' }, 'id|custom.cf_1|custom.cf_2\n1|Zürich|\n'],
  ])('is written %s', async (_, config, expected) => {
    await writeRecords(folder, { file: 'p.csv', format: 'csv', ...config }, records, { columns })
    expect(await content('p.csv')).toBe(expected)
  })
})

describe('numbers', () => {
  const line =
    '{"id":1,"n":12345678901234567890,"deep":[{"x":0.1000000000000000055}],"z":-0,"p":1.50,"big":1e400}\n'

  it('keep their digits from JSON Lines to JSON Lines, and to CSV', async () => {
    await writeFile(join(folder, 'n.jsonl'), line)
    const { records, columns } = await readFile(folder, { file: 'n.jsonl' })
    expect(columns).toEqual(['id number', 'n number', 'deep json', 'z number', 'p number', 'big number'])
    await writeRecords(folder, { file: 'out.jsonl' }, records)
    expect(await content('out.jsonl')).toBe(line)
    const names = ['id', 'n', 'deep', 'z', 'p', 'big']
    await writeRecords(folder, { file: 'out.csv', format: 'csv' }, records, { columns: textColumns(names) })
    expect((await content('out.csv')).split('\n')[1]).toBe(
      '1,12345678901234567890,"[{""x"":0.1000000000000000055}]",-0,1.50,1e400',
    )
  })

  it('in a long id tell records apart', async () => {
    await writeFile(join(folder, 'n.jsonl'), '{"id":12345678901234567890}\n{"id":12345678901234567891}\n')
    const { key, records } = await readFile(folder, { file: 'n.jsonl' })
    expect([key, records.map(({ id }) => String(id))]).toEqual([
      'id',
      ['12345678901234567890', '12345678901234567891'],
    ])
  })

  it('alone on a line are no record', async () => {
    await writeFile(join(folder, 'n.jsonl'), '12345678901234567890\n')
    await expect(openFile(folder, { file: 'n.jsonl' })).rejects.toMatchObject({
      message: expect.stringContaining('line 1: is not a JSON object'),
    })
  })
})

describe('numbers and dates of people', () => {
  const all = { numbers: 'auto', dates: 'auto' }
  const plain = (records: readonly DataRecord[]) => parseExactly(JSON.stringify(records))

  it('stay text unless somebody wants them read', async () => {
    const found = await read('a,b\n"1.234,50",31.12.2026\n')
    expect(found.records).toEqual([{ a: '1.234,50', b: '31.12.2026' }])
    expect(found.notes).not.toContain('is read as')
  })

  it('are found by looking, and told with an example', async () => {
    const found = await read(
      'Amount;Total;Since;Zip;Phone;Count\n1.234,50;1.000;31.12.2026;01067;+49 221 1234;12\n-0,5;2.500;1.2.2026;50667;0221 123;7\n',
      all,
    )
    expect(found.columns).toEqual(['Amount number', 'Total number', 'Since date', 'Zip', 'Phone', 'Count'])
    expect(plain(found.records)).toEqual(
      plain([
        {
          Amount: parseExactly('1234.50'),
          Total: 1000,
          Since: '2026-12-31',
          Zip: '01067',
          Phone: '+49 221 1234',
          Count: '12',
        },
        { Amount: -0.5, Total: 2500, Since: '2026-02-01', Zip: '50667', Phone: '0221 123', Count: '7' },
      ]),
    )
    expect(found.notes).toContain('Numbers: “1.234,50” is read as 1234.50 (Amount, Total).')
    expect(found.notes).toContain('Dates: “31.12.2026” is read as 2026-12-31 (Since).')
  })

  it('stay text where they can be read in two ways, and that is told', async () => {
    const found = await read('a;b\n1.000;01/02/2026\n2.500;03/04/2026\n', all)
    expect(found.records[0]).toEqual({ a: '1.000', b: '01/02/2026' })
    expect(found.columns).toEqual(['a', 'b'])
    expect(found.notes).toContain('“1.000” in a may be 1.000 or 1000, and stays text. Choose under Numbers.')
    expect(found.notes).toContain(
      '“01/02/2026” in b may be 2026-02-01 or 2026-01-02, and stays text. Choose under Dates.',
    )
  })

  it('are read as chosen', async () => {
    const one = await read('a;b\n1.000;01/02/2026\n', { numbers: 'comma', dates: 'mdy' })
    expect(one.records).toEqual([{ a: 1000, b: '2026-01-02' }])
    const two = await read('a;b\n1.000;01/02/2026\n', { numbers: 'point', dates: 'dmy' })
    expect(JSON.stringify(two.records)).toBe('[{"a":1.000,"b":"2026-02-01"}]')
  })

  it.each(['0x1F', '1e3', 'Infinity', '١٢', 'NaN', '007', '1.2.3', 'n/a'])(
    'leave a column that holds %s as it is',
    async (value) => {
      for (const numbers of ['auto', 'point', 'comma']) {
        const found = await read(`a;b\n1.234,50;x\n7,5;x\n${value};x\n`, { numbers })
        expect(found.records.map(({ a }) => a)).toEqual(['1.234,50', '7,5', value])
        expect(found.notes).toContain(`a stays text: row 4 has “${value}”.`)
      }
    },
  )

  it('leave dates that are in no calendar as they are', async () => {
    const found = await read('a\n31.12.2026\n30.02.2026\n', all)
    expect(found.columns).toEqual(['a'])
    expect(found.notes).toContain('row 3 has “30.02.2026”')
  })

  it('are the same in a CSV file that goes through unchanged', async () => {
    const text = 'id,amount,phone,name\n1,-12.50,+49 221 1234,@Home Ltd\n2,12.50,0221 1234,Acme\n'
    const { records } = await read(text, all)
    await writeRecords(folder, { file: 'same.csv', format: 'csv' }, records, {
      columns: textColumns(['id', 'amount', 'phone', 'name']),
    })
    expect(await content('same.csv')).toBe(text.replace('@Home', "'@Home"))
  })
})
