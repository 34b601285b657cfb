import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/index.ts'
import { readCsv, readFile } from './open-file.ts'

/* What is no table, or another one than it seems: nothing of it is read in silence. */

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchwork-no-table-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = (content: string | Uint8Array, config: Config = {}) => readCsv(folder, content, config)
const wide = (text: string) => Buffer.from(text, 'utf16le').swap16()
/** The characters of a text in four bytes each. */
const wider = (text: string) => Buffer.from([...text].flatMap((each) => [each.charCodeAt(0), 0, 0, 0]))

describe('a file that is no CSV text', () => {
  it.each([
    ['a web page', '\n<!DOCTYPE html><html><body>Sign in</body></html>', 'is a web page (HTML)'],
    ['a web page without a type', '<html lang="en">\n<p>Not found, sorry</p></html>', 'is a web page (HTML)'],
    ['a workbook that is a web page', '<table><tr><td>Name</td></tr>\n</table>', 'is a web page (HTML)'],
    ['XML', '<?xml version="1.0"?>\n<rows><row/></rows>', 'is XML'],
    ['JSON', '[{"name":"Acme"},\n{"name":"Beta"}]', 'is JSON'],
    ['JSON Lines', '{"name":"Acme","city":"Bonn"}\n{"name":"Beta"}\n', 'is JSON'],
    ['UTF-32', Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), wider('a,b\n1,2\n')]), 'is UTF-32 text'],
    ['UTF-16 with half a character', Buffer.concat([wide('Name,City\nA,B\n'), Buffer.from([0])]), 'Encoding'],
  ])('is called by its name: %s', async (_, content, words) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining(words),
    })
  })

  it('is a web page as JSON Lines, too', async () => {
    await writeFile(join(folder, 'page.jsonl'), '<!doctype html>\n<title>Sign in</title>\n')
    await expect(readFile(folder, { file: 'page.jsonl', format: 'jsonl' })).rejects.toMatchObject({
      code: 'file_invalid',
      message: expect.stringContaining('is a web page (HTML)'),
    })
  })
})

describe('a file that is a table of another shape', () => {
  it('has no records where it has only line breaks', async () => {
    expect(await read('\n\r\n\n')).toMatchObject({ columns: [], records: [], refused: [] })
  })

  it('is told where every row stands in quotes as a whole', async () => {
    const { notes, records } = await read('"Name,City"\n"Acme,Bonn"\n')
    expect(records).toEqual([{ 'Name,City': 'Acme,Bonn' }])
    expect(notes).toContain('There is one column, “Name,City”: each row may stand in quotes as a whole.')
  })

  it.each([
    ['numbers', 'point', 'a;b\n1.000,50;1,5\n2.000,75;2,5\n', '“1.000,50” in a is no such number'],
    ['dates', 'dmy', 'a,b\n12/31/2026,x\n11/30/2026,y\n', '“12/31/2026” in a is no such date'],
  ])('is told where its %s are not as somebody chose', async (field, style, content, words) => {
    const { notes, columns } = await read(content, { [field]: style })
    expect(columns).toContain('a')
    expect(notes).toContain(words)
  })
})
