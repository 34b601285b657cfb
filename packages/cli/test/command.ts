import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { bareEnvironment } from '../../../tools/test-processes/environment.ts'
import type { Config } from '../src/config.ts'
import { run } from '../src/run.ts'

const main = join(import.meta.dirname, '../src/main.ts')
const waitMs = 20_000

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way, as a terminal would see it. */
export interface Running {
  /** What of standard error matches, as soon as it is there. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** Ctrl-C. */
  interrupt(): void
  readonly ended: Promise<Ended>
}

export interface Given {
  /** On standard input. */
  readonly input?: string
  readonly env?: Record<string, string>
}

/** Somebody's account on a machine: a configuration folder, and the command. */
export class Shell implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'latchwork-cli-'))
  /** Everything that was printed and every argument list, over all commands. */
  readonly seen: string[] = []

  get configFile(): string {
    return join(this.home, 'latchwork/config.json')
  }

  config(): string {
    return readFileSync(this.configFile, 'utf8')
  }

  /** Leaves the configuration that a sign-in leaves. */
  configure(config: Config): void {
    mkdirSync(join(this.home, 'latchwork'), { recursive: true, mode: 0o700 })
    writeFileSync(this.configFile, JSON.stringify(config), { mode: 0o600 })
  }

  /** Permission bits of a file or folder below the home, octal. */
  modeOf(path: string): string {
    return (statSync(join(this.home, path)).mode & 0o777).toString(8)
  }

  /** A file with a secret in it. */
  secretFile(content: string): string {
    const file = join(this.home, 'secret')
    writeFileSync(file, content, { mode: 0o600 })
    return file
  }

  /** The command within this process: what `main.ts` calls, with streams of its own. */
  start(args: readonly string[], { input = '', env = {} }: Given = {}): Running {
    const interrupted = new AbortController()
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
    streams.stdin.end(input)
    const ended = run(args, {
      ...streams,
      env: { XDG_CONFIG_HOME: this.home, ...env },
      hostName: hostname(),
      signal: interrupted.signal,
    })
    // As the end of a process ends its streams.
    const heard = ended.then(async (code) => {
      const outputs = [streams.stdout.end(), streams.stderr.end()]
      await Promise.all(outputs.map((output) => finished(output)))
      return code
    })
    return this.#watch(args, streams, heard, () => interrupted.abort())
  }

  /** The command in a process of its own, for what is true of processes only. */
  spawn(args: readonly string[], { input = '', env = {} }: Given = {}): Running & { readonly pid: number } {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...bareEnvironment(), XDG_CONFIG_HOME: this.home, ...env },
    })
    child.stdin.on('error', () => undefined) // a command that reads nothing closes it early
    child.stdin.end(input)
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    const running = this.#watch(args, child, ended, () => child.kill('SIGINT'))
    return { ...running, pid: child.pid ?? 0 }
  }

  run(args: readonly string[], given: Given = {}): Promise<Ended> {
    return this.start(args, given).ended
  }

  /** As `run`, with `--json`; the answer. Fails unless the command ended well. */
  async json(args: readonly string[], given: Given = {}): Promise<unknown> {
    const { code, stdout, stderr } = await this.run(['--json', ...args], given)
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true })
  }

  #watch(
    args: readonly string[],
    { stdout, stderr }: Record<'stdout' | 'stderr', NodeJS.ReadableStream>,
    ended: Promise<number | null>,
    interrupt: () => void,
  ): Running {
    const output = { stdout: '', stderr: '' }
    stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output.stdout += chunk
    })
    stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output.stderr += chunk
    })
    this.seen.push(args.join(' '))
    let isOver = false
    const result = ended.then((code) => {
      isOver = true
      this.seen.push(output.stdout, output.stderr)
      return { code, ...output }
    })
    return {
      ended: result,
      interrupt,
      said: async (pattern) => {
        for (const until = Date.now() + waitMs; ; ) {
          const match = pattern.exec(output.stderr)
          if (match !== null) return match
          if (isOver || Date.now() > until) {
            throw new Error(`${args.join(' ')} did not say ${pattern}: ${output.stderr}`)
          }
          await sleep(10)
        }
      },
    }
  }
}
