import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { memoryFlags } from '../bootstrap/memory.mjs'
import { bareEnvironment } from '../test-processes/environment.ts'

const mainFile = join(import.meta.dirname, '../../packages/server/src/main.ts')
const startTimeoutMs = 60_000

type Settings = Readonly<Record<string, string>>

/** A server in its own process. It can be ended in any way and started again with the same settings. */
export interface ServerProcess {
  /** Of the present process. */
  pid(): number
  /** Everything that it has printed, over all of its starts. */
  output(): string
  /** Sends the signal and waits until the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again after `end`. */
  restart(): Promise<void>
  /** Resolves with the exit status when the present process ends, for any reason. */
  ended(): Promise<number>
}

/** The server's program in a process of its own, with nothing of this one's environment but what finds programs. */
export function spawnServer(settings: Settings, ...args: string[]): ChildProcess {
  return spawnProgram(mainFile, settings, args)
}

function spawnProgram(program: string, settings: Settings, args: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...memoryFlags, program, ...args], {
    env: { ...bareEnvironment(), HOME: process.env['HOME'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/**
 * @param settings its environment, added to HOME and the bare environment
 * @param program the server's: its sources, or a bundle of them
 * @throws Error with its output if it ends before it listens
 */
export async function startServer(settings: Settings, program = mainFile): Promise<ServerProcess> {
  let printed = ''
  let child: ChildProcess
  let ended: Promise<number>

  const start = async () => {
    const before = printed.length
    child = spawnProgram(program, settings)
    ended = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
      })
    }
    const failed = ended.then((code) => {
      throw new Error(`The server ended with status ${code}:\n${printed.slice(-4000)}`)
    })
    await Promise.race([untilListening(() => printed.slice(before)), failed])
    failed.catch(() => undefined) // from now on `ended` reports the exit
  }

  await start()
  return {
    pid: () => child.pid ?? 0,
    output: () => printed,
    ended: () => ended,
    restart: start,
    end: async (signal) => {
      child.kill(signal)
      await ended
    },
  }
}

/** Waits for the line by which it says where it is: another program could answer at its port. */
async function untilListening(printed: () => string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (!printed().includes('Latchwork is at ')) {
    if (Date.now() > deadline) throw new Error('The server did not start within a minute.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
