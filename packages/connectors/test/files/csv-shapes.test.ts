import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config, Json } from '../../src/index.ts'
import { openFile, readCsv, readFile } from './open-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-shapes-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = (content: string | Uint8Array, config: Config = {}) => readCsv(folder, content, config)
const any = { file: 'any.csv', format: 'csv' }
/** Where the second page of the file begins. */
async function positionAfterPage(): Promise<Json> {
  const reader = await openFile(folder, any)
  try {
    for await (const { position } of reader.batches(null)) return position
    throw new Error('the file is empty')
  } finally {
    await reader.close()
  }
}
const acme = { Name: 'Acme', City: 'Berlin' }
const beta = { Name: 'Beta', City: 'Bonn' }

describe('a CSV file as spreadsheets save it', () => {
  it.each([
    ['lines end by a carriage return alone', 'Name,City\rAcme,Berlin\rBeta,Bonn\r', [acme, beta]],
    [
      'the same, with a line break in quotes',
      'Name,City\r"Acme","Ber\rlin"\r',
      [{ Name: 'Acme', City: 'Ber\rlin' }],
    ],
    [
      'a carriage return in a file of other lines is data',
      'Name,City\nAcme,Ber\rlin\n',
      [{ Name: 'Acme', City: 'Ber\rlin' }],
    ],
    ['a sep= line', 'sep=;\r\nName;City\r\nAcme;Berlin\r\n', [acme]],
    ['a sep= line with a mark', '\ufeffSEP=\t\nName\tCity\nAcme\tBerlin\n', [acme]],
    ['empty columns at the end', 'Name,City,,\r\nAcme,Berlin,,\r\nBeta,Bonn\r\n', [acme, beta]],
    ['empty columns at the end of some rows', 'Name,City\nAcme,Berlin,,,\nBeta,Bonn\n', [acme, beta]],
    ['a delimiter of its own', 'Name|City\nAcme|Berlin\n', [acme]],
    ['a delimiter of its own beside others in quotes', '"Name";"City"\n"Acme";"Berlin"\n', [acme]],
    [
      'more commas than semicolons among the names',
      'Name;City, or town;Notes, if any, here\nAcme;Berlin;\n"Beta;";Bonn;x, y\n',
      [
        { Name: 'Acme', 'City, or town': 'Berlin', 'Notes, if any, here': null },
        { Name: 'Beta;', 'City, or town': 'Bonn', 'Notes, if any, here': 'x, y' },
      ],
    ],
    ['empty lines before, between and behind', '\n\nName,City\nAcme,Berlin\n\nBeta,Bonn\n\n', [acme, beta]],
    ['a quote inside a value', 'Name,City\n5" pipe,Berlin\n', [{ Name: '5" pipe', City: 'Berlin' }]],
    [
      'text that begins with a quote',
      'Name,City\n"""Acme""\nLtd",Berlin\n',
      [{ Name: '"Acme"\nLtd', City: 'Berlin' }],
    ],
    [
      'space around names, not in quotes',
      ' Name ," City "\nAcme,Berlin\n',
      [{ Name: 'Acme', ' City ': 'Berlin' }],
    ],
  ])('%s', async (_, content, records) => {
    const found = await read(content)
    expect(found.records).toEqual(records)
    expect(found.refused).toEqual([])
  })

  it('obeys a sep= line whatever was chosen, and the choice without one', async () => {
    expect((await read('sep=;\nName;City\nAcme;Berlin\n', { delimiter: 'comma' })).records).toEqual([acme])
    expect((await read('a,b;c,d\n1,2;3,4\n', { delimiter: 'semicolon' })).columns).toEqual(['a,b', 'c,d'])
    const wrong = await read('Name;City\nAcme;Berlin\n', { delimiter: 'comma' })
    expect(wrong.columns).toEqual(['Name;City'])
    expect(wrong.notes).toContain('no commas, but semicolons')
  })

  it('tells twins apart, and names columns that have values and no name', async () => {
    const twins = await read('Company,Email,Email,Email 2,\nAcme,a@x.example,b@x.example,c@x.example,more\n')
    expect(twins.records).toEqual([
      {
        Company: 'Acme',
        Email: 'a@x.example',
        'Email 3': 'b@x.example',
        'Email 2': 'c@x.example',
        'Column 5': 'more',
      },
    ])
    expect(twins.notes).toContain('“Email” stands there more than once: column 3 is called “Email 3”.')
    expect(twins.notes).toContain('Column 5 has no name')
    expect((await read('Name,Name\n1,2\n')).columns).toEqual(['Name', 'Name 2'])
  })

  it('has a key where every record has an id', async () => {
    expect((await read('id,name\n1,a\n2,b\n')).key).toBe('id')
    expect((await read('id,name\n1,a\n,b\n')).key).toBeNull()
    expect((await read('name\na\n')).key).toBeNull()
  })
})

describe('a row that does not fit', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, index) => `Company ${index + 2},Town\n`).join('')

  it('is refused alone, with its number in the spreadsheet and its line', async () => {
    const found = await read(`Name,City\n${rows(3)}"Two\nlines",Town\n${rows(700)}A, B Ltd,Town\nLast,Town\n`)
    expect(found.records).toHaveLength(705)
    expect(found.records.at(-1)).toEqual({ Name: 'Last', City: 'Town' })
    expect(found.refused).toEqual([
      {
        row: 706,
        code: 'record_refused',
        message: 'Row 706 (line 707) has 3 columns, but the header has 2.',
        record: { Name: 'A', City: ' B Ltd', 'Column 3': 'Town' },
      },
    ])
    expect(found.notes).toContain('Row 706 (line 707)')
  })

  it('is refused when it is too short, or when a quote is not closed properly', async () => {
    const found = await read('Name,City\nShort\n"Acme"GmbH,Berlin\nA,"Berlin\nB,Bonn\nC,"Ulm"\nBeta,Bonn\n')
    expect(found.records).toEqual([beta])
    expect(found.refused.map(({ message }) => message)).toEqual([
      'Row 2 has 1 column, but the header has 2.',
      'Row 3 has a value that goes on behind its closing quote. Double the quotes in it.',
      'Row 4 has a quote that opens and takes the next 2 lines with it. Close it, or double it.',
    ])
    expect(found.refused.map(({ row }) => row)).toEqual([2, 3, 4])
  })

  it('has the same number when reading goes on from a position', async () => {
    await read(`"Na\nme",City\n${rows(600)}Short\n`)
    const { refused } = await readFile(folder, any, await positionAfterPage())
    expect(refused[0]?.message).toBe('Row 602 (line 603) has 1 column, but the header has 2.')
  })

  it.each([
    ['"Name,City\nAcme,Berlin\n', 'row 1: a quote opens in this row and is never closed'],
    [
      'Name,City\nAcme,Berlin\nBeta,"Bonn\nGamma,Ulm\n',
      'row 3: a quote opens in this row and is never closed',
    ],
    [
      '"Name,City\nAcme,Berlin\n"\n',
      'row 1: has the names of the columns, and a quote that opens in it takes the next 2 lines',
    ],
    ['"Name,City\nAcme,Berlin\nBeta,Bonn\n",x\nC,D\n', 'row 1: has the names of the columns, and a quote'],
    [
      '"Name,City\nAcme,Berlin\nBeta,"Bonn"\nC,D\n',
      'row 1: has a quote that opens and takes the next 2 lines',
    ],
  ])('is an error of the file when a quote swallows the rest: %j', async (content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining(message),
    })
  })

  it('does not take a header with a line break for one that swallowed the file', async () => {
    expect((await read('"Amount\n(net)",City\n1,Ulm\n')).columns).toEqual(['Amount\n(net)', 'City'])
    expect((await read('"Amount,\nnet",City\n1,Ulm\n')).columns).toEqual(['Amount,\nnet', 'City'])
  })
})

describe('the encoding of a CSV file', () => {
  const text = 'Name;City\r\nMüller & Söhne;Köln\r\n'
  const records = [{ Name: 'Müller & Söhne', City: 'Köln' }]
  const wide = Buffer.from(text, 'utf16le')
  const western = Buffer.from(text, 'latin1')

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 LE without', wide],
    ['UTF-16 BE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16 BE without', Buffer.from(wide).swap16()],
    ['Windows-1252', western],
  ])('is found: %s', async (_, content) => {
    const found = await read(content)
    expect(found.columns).toEqual(['Name', 'City'])
    expect(found.records).toEqual(records)
  })

  it('is told with an example where it was found by looking, and read from Cyrillic too', async () => {
    expect((await read(western)).notes).toContain('Windows-1252 (Western Europe): “Müller & Söhne”')
    const cyrillic = await read(Buffer.from('Имя;Город\r\nАкме;Москва\r\n', 'utf16le'))
    expect(cyrillic.records).toEqual([{ Имя: 'Акме', Город: 'Москва' }])
    expect(cyrillic.notes).toContain('UTF-16')
  })

  it('reads the signs that only Windows-1252 has', async () => {
    const found = await read(
      Buffer.concat([Buffer.from('a,b\n'), Buffer.from([0x80, 0x2c, 0x93, 0xe4, 0x94, 0x0a])]),
    )
    expect(found.records).toEqual([{ a: '€', b: '“ä”' }])
  })

  it('is the one chosen', async () => {
    const central = Buffer.concat([
      Buffer.from('a,b\n'),
      Buffer.from([0xb3, 0xf3, 0x64, 0x9f, 0x2c, 0x31, 0x0a]),
    ])
    expect((await read(central, { encoding: 'windows-1250' })).records).toEqual([{ a: 'łódź', b: '1' }])
    const japanese = Buffer.from('名前,市\r\n田中,東京\r\n', 'utf16le')
    expect((await read(japanese, { encoding: 'utf-16le' })).records).toEqual([{ 名前: '田中', 市: '東京' }])
    expect((await read(Buffer.from([0x61, 0x0d, 0x9f, 0x0d]), { encoding: 'macintosh' })).records).toEqual([
      { a: 'ü' },
    ])
    const dos = Buffer.from([0x61, 0x3b, 0x62, 0x0a, 0x81, 0x94, 0xe1, 0x99, 0x3b, 0x82, 0xc4, 0x0a])
    expect((await read(dos, { encoding: 'ibm850' })).records).toEqual([{ a: 'üößÖ', b: 'é─' }])
    await expect(read(western, { encoding: 'utf-8' })).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining('is not UTF-8 text. Choose how the file is encoded under Encoding.'),
    })
  })

  it('is asked for where looking does not tell', async () => {
    for (const content of [
      Buffer.concat([Buffer.from('a,b\nKöln,'), Buffer.from([0xe9, 0x0a])]),
      Buffer.from([0x61, 0x0a, 0x81, 0x0a]),
      // UTF-16 of an alphabet whose letters have no zero byte, unlike the commas between them.
      Buffer.from('名前,市\r\n田中,東京\r\n', 'utf16le'),
      // As DOS wrote it: no word has such a quotation mark in it.
      Buffer.from('Name;City\nAcme;K\x94ln\n', 'latin1'),
    ]) {
      await expect(read(content)).rejects.toMatchObject({
        code: 'file_invalid',
        message: expect.stringContaining('Choose how it is encoded under Encoding.'),
      })
    }
  })

  it('does not change where reading goes on', async () => {
    const rows = Array.from({ length: 1200 }, (_, index) => `Müller ${index};Köln`).join('\n')
    const content = `Name;City\n${rows}\n`
    for (const bytes of [
      Buffer.from(content, 'utf16le'),
      Buffer.from(content, 'latin1'),
      Buffer.from(`\ufeff${content}`),
    ]) {
      await read(bytes)
      const { records } = await readFile(folder, any, await positionAfterPage())
      expect(records.map(({ Name }) => Name)).toEqual(
        Array.from({ length: 700 }, (_, index) => `Müller ${index + 500}`),
      )
    }
  })

  it.each([
    ['an .xlsx workbook', Buffer.from('PK\x03\x04rest'), 'is an Excel workbook (.xlsx)'],
    ['an .xls workbook', Buffer.from('d0cf11e0a1b11ae100', 'hex'), 'is an old Excel workbook (.xls)'],
    ['a compressed file', Buffer.from([0x1f, 0x8b, 8, 0]), 'is compressed (gzip)'],
  ])('says that %s is none, in both formats', async (_, content, message) => {
    for (const format of ['csv', 'jsonl']) {
      await expect(read(content, { format })).rejects.toMatchObject({
        code: 'file_invalid',
        message: expect.stringContaining(`any.csv ${message}`),
      })
    }
  })
})
