import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataRecord } from '@latchwork/contract'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config, Json } from '../../src/index.ts'
import { openFile as openAny, readFile } from './open-file.ts'

let filesDir = ''
beforeAll(async () => {
  filesDir = await mkdtemp(join(tmpdir(), 'latchwork-files-'))
})
afterAll(() => rm(filesDir, { recursive: true }))

const put = (name: string, content: string | Uint8Array) => writeFile(join(filesDir, name), content)

const openFile = (config: Config, purpose?: 'run' | 'sample') => openAny(filesDir, config, purpose)

const readAll = async (config: Config, position: Json | null = null) =>
  (await readFile(filesDir, config, position)).records

describe('a JSON Lines file', () => {
  it('is read with its columns, types, key and count', async () => {
    await put(
      'a.jsonl',
      '\uFEFF{"id":"1","n":1,"ok":true}\r\n\n{"id":"2","n":"many","tags":["x"],"late":null}\n{"id":"3","ok":null}',
    )
    const reader = await openFile({ file: 'a.jsonl' })
    expect(reader.columns.map((column) => [column.name, column.type])).toEqual([
      ['id', 'text'],
      ['n', 'text'],
      ['ok', 'boolean'],
      ['tags', 'json'],
      ['late', 'text'],
    ])
    expect(reader.key).toBe('id')
    expect(await reader.count()).toBe(3)
    await reader.close()
    expect(await readAll({ file: 'a.jsonl' })).toEqual([
      { id: '1', n: 1, ok: true },
      { id: '2', n: 'many', tags: ['x'], late: null },
      { id: '3', ok: null },
    ])
  })

  it('has no key when a record lacks an id', async () => {
    await put('nokey.jsonl', '{"id":"1"}\n{"name":"x"}\n')
    const reader = await openFile({ file: 'nokey.jsonl' })
    expect(reader.key).toBeNull()
    await reader.close()
  })

  it.each([
    ['{"a":1}\n{"a":\n', 'bad.jsonl, line 2: is not valid JSON'],
    ['{"a":1}\n\n[1]\n', 'bad.jsonl, line 3: is not a JSON object'],
    [Buffer.from('{"a":"\xff"}\n', 'latin1'), 'bad.jsonl, line 1: is not UTF-8'],
    [`{"a":"${'x'.repeat(17 * 1024 * 1024)}"}\n`, 'bad.jsonl, line 1: is longer than'],
  ])('names the line that is wrong (%#)', async (content, message) => {
    await put('bad.jsonl', content)
    await expect(openFile({ file: 'bad.jsonl' })).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining(message),
    })
  })
})

describe('a CSV file', () => {
  it('is read as text, with null for nothing and empty text for quotes', async () => {
    await put('a.csv', '\uFEFFid,name,note\r\n007,"A ""B""\r\nC",\r\n8,,""\r\n')
    expect(await readAll({ file: 'a.csv', format: 'csv' })).toEqual([
      { id: '007', name: 'A "B"\r\nC', note: null },
      { id: '8', name: null, note: '' },
    ])
  })

  it('takes other delimiters', async () => {
    await put('s.csv', 'a;b\n1,5;2\n')
    expect(await readAll({ file: 's.csv', format: 'csv', delimiter: 'semicolon' })).toEqual([
      { a: '1,5', b: '2' },
    ])
  })

  it.each([
    ['a,b\n1,"2\n3,4\n', 'row 2: a quote opens in this row and is never closed'],
    [`a,b\n1,${'x'.repeat(17 * 1024 * 1024)}\n`, 'row 2: is longer than'],
    [`a,b\n1,${','.repeat(2001)}\n`, 'row 2: has more than 2000 columns'],
  ])('names the row that is wrong (%#)', async (content, message) => {
    await put('bad.csv', content)
    await expect(openFile({ file: 'bad.csv', format: 'csv' })).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining(message),
    })
  })
})

describe('reading on from a position', () => {
  it('yields exactly the rest, for any text and both formats', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.toWellFormed())
    const rows = fc.array(fc.tuple(text, text), { minLength: 501, maxLength: 1100 })
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('jsonl', 'csv'), async (values, format) => {
        const records = values.map(([a, b]) => ({ a, b }))
        await put(
          'any',
          format === 'jsonl'
            ? records.map((record) => `${JSON.stringify(record)}\n`).join('')
            : stringify([['a', 'b'], ...values], { quoted: true, quoted_empty: true }),
        )
        const config = { file: 'any', format }
        const reader = await openFile(config)
        const seen: DataRecord[] = []
        for await (const page of reader.batches(null)) {
          seen.push(...page.records)
          const rest = await readAll(config, page.position)
          expect([...seen, ...rest]).toEqual(records)
        }
        await reader.close()
      }),
      { numRuns: 15 },
    )
  })

  it('refuses to go on in a file that was changed', async () => {
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `{"id":${index}}\n`).join('')
    await put('c.jsonl', lines(800))
    const reader = await openFile({ file: 'c.jsonl' })
    const pages = reader.batches(null)[Symbol.asyncIterator]()
    const first = await pages.next()
    await put('c.new', lines(900))
    await rename(join(filesDir, 'c.new'), join(filesDir, 'c.jsonl'))
    // The run that began goes on in the file that it opened.
    expect((await pages.next()).value?.records.length).toBe(300)
    await reader.close()
    await expect(readAll({ file: 'c.jsonl' }, first.value?.position ?? null)).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining('was changed after the run began'),
    })
  })

  it.each([
    ['cut in the middle of a value', (all: string) => all.slice(0, all.indexOf('Lead 1200') + 6)],
    ['cut behind a row', (all: string) => all.slice(0, all.indexOf('1200,'))],
    ['written over by another of its size', (all: string) => all.replaceAll('Lead', 'Deal')],
  ])('refuses to go on in a file that is %s while it is read', async (_, change) => {
    const rows = Array.from({ length: 20_000 }, (_row, index) => `${index},Lead ${index} ${'x'.repeat(50)}\n`)
    const all = `id,name\n${rows.join('')}`
    await put('w.csv', all)
    const reader = await openFile({ file: 'w.csv', format: 'csv' })
    const read = async () => {
      for await (const { records } of reader.batches(null)) {
        expect(records.every(({ name }) => /^Lead \d+ x{50}$/.test(String(name)))).toBe(true)
        await put('w.csv', change(all))
      }
    }
    await expect(read()).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining('was changed after the run began'),
    })
    await reader.close()
  })

  it('reads what is added to a file while it is read', async () => {
    const rows = Array.from({ length: 1200 }, (_, index) => `${index},x\n`).join('')
    await put('g.csv', `id,name\n${rows}`)
    const reader = await openFile({ file: 'g.csv', format: 'csv' })
    let count = 0
    for await (const { records } of reader.batches(null)) {
      if (count === 0) await put('g.csv', `id,name\n${rows}1200,x\n`)
      count += records.length
    }
    await reader.close()
    expect(count).toBeGreaterThanOrEqual(1200)
  })

  it.each<[Json]>([['start'], [{ offset: 3 }], [{ offset: '3', line: 2, version: 'x' }], [[]], [7]])(
    'refuses the position %j, which it never wrote, and does not begin anew',
    async (position) => {
      await put('d.jsonl', '{"id":1}\n{"id":2}\n')
      await expect(readAll({ file: 'd.jsonl' }, position)).rejects.toMatchObject({
        code: 'checkpoint_unreadable',
        message: expect.stringContaining('Run the flow again'),
      })
    },
  )
})

describe('file names', () => {
  it.each(['../etc/passwd', '/etc/passwd', '.hidden', 'a/b', 'a\\b', 'a\0b', '', 'x.', `${'é'.repeat(150)}`])(
    'refuses %j',
    async (file) => {
      await expect(openFile({ file })).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )

  it('says so when there is no such file', async () => {
    await expect(openFile({ file: 'gone.jsonl' })).rejects.toMatchObject({
      code: 'file_not_found',
      message: expect.stringContaining('gone.jsonl'),
    })
  })
})
