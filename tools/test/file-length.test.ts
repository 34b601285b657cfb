import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../..')
const mostLines = 300

it(`no file of the product has more than ${mostLines} lines, so that each can be read in one go`, async () => {
  const tooLong: string[] = []
  let files = 0
  for await (const file of glob('packages/*/src/**/*.{ts,tsx}', { cwd: checkout })) {
    files += 1
    const lines = readFileSync(join(checkout, file), 'utf8').split('\n').length - 1
    if (lines > mostLines) tooLong.push(file)
  }
  expect(tooLong).toEqual([])
  expect(files).toBeGreaterThan(100)
})
