import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../..')
const mostLines = 300

it.each([
  ['the product', 'packages/*/src/**/*.{ts,tsx}'],
  ['the tests', '{packages/*/test,e2e,bench,tools}/**/*.{ts,tsx}'],
])(`no file of %s has more than ${mostLines} lines, so that each can be read in one go`, async (_, files) => {
  const tooLong: string[] = []
  let found = 0
  for await (const file of glob(files, { cwd: checkout, exclude: ['**/node_modules/**'] })) {
    found += 1
    const lines = readFileSync(join(checkout, file), 'utf8').split('\n').length - 1
    if (lines > mostLines) tooLong.push(file)
  }
  expect(tooLong).toEqual([])
  expect(found).toBeGreaterThan(100)
})
