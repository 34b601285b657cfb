import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LatchworkError } from '@latchwork/contract'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLocalProvider, makeSentinel, openKeyFile, parseKeys, verifySentinel } from '../src/index.ts'
import { newKeyLine } from '../src/local-keys.ts'
import { sealField } from '../src/sealing.ts'

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

  it('may be any 32 bytes, in any of these forms, among empty lines and comments', () => {
    const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
    const form = fc.constantFrom<(key: Buffer) => string>(
      (key) => `lw-key-1:${key.toString('base64url')}`,
      (key) => `lw-key-1:${key.toString('hex')}`,
      (key) => key.toString('base64'),
      (key) => key.toString('base64url'),
      (key) => key.toString('hex'),
      (key) => key.toString('hex').toUpperCase(),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(anyKey, form), { minLength: 1 }), (keys) => {
        const text = keys.map(([key, write]) => `# a key\r\n  ${write(key)}\t\r\n\n`).join('')
        expect(parseKeys(text, 'a test')).toEqual(keys.map(([key]) => key))
      }),
    )
  })

  it.each([
    ['31 bytes', randomBytes(31).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['31 bytes in hex', randomBytes(31).toString('hex')],
    ['33 bytes in hex', randomBytes(33).toString('hex')],
    ['something before it', `-${randomBytes(32).toString('hex')}`],
    ['something after it', `${randomBytes(32).toString('hex')}-`],
    ['something that Node skips before it', `*${randomBytes(32).toString('base64url')}`],
    ['something that Node skips after it', `${randomBytes(32).toString('base64url')}*`],
    ['something that Node skips in it', `${'A'.repeat(20)}*${'A'.repeat(22)}`],
    [
      'two keys in a line',
      `${randomBytes(32).toString('base64url')} ${randomBytes(32).toString('base64url')}`,
    ],
    ['another prefix', `lw-key-2:${randomBytes(32).toString('base64url')}`],
  ])('are refused with %s, which is not repeated', (_, text) => {
    const parse = () => parseKeys(`${newKeyLine()}\n${text}`, 'the file')
    expect(parse).toThrow(expect.objectContaining({ code: 'master_key_missing' }))
    expect(parse).toThrow(/^the file holds something .* 32 bytes .*"lw-key-1:"/)
    expect(parse).not.toThrow(text)
  })

  it('are missing where there is none', () => {
    for (const none of [
      () => parseKeys(' \n# none\n', 'the file'),
      () => createLocalProvider([], 'the file'),
    ]) {
      expect(none).toThrow(
        expect.objectContaining({
          code: 'master_key_missing',
          message: 'There is no master key in the file.',
        }),
      )
    }
  })

  it('are several: the first is active, all open', async () => {
    const lines = [newKeyLine(), newKeyLine()]
    const both = createLocalProvider(parseKeys(lines.join('\n'), 'both'), 'both')
    const second = createLocalProvider(parseKeys(lines[1] ?? '', 'second'), 'second')
    const dataKey = randomBytes(32)
    expect(both.activeKeyId).not.toBe(second.activeKeyId)
    expect((await both.unwrap(await second.wrap(dataKey))).equals(dataKey)).toBe(true)
    expect(both.keyIds).toEqual([both.activeKeyId, second.activeKeyId])
    await expect(second.unwrap(await both.wrap(dataKey))).rejects.toMatchObject({
      code: 'master_key_missing',
      message: `A secret was sealed under the master key ${both.activeKeyId}, which second doesn't hold.`,
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
    await expect(verifySentinel(provider, 'x')).rejects.toThrow('its note of the key is damaged')
  })

  it('does not fit when another text was sealed in its place', async () => {
    const provider = createLocalProvider([randomBytes(32)], 'a test')
    const dataKey = randomBytes(32)
    const place = { table: 'latchwork:sentinel', rowId: '', field: '', version: 1 }
    const stored = `${await provider.wrap(dataKey)} ${sealField(dataKey, 'k', place, 'something else')}`
    await expect(verifySentinel(provider, stored)).rejects.toMatchObject({ code: 'master_key_wrong' })
  })

  it('names all keys that are held', async () => {
    const provider = createLocalProvider([randomBytes(32), randomBytes(32)], 'the file')
    const other = createLocalProvider([randomBytes(32)], 'another')
    await expect(verifySentinel(provider, await makeSentinel(other))).rejects.toThrow(
      `needs the master key ${other.activeKeyId}, but the file holds ${provider.keyIds.join(', ')}. Start with`,
    )
  })

  it('says nothing of the key when the keys could not be asked', async () => {
    const provider = createLocalProvider([randomBytes(32)], 'a test')
    const stored = await makeSentinel(provider)
    for (const fault of [new LatchworkError('kms_unavailable'), new TypeError('out of order')]) {
      const failing = { ...provider, unwrap: () => Promise.reject(fault) }
      await expect(verifySentinel(failing, stored)).rejects.toBe(fault)
    }
  })
})
