import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../..')
const mostLines = 300

/** Longer, each for its reason: what a tool writes, say. */
const longer: Readonly<Record<string, string>> = {
  'packages/server/src/credentials/authorize/authorization.ts': 'is being split',
  'packages/server/src/credentials/service/service.ts': 'is being split',
  'packages/server/src/identity/store/members.ts': 'is being split',
}

it(`no file of the product has more than ${mostLines} lines, so that each can be read in one go`, async () => {
  const tooLong: string[] = []
  let files = 0
  for await (const file of glob('packages/*/src/**/*.{ts,tsx}', { cwd: checkout })) {
    files += 1
    const lines = readFileSync(join(checkout, file), 'utf8').split('\n').length - 1
    if (lines > mostLines) tooLong.push(file)
  }
  // What is short again is no exception any more.
  expect(tooLong.sort()).toEqual(Object.keys(longer).sort())
  expect(files).toBeGreaterThan(100)
})
