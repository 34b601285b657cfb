import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Io } from '../src/io.ts'
import { Progress } from '../src/progress.ts'
import { confirm, readSecret } from '../src/prompt.ts'
import { type Column, formatTable } from '../src/table.ts'
import { clean, Terminal } from '../src/terminal.ts'
import { Shell } from './command.ts'
import { documentCommands } from './document-commands.ts'

let shell: Shell
beforeAll(() => {
  shell = new Shell()
})
afterAll(() => shell?.[Symbol.dispose]())

function ioOf({ columns, isTTY = false, env = {} }: { columns?: number; isTTY?: boolean; env?: Io['env'] }) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined })
  const stdout = Object.assign(new PassThrough(), { isTTY, ...(columns === undefined ? {} : { columns }) })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  return { stdin, stdout, stderr, env, hostName: 'larch', signal: new AbortController().signal }
}

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
      const waiting = new Terminal(io).during(nasty, slow.promise)
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
    expect(JSON.parse(stderr)).toHaveProperty('code')
  })
})

describe('tables', () => {
  const items = [
    { id: 'cred_1', name: 'A short name' },
    {
      id: 'cred_22',
      name: 'Ein sehr langer Name: 東京都と大阪府のための資格情報 🎉🎉🎉, with words after it',
    },
  ]
  const columns: readonly Column<(typeof items)[number]>[] = [
    { title: 'Id', cell: ({ id }) => id, whole: true },
    { title: 'Name', cell: ({ name }) => name, style: () => 'red' },
  ]

  it('fit the terminal in any script, and cut no id', () => {
    for (const width of [20, 33, 34, 60]) {
      const lines = formatTable(new Terminal(ioOf({ columns: width })), columns, items)
      expect(lines.map((line) => stringWidth(line)).every((length) => length <= width)).toBe(true)
      expect(lines[2]).toMatch(/^cred_22 {2}.*…$/)
    }
  })

  it('are whole where nobody reads along, and coloured only in a terminal without NO_COLOR', () => {
    const piped = formatTable(new Terminal(ioOf({})), columns, items).join('\n')
    expect(piped).toContain('with words after it')
    expect(piped).not.toContain('\u001b')
    const shown = formatTable(new Terminal(ioOf({ isTTY: true })), columns, items).join('\n')
    expect(shown).toContain('\u001b[31mA short name')
    const plain = ioOf({ isTTY: true, env: { NO_COLOR: '1' } })
    expect(formatTable(new Terminal(plain), columns, items).join('\n')).not.toContain('\u001b')
  })

  it('leave out what can be spared where there is no room', () => {
    const spared: typeof columns = [
      ...columns,
      { title: 'Kind', cell: () => 'a kind of thing', whole: true, spare: 2 },
      { title: 'Use', cell: () => 'often', whole: true, spare: 1 },
    ]
    const titles = (width: number) => formatTable(new Terminal(ioOf({ columns: width })), spared, items)[0]
    expect(titles(80)).toMatch(/^Id +Name +Kind +Use$/)
    expect(titles(40)).toMatch(/^Id +Name +Use$/)
    expect(titles(26)).toMatch(/^Id +Name$/)
  })

  it('let no text of others command the terminal', () => {
    expect(clean('a\u001b[2Jb\r\nc\u202ed\u009b31m')).toBe('a [2Jb c d 31m')
  })
})

describe('waiting', () => {
  it('is said after a second, and only then', async () => {
    const io = ioOf({})
    const terminal = new Terminal(io)
    expect(await terminal.during('Checking', Promise.resolve(1))).toBe(1)
    expect(io.stderr.read()).toBeNull()
    let finish = (_value: number): void => undefined
    const slow = new Promise<number>((resolve) => {
      finish = resolve
    })
    const waiting = terminal.during('Checking', slow)
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

describe('the command line', () => {
  it('stands in docs/cli.md as the commands are defined', () => {
    const file = new URL('../../../docs/cli.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(documentCommands())
  })

  it('that is wrong ends with 2; help and version with 0', async () => {
    for (const args of [
      ['frob'],
      ['credential'],
      ['credential', 'list', '--limit', '0'],
      ['token', 'create'],
    ]) {
      expect(await shell.run(args)).toMatchObject({ code: 2, stdout: '' })
    }
    expect(await shell.spawn(['--version']).ended).toMatchObject({ code: 0, stdout: '0.1.0\n' })
    expect((await shell.run(['credential', 'add', '--help'])).code).toBe(0)
  })

  it('without a sign-in ends with 3', async () => {
    const refused = await shell.run(['credential', 'list'])
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(refused.stderr).toContain('latchwork login')
  })
})

describe('completions', () => {
  it('for bash offer commands, options and their values', async () => {
    const { stdout } = await shell.run(['completion', 'bash'])
    const file = join(shell.home, 'completion.bash')
    writeFileSync(file, stdout)
    const offered = (...words: string[]) => {
      const typed = words.map((word) => `'${word}'`).join(' ')
      const script = `source '${file}'; COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _latchwork; printf '%s\n' "\${COMPREPLY[@]}"`
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
    }
    expect(offered('latchwork', 'cred')).toEqual(['credential'])
    expect(offered('latchwork', 'credential', '')).toEqual(
      expect.arrayContaining(['list', 'add', 'authorize']),
    )
    expect(offered('latchwork', '--json', 'run', 'c')).toEqual(['cancel'])
    expect(offered('latchwork', 'credential', 'list', '--status', 'v')).toEqual(['verified'])
    expect(offered('latchwork', 'credential', 'list', '--status', '=', 'v')).toEqual(['verified'])
    writeFileSync(join(shell.home, 'a file.age'), '')
    expect(offered('latchwork', 'restore', '--in', `${shell.home}/a f`)).toEqual([`${shell.home}/a file.age`])
    expect(offered('latchwork', 'credential', 'add', '--name', `${shell.home}/`)).toEqual([''])
    expect(offered('latchwork', 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })

  const has = (name: string) => spawnSync(name, ['--version']).error === undefined

  it('for fish offer what can follow, of this very command', { skip: !has('fish') }, async () => {
    const file = join(shell.home, 'completion.fish')
    writeFileSync(file, (await shell.run(['completion', 'fish'])).stdout)
    const offered = (line: string) => {
      const script = `source ${file}; complete -C'${line}'`
      const lines = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' })
        .trim()
        .split('\n')
      return lines.map((each) => each.split('\t')[0])
    }
    expect(offered('latchwork cred')).toEqual(['credential'])
    expect(offered('latchwork credential ')).toEqual(expect.arrayContaining(['list', 'authorize']))
    expect(offered('latchwork --json run c')).toEqual(['cancel'])
    expect(offered('latchwork credential list --status v')).toEqual(['verified'])
    expect(offered('latchwork member role somebody ')).toEqual(['admin', 'member'])
    // Another command of the same name has other options.
    expect(offered('latchwork restore --i')).toEqual(['--identity-file', '--in'])
    expect(offered('latchwork credential restore --i')).toEqual([''])
  })

  it('for zsh are a script that zsh reads', { skip: !has('zsh') }, async () => {
    const { stdout } = await shell.run(['completion', 'zsh'])
    expect(spawnSync('zsh', ['-f', '-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  it('for zsh and fish name every command and option', async () => {
    for (const shellName of ['zsh', 'fish']) {
      const { stdout } = await shell.run(['completion', shellName])
      for (const word of ['login', 'credential', 'authorize', 'secret-stdin', 'verified']) {
        expect(stdout, shellName).toContain(word)
      }
    }
  })
})
