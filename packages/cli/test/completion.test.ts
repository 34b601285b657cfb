import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Shell } from './command.ts'

let shell: Shell
beforeAll(() => {
  shell = new Shell()
})
afterAll(() => shell?.[Symbol.dispose]())

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
