import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { files, openReader, testContext } from '../context.ts'

let filesDir = ''
beforeAll(async () => {
  filesDir = await mkdtemp(join(tmpdir(), 'latchwork-hostile-files-'))
})
afterAll(() => rm(filesDir, { recursive: true }))

const mebi = 1024 * 1024
const columns = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`)

describe('#56 a hostile file', () => {
  it.each([
    ['a line of more than 16 MB', 'jsonl', () => `{"a":"${'x'.repeat(17 * mebi)}"}\n`],
    ['a line without end', 'jsonl', () => `{"a":"${'x'.repeat(17 * mebi)}`],
    ['deep nesting', 'jsonl', () => `{"a":${'['.repeat(mebi)}${']'.repeat(mebi)}}`],
    ['values without end', 'jsonl', () => `{"a":[${'[],'.repeat(4 * mebi)}0]}`],
    [
      'a million columns in a record',
      'jsonl',
      () => JSON.stringify(Object.fromEntries(columns(200_000).map((name) => [name, 1]))),
    ],
    [
      'new columns in every record',
      'jsonl',
      () =>
        columns(3000)
          .map((name) => `{"${name}":1}`)
          .join('\n'),
    ],
    ['a name of a megabyte', 'jsonl', () => `{"${'x'.repeat(mebi)}":1}`],
    ['a cell without end', 'csv', () => `a,b\n"${'x'.repeat(17 * mebi)}`],
    ['a header without end', 'csv', () => 'x'.repeat(17 * mebi)],
    ['a million columns', 'csv', () => `${columns(mebi).join(',')}\n1`],
    ['a million cells', 'csv', () => `a,b\n${','.repeat(8 * mebi)}\n`],
    ['a name of a megabyte', 'csv', () => `${'x'.repeat(mebi)},b\n1,2\n`],
  ])('ends in an error of a line: %s (%s)', async (what, format, content) => {
    const file = `hostile.${format}`
    await writeFile(join(filesDir, file), content())
    // A sample does not come to the record that goes too far.
    const purposes =
      what === 'new columns in every record' ? (['run'] as const) : (['run', 'sample'] as const)
    for (const purpose of purposes) {
      const opening = openReader(files, { file, format }, null, testContext({ folder: filesDir }), purpose)
      await expect(opening).rejects.toMatchObject({
        code: 'file_invalid',
        message: expect.stringMatching(/^.{20,300}$/),
      })
    }
  })
})
