import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts the command; resolves with what it printed once `until` is in it, or when it ended. */
function run(
  args: readonly string[],
  until: string,
): Promise<{ child: ChildProcess; output: string; code: number | null }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  return new Promise((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      if (output.includes(until)) resolve({ child, output, code: null })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', (code) => resolve({ child, output, code }))
  })
}

describe('the command', () => {
  it('prints address, keys and OAuth app, serves, and stops on SIGTERM', async () => {
    const args = [
      '--port',
      '0',
      '--leads',
      '3',
      '--seed',
      'cli',
      '--redirect-uri',
      'https://localhost:9443/cb',
    ]
    const { child, output } = await run(args, 'redirect URIs')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
    const key = /api_[0-9A-Za-z]{22}\.[0-9A-Za-z]{22}/.exec(output)?.[0]
    expect(output).toContain('https://localhost:9443/cb')
    const me = await fetch(`${url}/api/v1/me/`, { headers: { authorization: `Basic ${btoa(`${key}:`)}` } })
    expect(me.status).toBe(200)
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it.each([
    [['--leads', 'many'], '--leads needs a whole number'],
    [['--redirect-uri', 'http://localhost/'], 'needs an absolute https address'],
    [['--colour'], "Unknown option '--colour'"],
  ])('refuses %j with a plain message', async (args, message) => {
    const { output, code } = await run(args, 'never printed')
    expect(code).toBe(1)
    expect(output).toContain(message)
    expect(output).not.toContain('    at ')
  })
})
