import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Shell } from './command.ts'
import { documentCommands } from './document-commands.ts'

let shell: Shell
beforeAll(() => {
  shell = new Shell()
})
afterAll(() => shell?.[Symbol.dispose]())

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
    expect(await shell.run(['-V'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
    expect((await shell.run(['credential', 'add', '--help'])).code).toBe(0)
  })

  it('that is wrong is told in JSON to whoever asked for JSON, and nothing besides', async () => {
    for (const [args, message] of [
      [['frob'], "unknown command 'frob'"],
      [['credential'], 'latchwork help'],
      [['credential', 'list', '--limit', '0'], 'from 1 to 100000'],
      [['credential', 'list', '--frob'], "unknown option '--frob'"],
      [['token', 'create'], "missing required argument 'name'"],
      [['completion', 'tcsh'], 'bash, zsh, fish'],
      [['help', 'frob'], 'There is no command frob'],
    ] as const) {
      const { code, stdout, stderr } = await shell.run([...args, '--json'])
      expect([code, stdout], args.join(' ')).toEqual([2, ''])
      const said: unknown = JSON.parse(stderr)
      expect(said, args.join(' ')).toEqual({
        error: { code: 'usage', message: expect.stringContaining(message) },
      })
    }
  })

  it('is helped with, at every depth', async () => {
    const all = await shell.run(['help'])
    expect(all).toMatchObject({ code: 0, stderr: '' })
    expect(all.stdout).toBe((await shell.run(['--help'])).stdout)
    expect(all.stdout).toMatch(/^ {2}credential +how to reach/m)
    const group = await shell.run(['help', 'credential'])
    expect(group.stdout).toMatch(/^Usage: latchwork credential /)
    const one = await shell.run(['help', 'credential', 'add'])
    expect(one.stdout).toMatch(/^Usage: latchwork credential add /)
    for (const args of [
      ['credential', 'help', 'add'],
      ['credential', 'add', '--help'],
      ['credential', 'add', '-h'],
    ]) {
      expect(await shell.run(args), args.join(' ')).toEqual(one)
    }
    expect(await shell.run(['help', 'credential', 'frob'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('of restoring is printed for the machine of the server, fit for a shell', async () => {
    for (const [options, how] of [
      [['--identity-file', 'key.txt'], '--identity-file key.txt'],
      [['--passphrase-file', "the vicar's file"], `--passphrase-file 'the vicar'\\''s file'`],
    ] as const) {
      const asked = await shell.run(['restore', '--in', 'a.age', ...options])
      const command = `npx latchwork-server restore --in a.age ${how}`
      expect(asked.code).toBe(4)
      expect(asked.stdout + asked.stderr).toContain(`     ${command}\n`)
      const asJson = await shell.run(['restore', '--in', 'a.age', ...options, '--json'])
      expect(JSON.parse(asJson.stdout)).toEqual({ command })
    }
  })

  it('without a sign-in ends with 3', async () => {
    const refused = await shell.run(['credential', 'list'])
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(refused.stderr).toContain('latchwork login')
  })
})
