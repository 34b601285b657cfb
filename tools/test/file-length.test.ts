import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../..')
const mostLines = 300
/** Tests that are still to be split along what they test. None is added. */
const notYet = [
  'packages/close-sandbox/test/oauth.test.ts',
  'packages/close/test/transport.test.ts',
  'packages/close/test/walk-search.test.ts',
  'packages/connectors/test/close/destination.test.ts',
  'packages/connectors/test/postgres/types.test.ts',
  'packages/sync/test/engine.test.ts',
  'packages/server/test/audit/together.test.ts',
  'packages/server/test/credentials/refresh.test.ts',
  'packages/server/test/database/run-suite.ts',
]

it.each([
  ['the product', 'packages/*/src/**/*.{ts,tsx}'],
  ['the tests', '{packages/*/test,e2e,bench,tools}/**/*.{ts,tsx}'],
])(`no file of %s has more than ${mostLines} lines, so that each can be read in one go`, async (_, files) => {
  const tooLong: string[] = []
  let found = 0
  for await (const file of glob(files, { cwd: checkout, exclude: ['**/node_modules/**'] })) {
    found += 1
    const lines = readFileSync(join(checkout, file), 'utf8').split('\n').length - 1
    if (lines > mostLines && !notYet.includes(file)) tooLong.push(file)
  }
  expect(tooLong).toEqual([])
  expect(found).toBeGreaterThan(100)
})
