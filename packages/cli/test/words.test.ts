import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { during, Progress, telling } from '../src/progress.ts'
import { confirm, readSecret } from '../src/prompt.ts'
import { clean, Terminal } from '../src/terminal.ts'
import { Shell } from './command.ts'
import { ioOf } from './terminal-streams.ts'

let shell: Shell
beforeAll(() => {
  shell = new Shell()
})
afterAll(() => shell?.[Symbol.dispose]())

describe('what comes from a server', () => {
  const nasty = 'a\u001b[31mb\u001b]0;title\u0007c\u009b2Jd\u202ee\u2067f\u200fg\u2028h\u007fi\tj\u0000k'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  const unfit = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

  it.each([true, false])('cannot steer the terminal: a terminal %s', async (isTTY) => {
    const io = ioOf({ isTTY })
    const terminal = new Terminal(io)
    terminal.printJson({ [nasty]: nasty })
    const json = String(io.stdout.read())
    expect(json).not.toMatch(unfit)
    expect(JSON.parse(json)).toEqual({ [nasty]: nasty })
    terminal.print(nasty)
    terminal.note(nasty)
    for (const text of [String(io.stdout.read()), String(io.stderr.read())]) {
      // Colours are all that is left of it, and only in a terminal.
      expect(text.replaceAll('\u001b[31m', isTTY ? '' : '\u001b')).not.toMatch(unfit)
      expect(text.endsWith('k\n')).toBe(true)
    }
    expect(clean(nasty)).not.toMatch(unfit)
    expect(terminal.paint('red', 'x')).toBe(isTTY ? '\u001b[31mx\u001b[39m' : 'x')
  })

  it.each([true, false])(
    'is harmless in prompts, in waiting and in progress: a terminal %s',
    async (isTTY) => {
      const io = ioOf({ isTTY })
      let asked = ''
      io.stderr.on('data', (chunk) => {
        asked += String(chunk)
      })
      if (isTTY) {
        const confirmed = confirm(io, `Delete the credential ${nasty}?`)
        io.stdin.write('y\r')
        expect(await confirmed).toBe(true)
        expect(asked).toContain('Delete the credential')
      } else {
        const refused = await confirm(io, `Delete the credential ${nasty}?`).catch((error: unknown) => error)
        expect(refused).toMatchObject({ ending: 'usage', message: expect.not.stringMatching(unfit) })
      }
      const before = asked.length
      const progress = new Progress(io)
      await expect
        .poll(
          () => {
            progress.say(nasty)
            return asked.length
          },
          { timeout: 5000 },
        )
        .toBeGreaterThan(before)
      progress.end()
      const waited = asked.length
      const slow = Promise.withResolvers<null>()
      const waiting = during(io, nasty, slow.promise)
      await expect.poll(() => asked.length, { timeout: 5000 }).toBeGreaterThan(waited)
      slow.resolve(null)
      await waiting
      // What a terminal is told by ourselves: the cursor's moves of a prompt and of a line that changes.
      const own = new RegExp(`${String.fromCharCode(27)}\\[\\d*[A-K]|\\r`, 'g')
      expect(asked.replaceAll(own, '')).not.toMatch(unfit)
    },
  )

  it('is the same for programs in every command that answers JSON', async () => {
    const { stderr } = await shell.run([
      '--json',
      '--server',
      'https://a\u202eb\u009b.example/x',
      'credential',
      'list',
    ])
    expect(stderr).not.toMatch(unfit)
    expect(JSON.parse(stderr)).toHaveProperty('error.code', 'usage')
  })
})

describe('waiting', () => {
  it('is said after a second, and only then', async () => {
    const io = ioOf({})
    expect(await during(io, 'Checking', Promise.resolve(1))).toBe(1)
    expect(io.stderr.read()).toBeNull()
    let finish = (_value: number): void => undefined
    const slow = new Promise<number>((resolve) => {
      finish = resolve
    })
    const waiting = during(io, 'Checking', slow)
    while (io.stderr.readableLength === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    finish(2)
    expect(await waiting).toBe(2)
    expect(String(io.stderr.read())).toBe('Checking…\n')
  })
})

describe('progress', () => {
  it('is a line that changes in a terminal and is wiped away, and nothing at first', async () => {
    const io = ioOf({ isTTY: true })
    const progress = new Progress(io)
    progress.say('1 of 3')
    expect(io.stderr.read()).toBeNull()
    while (io.stderr.readableLength === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      progress.say('2 of 3')
    }
    progress.end()
    expect(String(io.stderr.read())).toBe('\r\u001b[2K2 of 3\r\u001b[2K')
    expect(io.stdout.read()).toBeNull()
  })

  it('fits its line in any script, for only one line can be wiped away', async () => {
    const io = ioOf({ isTTY: true, columns: 20 })
    expect(await saidBy(io, '東京都と大阪府のための資格情報')).toBe(
      '\r\u001b[2K東京都と大阪府のた…\r\u001b[2K',
    )
  })

  it('is told in lines where the terminal understands nothing else', async () => {
    const io = ioOf({ isTTY: true, env: { TERM: 'dumb' } })
    expect(await saidBy(io, '1 of 3')).toBe('1 of 3\n')
  })

  async function saidBy(io: ReturnType<typeof ioOf>, text: string): Promise<string> {
    await telling(io, async (progress) => {
      while (io.stderr.readableLength === 0) {
        progress.say(text)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })
    return String(io.stderr.read())
  }
})

describe('a secret that is asked for', () => {
  const origin = { stdin: false, file: undefined }

  it('is not shown', async () => {
    const io = ioOf({ isTTY: true })
    const asked = readSecret(io, 'API Key', origin)
    io.stdin.write('api_canary.canary\r')
    expect(await asked).toBe('api_canary.canary')
    expect(String(io.stderr.read())).toBe('API Key (not shown): \n')
    expect(io.stdout.read()).toBeNull()
  })

  it('can be refused with Ctrl-C', async () => {
    const io = ioOf({ isTTY: true })
    const asked = readSecret(io, 'API Key', origin)
    io.stdin.write('api_can\u0003')
    await expect(asked).rejects.toMatchObject({ ending: 'interrupted' })
  })

  it('is asked for only where somebody can answer, and not empty', async () => {
    await expect(readSecret(ioOf({}), 'API Key', origin)).rejects.toMatchObject({ ending: 'usage' })
    const piped = ioOf({})
    piped.stdin.end('\n')
    await expect(readSecret(piped, 'API Key', { stdin: true, file: undefined })).rejects.toMatchObject({
      ending: 'usage',
    })
  })
})
