import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedBinaries, machineBinaries, type PostgresBinaries } from './postgres/binaries.ts'
import { freePort } from './test-processes/ports.ts'

/** A PostgreSQL server for tests. */
export interface TestPostgres {
  /** Connects as a superuser; tests make databases of their own. */
  readonly url: string
  /** Its origin, in words. */
  readonly origin: string
  /** Ends the server and removes its data. A server that was there before is left alone. */
  stop(): Promise<void>
}

export interface StartPostgresOptions {
  /** URL of an existing server, which is used as it is. */
  readonly url?: string | undefined
  /** `embedded` ignores a PostgreSQL installed on the machine. */
  readonly from?: 'anywhere' | 'embedded'
}

/** PostgreSQL refuses to run as root, so it gets the ids of another user. */
interface Identity {
  readonly uid?: number
  readonly gid?: number
}

const startDeadlineMs = 60_000
const attempts = 3

/**
 * Starts a PostgreSQL that lives no longer than this process: on 127.0.0.1, on a free port, with its data in the
 * temporary folder and without fsync.
 * @throws Error that says what was searched for, or what the server printed
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<TestPostgres> {
  if (options.url) return { url: options.url, origin: 'the server named by its URL', stop: async () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-postgres-'))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const identity = unprivileged()
    if (identity.uid !== undefined && identity.gid !== undefined)
      chownSync(folder, identity.uid, identity.gid)
    const machine = options.from === 'embedded' ? undefined : machineBinaries(process.env)
    const binaries = machine ?? (await embeddedBinaries(folder))
    const settings = {
      ...identity,
      cwd: folder,
      env: { ...process.env, ...binaries.env, LC_ALL: 'C', TZ: 'UTC' },
    }
    const data = join(folder, 'data')
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    execFileSync(join(binaries.folder, 'initdb'), initdb, {
      ...settings,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    return await serve(binaries, data, settings, remove)
  } catch (error) {
    remove()
    throw error
  }
}

async function serve(
  binaries: PostgresBinaries,
  data: string,
  settings: Identity & { cwd: string; env: NodeJS.ProcessEnv },
  remove: () => void,
): Promise<TestPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const options = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 200,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      lc_messages: 'C',
    }
    const args = [
      '-D',
      data,
      ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]
    // In its own process group: Ctrl-C is for the tests, which then end it.
    const child = spawn(join(binaries.folder, 'postgres'), args, {
      ...settings,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const failure = await waitUntilReady(child)
    if (failure === undefined) {
      const guard = spawnGuard(child.pid ?? 0, settings.cwd)
      const stop = async () => {
        child.kill('SIGQUIT')
        await ended
        remove()
        guard.stdin?.end()
      }
      return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, origin: binaries.origin, stop }
    }
    child.kill('SIGQUIT')
    await ended
    // Another program took the port between the question and the use.
    if (attempt >= attempts || !failure.includes('could not bind')) throw new Error(failure)
  }
}

/** Resolves with undefined if the server takes connections, otherwise with its output. */
function waitUntilReady(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let printed = ''
    const fail = () => resolve(`PostgreSQL did not start:\n${printed}`)
    const timer = setTimeout(fail, startDeadlineMs)
    child.once('error', fail)
    child.once('close', fail)
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-20_000)
      if (!printed.includes('ready to accept connections')) return
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}

/**
 * A process that ends PostgreSQL and removes its folder as soon as this process is gone for any reason: it waits for
 * the end of its standard input. If the folder is gone already, `stop` was called.
 */
function spawnGuard(pid: number, folder: string): ChildProcess {
  const script = `
    const fs = require('node:fs')
    const [pid, folder] = process.argv.slice(1)
    process.stdin.resume().on('end', async () => {
      if (!fs.existsSync(folder)) return
      try { process.kill(Number(pid), 'SIGQUIT') } catch {}
      for (let i = 0; i < 100; i++) {
        try { process.kill(Number(pid), 0) } catch { break }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })`
  const guard = spawn(process.execPath, ['-e', script, String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  return guard
}

function unprivileged(): Identity {
  if (process.getuid?.() !== 0) return {}
  for (const user of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, user], { stdio: 'pipe' })),
      )
      if (uid && gid) return { uid, gid }
    } catch {
      // This machine has no such user: the next one is tried.
    }
  }
  throw new Error('PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.')
}
