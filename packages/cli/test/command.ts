import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const main = join(import.meta.dirname, '../src/main.ts')
const patienceMs = 20_000

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way, as a terminal would see it. */
export interface Running {
  readonly args: readonly string[]
  readonly pid: number
  /** What of standard error matches, as soon as it is there. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  interrupt(): void
  readonly ended: Promise<Ended>
}

/** Somebody's account on a machine: a configuration folder, and the command in child processes. */
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

  /** Permission bits of a file or folder below the home, octal. */
  modeOf(path: string): string {
    return (statSync(join(this.home, path)).mode & 0o777).toString(8)
  }

  start(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Running {
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: this.home, ...options.env },
    })
    this.seen.push(args.join(' '))
    const output = { stdout: '', stderr: '' }
    hear(child, output)
    child.stdin.on('error', () => undefined) // a command that reads nothing closes it early
    child.stdin.end(options.input ?? '')
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => {
        this.seen.push(output.stdout, output.stderr)
        resolve({ code, ...output })
      })
    })
    return {
      args,
      pid: child.pid ?? 0,
      ended,
      interrupt: () => child.kill('SIGINT'),
      said: async (pattern) => {
        for (const until = Date.now() + patienceMs; ; ) {
          const match = pattern.exec(output.stderr)
          if (match !== null) return match
          if (Date.now() > until || child.exitCode !== null) {
            throw new Error(`${args.join(' ')} did not say ${pattern}: ${output.stderr}`)
          }
          await sleep(25)
        }
      },
    }
  }

  run(
    args: readonly string[],
    options: { input?: string; env?: Record<string, string> } = {},
  ): Promise<Ended> {
    return this.start(args, options).ended
  }

  /** As `run`, with `--json`; the answer. Fails unless the command ended well. */
  async json(args: readonly string[], options: { input?: string } = {}): Promise<unknown> {
    const { code, stdout, stderr } = await this.run(['--json', ...args], options)
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}

function hear(child: ChildProcessWithoutNullStreams, output: { stdout: string; stderr: string }): void {
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output.stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output.stderr += chunk
  })
}
