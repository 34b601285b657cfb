import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('makes one file with one key when several servers start at once', async () => {
  const path = join(folder, 'keys', 'master.key')
  const script = `
    import { openKeyFile } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))}
    process.stdout.write(openKeyFile(${JSON.stringify(path)}, { create: true }).activeKeyId)`
  const run = promisify(execFile)
  const starts = Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', script]))
  const ids = (await Promise.all(starts)).map(({ stdout }) => stdout)
  expect(new Set(ids).size).toBe(1)
  expect(ids[0]).toMatch(/^[0-9a-f]{16}$/)
  expect(readdirSync(join(folder, 'keys'))).toEqual(['master.key'])
})
