import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'close-sandbox'

/** The sandbox and the server of a demonstration, on an empty database in a folder of its own. */
export interface Demo {
  readonly url: string
  readonly dataDir: string
  readonly email: string
  readonly password: string
  readonly sandbox: Sandbox
  /** Resolves with the exit status when the server ends by itself. */
  readonly ended: Promise<number>
  stop(): Promise<void>
}

interface DemoOptions {
  readonly leads: number
  /** The port to prefer; another free one is taken if it is busy. */
  readonly port: number
  readonly say: (line: string) => void
}

const serverMain = join(import.meta.dirname, '../../packages/server/src/main.ts')

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const port = (await isFree(options.port)) ? options.port : await freePort()
  if (port !== options.port && options.port !== 0) options.say(`Port ${options.port} is taken; using ${port}.`)
  const url = `https://localhost:${port}`
  options.say(`Starting the sandbox, an offline Close with ${options.leads} leads ...`)
  const sandbox = await startSandbox({ leads: options.leads, redirectUris: [`${url}/oauth/callback`] })
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-demo-'))
  const email = 'demo@latchwork.example'
  const password = randomBytes(12).toString('base64url')
  options.say('Starting the server ...')
  const child = spawn(process.execPath, [serverMain], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      LATCHWORK_DATA_DIR: dataDir,
      LATCHWORK_PORT: String(port),
      LATCHWORK_PUBLIC_URL: url,
      LATCHWORK_CLOSE_API_URL: sandbox.apiUrl,
      LATCHWORK_CLOSE_APP_URL: sandbox.appUrl,
      LATCHWORK_ADMIN_EMAIL: email,
      LATCHWORK_ADMIN_PASSWORD: password,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collectOutput(child)
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await sandbox.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    await Promise.race([waitUntilListening(port), failWhenEnded(ended, output)])
  } catch (error) {
    await stop()
    throw error
  }
  return { url, dataDir, email, password, sandbox, ended, stop }
}

function collectOutput(child: ChildProcess): () => string {
  let tail = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4000)
    })
  }
  return () => tail
}

async function failWhenEnded(ended: Promise<number>, output: () => string): Promise<never> {
  const code = await ended
  throw new Error(`The server ended with status ${code}:\n${output()}`)
}

async function waitUntilListening(port: number): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await answers(port))) {
    if (Date.now() > deadline) throw new Error('The server did not start within a minute.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
