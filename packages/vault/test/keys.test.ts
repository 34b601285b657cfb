import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createLocalProvider,
  makeSentinel,
  newKeyLine,
  openKeyFile,
  parseKeys,
  verifySentinel,
} from '../src/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const codeOf = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return Reflect.get(Object(error), 'code')
  }
  return 'no error'
}

describe('the key file', () => {
  it('is made once, for its owner only, and read the same afterwards', () => {
    const path = join(folder, 'keys', 'master.key')
    const made = openKeyFile(path, { create: true })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700)
    expect(openKeyFile(path, { create: true }).activeKeyId).toBe(made.activeKeyId)
    expect(readdirSync(join(folder, 'keys'))).toEqual(['master.key'])
  })

  it('is never made where one should be', () => {
    const path = join(folder, 'master.key')
    expect(codeOf(() => openKeyFile(path, { create: false }))).toBe('master_key_missing')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is one file with one key when several servers start at once', async () => {
    const path = join(folder, 'keys', 'master.key')
    const script = `
      import { openKeyFile } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))}
      process.stdout.write(openKeyFile(${JSON.stringify(path)}, { create: true }).activeKeyId)`
    const run = promisify(execFile)
    const starts = Array.from({ length: 4 }, () =>
      run(process.execPath, ['--input-type=module', '-e', script]),
    )
    const ids = (await Promise.all(starts)).map(({ stdout }) => stdout)
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/)
    expect(readdirSync(join(folder, 'keys'))).toEqual(['master.key'])
  })

  it('is refused with the path when its folder takes no file', () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const path = join(file, 'master.key')
    expect(codeOf(() => openKeyFile(path, { create: true }))).toBe('data_dir_unwritable')
    expect(() => openKeyFile(path, { create: true })).toThrow(path)
  })

  it('is refused when it is a folder', () => {
    expect(codeOf(() => openKeyFile(folder, { create: true }))).toBe('master_key_missing')
  })

  it('is refused when others can read it', () => {
    const path = join(folder, 'master.key')
    openKeyFile(path, { create: true })
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(path, mode)
      expect(() => openKeyFile(path, { create: true })).toThrow(/chmod 600/)
    }
  })

  it.each(['', '# only a comment\n', 'lw-key-1:short', 'not a key at all'])(
    'is refused with %j in it, which is not repeated',
    (text) => {
      const path = join(folder, 'master.key')
      writeFileSync(path, text, { mode: 0o600 })
      expect(codeOf(() => openKeyFile(path, { create: true }))).toBe('master_key_missing')
      if (text.length > 3) expect(() => openKeyFile(path, { create: true })).not.toThrow(text)
    },
  )
})

describe('keys in text', () => {
  it('may be a line of ours, base64, base64url or hex', () => {
    const key = randomBytes(32)
    for (const text of [
      `lw-key-1:${key.toString('base64url')}`,
      key.toString('base64'),
      key.toString('base64url'),
      key.toString('hex'),
    ]) {
      expect(parseKeys(text, 'a test')[0]?.equals(key), text).toBe(true)
    }
  })

  it('are several: the first is active, all open', async () => {
    const lines = [newKeyLine(), newKeyLine()]
    const both = createLocalProvider(parseKeys(lines.join('\n'), 'both'), 'both')
    const second = createLocalProvider(parseKeys(lines[1] ?? '', 'second'), 'second')
    const dataKey = randomBytes(32)
    expect(both.activeKeyId).not.toBe(second.activeKeyId)
    expect((await both.unwrap(await second.wrap(dataKey))).equals(dataKey)).toBe(true)
    await expect(second.unwrap(await both.wrap(dataKey))).rejects.toMatchObject({
      code: 'master_key_missing',
    })
  })
})

describe('the sentinel', () => {
  it('fits the key that made it', async () => {
    const provider = createLocalProvider([randomBytes(32)], 'a test')
    await expect(verifySentinel(provider, await makeSentinel(provider))).resolves.toBeUndefined()
  })

  it('names the key needed and the key given when they differ', async () => {
    const [right, wrong] = [
      createLocalProvider([randomBytes(32)], 'right'),
      createLocalProvider([randomBytes(32)], 'wrong'),
    ]
    const failure = verifySentinel(wrong, await makeSentinel(right))
    await expect(failure).rejects.toMatchObject({ code: 'master_key_wrong' })
    await expect(failure).rejects.toThrow(right.activeKeyId)
    await expect(failure).rejects.toThrow(wrong.activeKeyId)
  })

  it('does not fit when it was damaged', async () => {
    const provider = createLocalProvider([randomBytes(32)], 'a test')
    const stored = await makeSentinel(provider)
    for (const damaged of ['', 'x', stored.slice(0, -4), stored.split(' ')[0] ?? '']) {
      await expect(verifySentinel(provider, damaged)).rejects.toMatchObject({ code: 'master_key_wrong' })
    }
  })
})
