import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKeyFile } from '../src/index.ts'

/* What stands in a key file, and what is said of one that can't be used. */
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchwork-key-file-'))
  path = join(folder, 'master.key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const line = () => `lw-key-1:${randomBytes(32).toString('base64url')}`
const write = (...lines: string[]) => writeFileSync(path, lines.join('\n'), { mode: 0o600 })
const lines = (file = path) => readFileSync(file, 'utf8').split('\n')
/** An error of this code whose message says these things, in this order. */
const failure = (code: string, ...words: string[]) =>
  expect.objectContaining({
    code,
    message: expect.toSatisfy((message: string) => {
      let at = 0
      return words.every((word) => {
        at = message.indexOf(word, at)
        return at >= 0
      })
    }),
  })

describe('a new key file', () => {
  it('says what it is, and holds one key', () => {
    openKeyFile(path, { create: true })
    expect(lines()).toEqual([
      expect.stringMatching(/^# Latchwork master key\. .*keep a copy/),
      expect.stringMatching(/^lw-key-1:/),
      '',
    ])
  })

  it('is not written through a link that leads nowhere, and leaves nothing behind', () => {
    symlinkSync(join(folder, 'nowhere'), path)
    expect(() => openKeyFile(path, { create: true })).toThrow(
      failure('data_dir_unwritable', path, "can't be made", 'Let the server write'),
    )
    expect(readdirSync(folder)).toEqual(['master.key'])
  })
})

describe('a key file that is missing or unfit', () => {
  it('is named, with what to do', () => {
    expect(() => openKeyFile(path, { create: false })).toThrow(
      failure('master_key_missing', `the key file ${path}`, "isn't there", 'LATCHWORK_MASTER_KEY_FILE'),
    )
    mkdirSync(path, { mode: 0o700 })
    expect(() => openKeyFile(path, { create: false })).toThrow(
      failure('master_key_missing', path, "can't be read", 'who owns it'),
    )
  })

  it('says in which mode others can read it', () => {
    writeFileSync(path, line(), { mode: 0o640 })
    expect(() => openKeyFile(path, { create: false })).toThrow(
      failure('master_key_missing', path, '(mode 640)', 'chmod 600'),
    )
  })

  it.each([
    ['# none', 'no master key'],
    ['x', "isn't a key of 32 bytes"],
  ])('with %j in it says what is wrong', (text, words) => {
    write(text)
    expect(() => openKeyFile(path, { create: false })).toThrow(failure('master_key_missing', words))
    expect(() => openKeyFile(path, { create: false })).toThrow(path)
  })

  it('whose name leaves no room for another beside it cannot be changed, and says so', () => {
    path = join(folder, 'k'.repeat(250))
    write(line())
    const keys = openKeyFile(path, { create: false })
    expect(() => keys.add()).toThrow(
      failure('data_dir_unwritable', path, "can't be written", 'Let the server write', 'by hand'),
    )
    expect(keys.keyIds).toHaveLength(1)
  })
})

describe('a key file that somebody wrote by hand', () => {
  const [one, two, three] = [line(), line(), line()] as const

  it('may have comments, empty lines, spaces and the line ends of Windows', () => {
    write(` # mine\r`, `  ${one} \r`, '', `\t${two}`, ' #last ')
    const keys = openKeyFile(path, { create: false })
    expect(keys.keyIds).toHaveLength(2)
    const added = keys.add()
    expect(openKeyFile(path, { create: false }).keyIds).toEqual([...keys.keyIds])
    expect(keys.keyIds.at(-1)).toBe(added)
    expect(lines()).toEqual([` # mine`, `  ${one} `, `\t${two}`, ' #last ', expect.any(String), ''])
  })

  it('keeps its comments where they are when another key is made active', () => {
    write('# first', ' # second', one, '# of two', ` ${two} `, three)
    const keys = openKeyFile(path, { create: false })
    const [, second = '', third = ''] = keys.keyIds
    keys.activate(second)
    expect(lines()).toEqual(['# first', ' # second', ` ${two} `, one, '# of two', three, ''])
    keys.activate(third)
    expect(lines()).toEqual(['# first', ' # second', three, ` ${two} `, one, '# of two', ''])
    expect(keys.keyIds).toEqual([third, second, expect.any(String)])
  })

  it('may have lines of spaces, which are gone after a change', () => {
    write(one, '  ', two, '\t', three)
    const keys = openKeyFile(path, { create: false })
    const [first = '', second = '', third = ''] = keys.keyIds
    keys.archive(third)
    expect(lines()).toEqual([one, two, ''])
    write(one, '  ', two)
    keys.activate(second)
    expect(lines()).toEqual([two, one, ''])
    write(two, '  ', one)
    keys.archive(first)
    expect(lines()).toEqual([two, ''])
  })

  it('may hold a key twice: it is put first, or away, once', () => {
    write(one, two, three, two)
    const keys = openKeyFile(path, { create: false })
    const [first = '', second = ''] = keys.keyIds
    keys.activate(second)
    expect(lines()).toEqual([two, one, three, ''])
    write(two, one, three, one)
    keys.archive(first)
    expect(lines()).toEqual([two, three, ''])
    expect(lines(`${path}.retired`).slice(1)).toEqual([one, ''])
  })

  it('collects what was put away, in the order of that', () => {
    write(one, two, three)
    const keys = openKeyFile(path, { create: false })
    const [, second = '', third = ''] = keys.keyIds
    keys.archive(third)
    keys.archive(second)
    expect(lines(`${path}.retired`)).toEqual([
      expect.stringMatching(/^# Retired Latchwork master keys\. .*delete/),
      three,
      two,
      '',
    ])
    expect(lines()).toEqual([one, ''])
  })

  it('keeps a key that could not be put away', () => {
    write(one, two)
    mkdirSync(`${path}.retired`)
    const keys = openKeyFile(path, { create: false })
    const [, second = ''] = keys.keyIds
    expect(() => keys.archive(second)).toThrow(failure('master_key_missing', '.retired'))
    expect(lines()).toEqual([one, two])
  })

  it('is asked for a key that it does not hold, and says which', () => {
    write(one)
    const keys = openKeyFile(path, { create: false })
    for (const change of [keys.activate, keys.archive]) {
      expect(() => change('0123456789abcdef')).toThrow(
        failure('master_key_missing', path, '0123456789abcdef'),
      )
    }
  })

  it('that holds something which is no key is not changed', () => {
    write(one)
    const keys = openKeyFile(path, { create: false })
    write(one, 'no key')
    expect(() => keys.add()).toThrow(failure('master_key_missing', "isn't a key"))
    expect(lines()).toEqual([one, 'no key'])
  })

  it('is read again when it has changed, even in the same moment or to the same length', () => {
    write(one)
    const keys = openKeyFile(path, { create: false })
    const { activeKeyId } = keys
    utimesSync(path, 1000, 1000)
    expect(keys.activeKeyId).toBe(activeKeyId)
    write(two)
    utimesSync(path, 1001, 1001)
    expect(keys.activeKeyId).not.toBe(activeKeyId)
    write(two, one)
    utimesSync(path, 1001, 1001)
    expect(keys.keyIds).toHaveLength(2)
  })

  it('is not read again while nothing tells it from the one that was read', () => {
    write(one)
    utimesSync(path, 1000, 1000)
    const keys = openKeyFile(path, { create: false })
    const { activeKeyId } = keys
    write(two)
    utimesSync(path, 1000, 1000)
    expect(keys.activeKeyId).toBe(activeKeyId)
  })

  it.runIf(existsSync('/proc/self/fd'))('is never left open', () => {
    openKeyFile(path, { create: true })
    const keys = openKeyFile(path, { create: false })
    const first = keys.activeKeyId
    keys.activate(keys.add())
    keys.archive(first)
    const open = readdirSync('/proc/self/fd').flatMap((file) => {
      try {
        return [readlinkSync(`/proc/self/fd/${file}`)]
      } catch {
        return [] // the one that listed them
      }
    })
    expect(open.filter((each) => each.startsWith(folder))).toEqual([])
  })
})
