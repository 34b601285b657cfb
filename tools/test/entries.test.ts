import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryFlags } from '../bootstrap/memory.mjs'

const checkout = join(import.meta.dirname, '../..')
const manifest = z.object({ bin: z.record(z.string(), z.string()).default({}) })
const commands = globSync('packages/*/package.json', { cwd: checkout }).flatMap((file) => {
  const { bin } = manifest.parse(JSON.parse(readFileSync(join(checkout, file), 'utf8')))
  return Object.entries(bin).map(([name, path]) => ({ name, file: join(checkout, dirname(file), path) }))
})
/** The server's program by its older name, which people type, too. */
const byPath = { name: 'latchwork-server', file: join(checkout, 'packages/server/src/main.ts') }
/** Another Node of the machine, besides the one that runs the tests. */
const ofMachine = '/usr/bin/node'

function start(node: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('each command of a package', () => {
  it('is found', () => {
    expect(commands.map(({ name }) => name).sort()).toEqual([
      'close-sandbox',
      'latchwork',
      'latchwork-server',
    ])
  })

  it.each([...commands, byPath])('says in a sentence which Node it needs: $name, $file', ({ name, file }) => {
    const sentence = (version: string) =>
      `${name} needs Node 22.18 or newer, which runs TypeScript; this is Node ${version}.\n`
    const refused = start(process.execPath, ['--no-experimental-strip-types', file, '--help'])
    expect(refused).toEqual({ status: 1, stdout: '', stderr: sentence(process.versions.node) })

    if (!existsSync(ofMachine)) return
    const version = start(ofMachine, ['--version']).stdout.trim().slice(1)
    if (Number(version.split('.')[0]) >= 22) return
    expect(start(ofMachine, [file, '--help'])).toEqual({ status: 1, stdout: '', stderr: sentence(version) })
  })

  it.each(commands.filter(({ name }) => name !== 'latchwork-server'))('begins: $name', ({ file }) => {
    expect(start(process.execPath, [file, '--help'])).toMatchObject({ status: 0, stderr: '' })
  })

  it('gives Node the same limits of memory as npm start: latchwork-server', () => {
    const file = commands.find(({ name }) => name === 'latchwork-server')?.file ?? ''
    const [first] = readFileSync(file, 'utf8').split('\n')
    expect(first).toBe(`#!/usr/bin/env -S node ${memoryFlags.join(' ')}`)
  })

  it.each([...commands.filter(({ name }) => name === 'latchwork-server'), byPath])(
    'begins: $file',
    ({ file }) => {
      expect(start(process.execPath, [file, 'frob']).stderr).toContain('There is no command "frob"')
    },
    90_000,
  )
})
