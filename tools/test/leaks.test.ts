import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findLeaks } from '../leaks.ts'
import { findMissingPlatforms } from '../lockfile.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-leaks-'))
  execFileSync('git', ['init', '-q', folder])
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the check for secrets and paths', () => {
  // Put together here, so that this file passes the check itself.
  it.each([
    ['a path of one machine', ['', 'home', 'somebody', 'project'].join('/')],
    ['a path of one machine', ['C:', 'Users', 'somebody'].join('\\')],
    ['a path outside the repository', ['..', 'shared', 'notes.md'].join('/')],
    ['a private key', `-----BEGIN ${'PRIVATE'} KEY-----\n${'A'.repeat(64)}`],
    ['a cloud access key', `AKIA${'ABCD'.repeat(4)}`],
    ['an access token', `npm_${'a1B2'.repeat(9)}`],
  ])('finds %s, and its line', async (what, text) => {
    writeFileSync(join(folder, 'notes.md'), `First line\nthen ${text}\n`)
    expect(await findLeaks(folder)).toEqual([`notes.md:2: holds ${what}`])
  })

  it('passes over what git ignores, and what only looks alike', async () => {
    writeFileSync(join(folder, '.gitignore'), 'local.env\n')
    writeFileSync(join(folder, 'local.env'), `TOKEN=npm_${'a1B2'.repeat(9)}\n`)
    writeFileSync(
      join(folder, 'page.ts'),
      "fetch('https://app.example/home/start'); import './root/flow.ts'\n",
    )
    expect(await findLeaks(folder)).toEqual([])
  })
})

describe('the check of the lockfile', () => {
  it('finds a platform package that was left out, and accepts nested ones', () => {
    const file = join(folder, 'package-lock.json')
    const optionalDependencies = { '@tool/linux': '1.0.0', '@tool/darwin': '1.0.0' }
    const packages = {
      'node_modules/tool': { optionalDependencies },
      'node_modules/tool/node_modules/@tool/linux': {},
      'packages/one/node_modules/tool': {
        optionalDependencies: { '@tool/linux': '2.0.0', '@other/any': '1.0.0' },
      },
      'packages/one/node_modules/@tool/linux': {},
      'node_modules/@other/any': {},
    }
    writeFileSync(file, JSON.stringify({ packages }))
    expect(findMissingPlatforms(file)).toEqual([
      'node_modules/tool wants @tool/darwin, which the lockfile leaves out',
    ])
  })
})
