import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  open as openFile,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { awayOf, type DataRecord } from '@latchwork/contract'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Config, Json } from '../../src/index.ts'
import {
  files,
  openReader,
  openStreamWriter,
  type RecordWriter,
  testContext,
  type WriterOptions,
} from '../context.ts'

let filesDir = ''
const open: RecordWriter[] = []
beforeEach(async () => {
  filesDir = await mkdtemp(join(tmpdir(), 'latchwork-files-'))
})
afterEach(async () => {
  for (const writer of open.splice(0)) await writer.close()
  await rm(filesDir, { recursive: true })
})

async function openWriter(config: Config, options: Partial<WriterOptions> = {}): Promise<RecordWriter> {
  const writer = await openStreamWriter(files, config, null, testContext({ folder: filesDir }), options)
  open.push(writer)
  return writer
}

const content = (name: string) => readFile(join(filesDir, name), 'utf8')
const page = (from: number, to: number): DataRecord[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: `${from + index}`, name: `Lead ${from + index}` }))

describe('a file as a destination', () => {
  it('replaces the whole only when the run is complete', async () => {
    await writeFile(join(filesDir, 'a.jsonl'), 'old\n')
    const writer = await openWriter({ file: 'a.jsonl' })
    await writer.write(page(0, 3))
    expect(await content('a.jsonl')).toBe('old\n')
    const output = await writer.finish()
    await writer.close()
    const text = await content('a.jsonl')
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(page(0, 3))
    expect(output).toEqual({ file: 'a.jsonl', bytes: text.length })
    expect(await readdir(filesDir)).toEqual(['a.jsonl'])
  })

  it('leaves the old file and nothing else behind when the run is given up', async () => {
    await writeFile(join(filesDir, 'a.jsonl'), 'old\n')
    const writer = await openWriter({ file: 'a.jsonl' })
    await writer.write(page(0, 3))
    await writer.abort()
    expect(await content('a.jsonl')).toBe('old\n')
    expect(await readdir(filesDir)).toEqual(['a.jsonl'])
  })

  it('goes on behind the last acknowledged page, over half a page', async () => {
    const first = await openWriter({ file: 'a.jsonl' })
    const acknowledged = await first.write(page(0, 3))
    await first.write(page(3, 6))
    await first.close()
    const second = await openWriter({ file: 'a.jsonl' }, { resume: acknowledged.state })
    await second.write(page(3, 8))
    await second.finish()
    const lines = (await content('a.jsonl')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  it('knows its own finished file when the process ended just after the renaming', async () => {
    const first = await openWriter({ file: 'a.jsonl' })
    const { state } = await first.write(page(0, 3))
    await first.finish()
    await first.close()
    const second = await openWriter({ file: 'a.jsonl' }, { resume: state })
    expect(await second.finish()).toMatchObject({ file: 'a.jsonl' })
    expect((await content('a.jsonl')).trim().split('\n')).toHaveLength(3)
  })

  it('does not take another file for its own when its part is gone', async () => {
    const first = await openWriter({ file: 'a.jsonl' })
    const { state } = await first.write(page(0, 3))
    await first.abort()
    await first.close()
    await writeFile(join(filesDir, 'a.jsonl'), 'something else\n')
    await expect(openWriter({ file: 'a.jsonl' }, { resume: state })).rejects.toMatchObject({
      code: 'file_not_found',
    })
    expect(await content('a.jsonl')).toBe('something else\n')
  })

  it.each<[Json]>([['start'], [{ bytes: 3 }], [{ bytes: '3', records: 1, inode: 1 }], [[]], [0]])(
    'refuses the state %j, which it never wrote, and leaves everything as it is',
    async (resume) => {
      const first = await openWriter({ file: 'a.jsonl' })
      await first.write(page(0, 3))
      await first.close()
      const part = '.a.jsonl.run_0000000000000000000001.1.part'
      const before = await content(part)
      await expect(openWriter({ file: 'a.jsonl' }, { resume })).rejects.toMatchObject({
        code: 'checkpoint_unreadable',
      })
      expect(await content(part)).toBe(before)
    },
  )

  it('goes on with a part of its own, which no process that had the run before can change or put in place', async () => {
    const frozen = await openWriter({ file: 'a.jsonl' })
    const acknowledged = await frozen.write(page(0, 3))
    const before = await readFile(join(filesDir, '.a.jsonl.run_0000000000000000000001.1.part'))
    await frozen.close() // of this process: the handle of another one stays open
    const late = await openFile(join(filesDir, '.a.jsonl.run_0000000000000000000001.1.part'), 'r+')
    const next = await openWriter({ file: 'a.jsonl' }, { attempt: 2, resume: acknowledged.state })
    expect(next.state).toMatchObject({ records: 3, attempt: 2 })
    expect(next.state).not.toEqual(acknowledged.state)
    await late.write('rubbish', 0)
    await late.close()
    const second = await next.write(page(3, 6))
    await next.close()
    expect(await readdir(filesDir)).toEqual(['.a.jsonl.run_0000000000000000000001.2.part'])
    // It was killed before that was acknowledged, and again after.
    for (const [attempt, resume] of [
      [3, next.state ?? null],
      [5, second.state],
    ] as const) {
      if (attempt === 5) await writeFile(join(filesDir, '.a.jsonl.run_0000000000000000000001.4.part'), before)
      const writer = await openWriter({ file: 'a.jsonl' }, { attempt, resume: resume ?? null })
      if (attempt === 3) {
        await writer.write(page(3, 6))
        await writer.close()
        continue
      }
      await writer.write(page(6, 8))
      await writer.finish()
      await writer.close()
    }
    expect(
      (await content('a.jsonl'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(page(0, 8).map(({ id }) => id))
    expect(await readdir(filesDir)).toEqual(['a.jsonl'])
  })

  it('puts nothing in place once another process has taken the run up', async () => {
    await writeFile(join(filesDir, 'a.jsonl'), 'old\n')
    const hold = () => Promise.reject(new Error('taken'))
    const writer = await openWriter({ file: 'a.jsonl' }, { hold })
    await writer.write(page(0, 3))
    await expect(writer.finish()).rejects.toThrow('taken')
    await writer.close()
    expect(await content('a.jsonl')).toBe('old\n')
  })

  it('knows its finished file also when it was finished after it had been taken up', async () => {
    const first = await openWriter({ file: 'a.jsonl' })
    const { state } = await first.write(page(0, 3))
    await first.close()
    const second = await openWriter({ file: 'a.jsonl' }, { attempt: 2, resume: state })
    await second.finish()
    await second.close()
    const third = await openWriter({ file: 'a.jsonl' }, { attempt: 3, resume: second.state ?? null })
    expect(await third.finish()).toMatchObject({ file: 'a.jsonl' })
  })

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full, which passes', async () => {
    await symlink('/dev/full', join(filesDir, '.a.jsonl.run_0000000000000000000001.1.part'))
    const writer = await openWriter({ file: 'a.jsonl' })
    const failure = await writer.write(page(0, 3)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'disk_full', message: expect.stringContaining('a.jsonl') })
    expect(awayOf(failure)).toEqual({ retryAfterMs: null })
  })

  it('says that its folder is gone, and not that somebody has to upload the file', async () => {
    const folder = filesDir
    const gone = { code: 'data_dir_unwritable', message: expect.stringContaining('the data folder') }
    const writer = await openWriter({ file: 'a.jsonl' })
    await writer.write(page(0, 3))
    await rm(folder, { recursive: true })
    await expect(writer.finish()).rejects.toMatchObject(gone)
    await writer.close()
    await expect(openWriter({ file: 'a.jsonl' })).rejects.toMatchObject(gone)
    await mkdir(folder)
    const again = await openWriter({ file: 'a.jsonl' })
    await again.write(page(0, 3))
    expect(await again.finish()).toMatchObject({ file: 'a.jsonl' })
  })

  it('refuses a second run on the same file, in this process and from another', async () => {
    const first = await openWriter({ file: 'a.jsonl' })
    const other = { runId: 'run_0000000000000000000002' }
    await expect(openWriter({ file: 'a.jsonl' }, other)).rejects.toMatchObject({ code: 'run_active' })
    await first.abort()
    await first.close()
    const part = join(filesDir, '.a.jsonl.run_0000000000000000000003.12.part')
    await writeFile(part, 'of another process')
    const third = 'run_0000000000000000000003'
    const asked = { ...other, isUnderWay: async (id: string) => id === third }
    await expect(openWriter({ file: 'a.jsonl' }, asked)).rejects.toMatchObject({ code: 'run_active' })
    expect(await content(basename(part))).toBe('of another process')
    // However long ago it was written to.
    const minutesAgo = new Date(Date.now() - 8 * 24 * 3_600_000)
    await utimes(part, minutesAgo, minutesAgo)
    await expect(openWriter({ file: 'a.jsonl' }, asked)).rejects.toMatchObject({ code: 'run_active' })
    expect(await content(basename(part))).toBe('of another process')
  })

  it('is not kept waiting by a run that has ended, and erases what that left', async () => {
    await writeFile(join(filesDir, '.a.jsonl.run_0000000000000000000003.part'), 'left just now')
    await writeFile(join(filesDir, '.b.jsonl.run_0000000000000000000003.part'), 'of another file')
    const writer = await openWriter({ file: 'a.jsonl' }, { runId: 'run_0000000000000000000002' })
    await writer.write(page(0, 1))
    await writer.finish()
    expect((await readdir(filesDir)).sort()).toEqual(['.b.jsonl.run_0000000000000000000003.part', 'a.jsonl'])
  })

  it('keeps formulas from running in a spreadsheet, unless told not to, and leaves numbers alone', async () => {
    const columns = ['text', 'number'].map((name) => ({ name, label: name, type: 'text' as const }))
    const records = [
      { text: '=1+1', number: -5 },
      { text: '@SUM(A1)', number: 1.5 },
      { text: 'plain', number: null },
    ]
    for (const [formulas, expected] of [
      ['protect', "text,number\n'=1+1,-5\n'@SUM(A1),1.5\nplain,\n"],
      ['keep', 'text,number\n=1+1,-5\n@SUM(A1),1.5\nplain,\n'],
    ] as const) {
      const writer = await openWriter({ file: 'f.csv', format: 'csv', formulas }, { columns })
      await writer.write(records)
      await writer.finish()
      await writer.close()
      expect(await content('f.csv')).toBe(expected)
    }
  })

  it('writes CSV that its own source reads back unchanged', async () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ id: cell, name: cell }), { minLength: 1 }), async (records) => {
        const config = { file: 'round.csv', format: 'csv', formulas: 'keep', delimiter: 'semicolon' }
        const writer = await openWriter(config)
        await writer.write(records)
        await writer.finish()
        await writer.close()
        const source = { file: 'round.csv', format: 'csv', delimiter: 'semicolon' }
        const context = testContext({ folder: filesDir })
        const reader = await openReader(files, source, null, context, 'run')
        const back: DataRecord[] = []
        for await (const part of reader.batches(null)) back.push(...part.records)
        await reader.close()
        expect(back).toEqual(records)
      }),
      { numRuns: 100 },
    )
  })
})
