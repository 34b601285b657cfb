import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { Person } from './person.ts'

const serverMain = join(import.meta.dirname, '../../server/src/main.ts')
const startsWithinMs = 45_000
export const admin = { email: 'wren@hollowoak.example', password: 'a long enough pass phrase' }

/** A sandbox, and the real server in a process of its own. */
export interface Product extends AsyncDisposable {
  readonly url: string
  /** Of the server. */
  readonly pid: number
  readonly sandbox: Sandbox
  readonly certificateFile: string
  /** A browser of the administrator, signed in. */
  readonly person: Person
}

export async function startProduct(): Promise<Product> {
  const port = await freePort()
  const url = `https://localhost:${port}`
  const sandbox = await startSandbox({ leads: 20, redirectUris: [`${url}/oauth/callback`] })
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-cli-server-'))
  const server = spawn(process.execPath, [serverMain], {
    env: {
      PATH: process.env['PATH'],
      LATCHWORK_DATA_DIR: dataDir,
      LATCHWORK_PORT: String(port),
      LATCHWORK_PUBLIC_URL: url,
      LATCHWORK_CLOSE_API_URL: sandbox.apiUrl,
      LATCHWORK_CLOSE_APP_URL: sandbox.appUrl,
      LATCHWORK_ADMIN_EMAIL: admin.email,
      LATCHWORK_ADMIN_PASSWORD: admin.password,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = async () => {
    await endProcess(server)
    await sandbox.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    await untilListening(server, url)
    const certificateFile = join(dataDir, 'tls/cert.pem')
    const person = new Person(url, readFileSync(certificateFile, 'utf8'))
    await person.client.session.signIn({ body: admin })
    return { url, pid: server.pid ?? 0, sandbox, certificateFile, person, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

async function untilListening(server: ChildProcess, url: string): Promise<void> {
  let said = ''
  const hear = (chunk: unknown) => {
    said += String(chunk)
  }
  server.stdout?.on('data', hear)
  server.stderr?.on('data', hear)
  const until = Date.now() + startsWithinMs
  while (!said.includes(`Latchwork is at ${url}`)) {
    if (server.exitCode !== null || Date.now() > until) throw new Error(`the server did not start: ${said}`)
    await sleep(50)
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
