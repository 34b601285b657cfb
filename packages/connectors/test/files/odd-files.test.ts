import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/index.ts'
import { readCsv, readFile } from './open-file.ts'

/* What programs and people leave in files beside the table: marks, separators, titles, a header that comes again. */

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-odd-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = (content: string | Uint8Array, config: Config = {}) => readCsv(folder, content, config)
const readLines = async (content: string) => {
  await writeFile(join(folder, 'any.jsonl'), content)
  return readFile(folder, { file: 'any.jsonl', format: 'jsonl' })
}
const ann = { id: '1', name: 'Ann' }
const bo = { id: '2', name: 'Bo' }

describe('a CSV file with what does not belong to its table', () => {
  it.each([
    ['lines that end by LF CR', 'id,name\n\r1,Ann\n\r2,"Bo"\n\r'],
    ['the same without an end', 'id,name\n\r1,Ann\n\r2,Bo'],
    ['a sep= line that was saved as a row', 'sep=;;\r\nid;name\r\n1;Ann\r\n2;Bo\r\n'],
    ['a sep= line in quotes', '"sep=;"\r\nid;name\r\n1;Ann\r\n2;Bo\r\n'],
    ['a sep= line with space behind it', 'sep=; \r\nid;name\r\n1;Ann\r\n2;Bo\r\n'],
    ['a mark in the middle', '\ufeffid,name\n1,Ann\n\ufeff2,Bo\n'],
    ['the sign of DOS for the end', 'id,name\r\n1,Ann\r\n2,Bo\r\n\x1a'],
  ])('is read without it: %s', async (_, content) => {
    const { records, refused, key } = await read(content)
    expect(records).toEqual([ann, bo])
    expect(refused).toEqual([])
    expect(key).toBe('id')
  })

  it('keeps a mark that stands in quotes, and a column of that name', async () => {
    expect((await read('id,name\n"\ufeff1",Ann\n')).records).toEqual([{ id: '\ufeff1', name: 'Ann' }])
    expect((await read('"sep=;",b\n1,2\n')).columns).toEqual(['sep=;', 'b'])
    expect((await read('"sep=;"\n1\n')).columns).toEqual(['sep=;'])
  })

  it('is told to have a mark in a name, where it may belong', async () => {
    const { columns, notes } = await read('"\ufeffid","name"\n1,Ann\n')
    expect(columns).toEqual(['\ufeffid', 'name'])
    expect(notes).toContain('The name of column 1 begins with a byte order mark, which nobody sees')
  })

  it.each([
    ['at once', 'id,name\nid,name\n1,Ann\n2,Bo\n', 2],
    ['in the middle, with a mark', '\ufeffid,name\r\n1,Ann\r\n\ufeffid,name\r\n2,Bo\r\n', 3],
  ])('refuses a header that comes again alone: %s', async (_, content, row) => {
    const { records, refused, notes } = await read(content)
    expect(records).toEqual([ann, bo])
    const message = `Row ${row} has the names of the columns again: files may have been put together.`
    expect(refused).toEqual([expect.objectContaining({ row, message })])
    expect(notes).toContain(message)
  })

  it('refuses two rows in one line break of another kind alone, and says where they meet', async () => {
    const { records, refused } = await read('id,name\r\n1,Ann\r2,Bo\r\n3,Cy\r\n')
    expect(records).toEqual([{ id: '3', name: 'Cy' }])
    expect(refused).toMatchObject([
      {
        row: 2,
        message:
          'Row 2 has 3 columns, but the header has 2. A line seems to end in it by a carriage return alone, as the first one does not.',
      },
    ])
  })

  it('takes a company called “Company” for a company', async () => {
    const { records } = await read('Company\nCompany\nAcme\n')
    expect(records).toEqual([{ Company: 'Company' }, { Company: 'Acme' }])
  })

  it.each([
    ['with as many columns', 'Export of leads,,\n,,\nid,name,city\n1,Ann,Bonn\n'],
    ['alone in its line', 'Leads 2026\n\nid,name,city\n1,Ann,Bonn\n2,Bo,Ulm\n'],
  ])('is told to have a title above its names: %s', async (_, content) => {
    const { notes } = await read(content)
    expect(notes).toContain(
      'The first row has one name, and the rows below it have more columns. If it is a title, take away all that stands above the names of the columns.',
    )
  })

  it.each([
    ['nothing', ''],
    ['a mark alone', '\ufeff'],
    ['lines and spaces alone', '\n\n  \n'],
  ])('is told to be empty: %s', async (_, content) => {
    expect(await read(content)).toMatchObject({ records: [], refused: [], notes: 'The file is empty.' })
  })

  it('is told to have no records below its header', async () => {
    expect((await read('id,name\n')).notes).toContain('There are no records below the names of the columns.')
  })

  it('is not told to be in quotes where another separator was chosen', async () => {
    const { notes } = await read('id\tname\n1\tAnn\n', { delimiter: 'comma' })
    expect(notes).toContain('no commas, but tabs')
    expect(notes).not.toContain('in quotes as a whole')
  })
})

describe('a JSON Lines file', () => {
  it('has a mark before any line', async () => {
    expect((await readLines('\ufeff{"id":1}\n\ufeff{"id":2}\n')).records).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('is told to be one record where a program has wrapped all of them', async () => {
    const records = [{ id: '1' }, { id: '2' }]
    const { notes } = await readLines(`${JSON.stringify({ has_more: false, data: records })}\n`)
    expect(notes).toContain('The file has one record, and its “data” is a list of 2 objects.')
    expect((await readLines('{"id":1,"data":[1,2]}\n')).notes).toBe('')
    expect((await readLines('{"id":1,"data":[{}]}\n{"id":2}\n')).notes).toBe('')
  })

  it('is told to be empty', async () => {
    expect((await readLines('\n\n')).notes).toBe('The file is empty.')
  })

  it.each([
    ['{"é":1,"é":2}', 'é'],
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x":[{"b":1,"c":{"b":3},"b" :2}]}', 'b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"":1,"":2}', ''],
    ['{"a":":","b\\":":{"b":1,"a":1},"b\\":":"\\\\"}', 'b":'],
  ])('refuses the record of one name twice alone: %s', async (line, name) => {
    const { records, refused, notes } = await readLines(`{"id":1}\n${line}\n{"id":3}\n`)
    expect(records).toEqual([{ id: 1 }, { id: 3 }])
    const message = `Line 2 has “${name}” twice in one object: which value counts can't be told.`
    expect(refused).toEqual([expect.objectContaining({ row: 2, message })])
    expect(notes).toContain(message)
  })

  it('takes the same name in several objects, in values, and in another spelling', async () => {
    const lines = [
      '{"a":{"a":[{"a":1},{"a":2}]},"A":"\\"a\\":"}',
      '{"é":1,"e\u0301":2,"x":"{\\"a\\":1,\\"a\\":2}"}',
    ]
    const { records, refused } = await readLines(lines.join('\n'))
    expect(refused).toEqual([])
    expect(records).toEqual(lines.map((line) => JSON.parse(line)))
  })

  it.each([
    ['[{"id":1},{"id":2}]', 'is a list'],
    ['[\n{"id":1},\n{"id":2}\n]', 'is a list'],
    ['{\n  "id": 1\n}', 'goes on in the next line'],
    ['{"id":1},\n{"id":2}', 'has a comma behind its object'],
    ['{"id":1}{"id":2}', 'has several objects'],
    ['{"id":1}\r{"id":2}\r', 'has several objects'],
    ['"text"', 'is not a JSON object in braces'],
    ['{"id":1', 'is not valid JSON'],
  ])('that is another JSON is called by its shape: %j', async (content, words) => {
    await expect(readLines(content)).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringMatching(new RegExp(`line 1: .*${words}`)),
    })
  })
})
