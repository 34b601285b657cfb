import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { type Place, sqlitePlace } from '../../../tools/test-databases/place.ts'
import { serverProgram } from '../../../tools/test-processes/bundle.ts'
import { bareEnvironment } from '../../../tools/test-processes/environment.ts'
import { freePort } from '../../../tools/test-processes/ports.ts'
import type { Ended } from './command.ts'
import { Person } from './person.ts'

const startsWithinMs = 45_000
export const admin = { email: 'wren@hollowoak.example', password: 'a long enough pass phrase' }

/** A sandbox, and the real server in a process of its own. */
export interface Product extends AsyncDisposable {
  readonly url: string
  /** Of the server. */
  readonly pid: number
  readonly dataDir: string
  readonly sandbox: Sandbox
  readonly certificateFile: string
  /** A browser of the administrator, signed in. */
  readonly person: Person
}

/** An API key of the sandbox's first organization, or of another by its index. */
export function keyOf({ sandbox: { organizations, apiKeys } }: Product, organization = 0) {
  const found = apiKeys.find(({ organizationId }) => organizationId === organizations[organization]?.id)
  if (found === undefined) throw new Error('the sandbox has no such key')
  return found
}

/**
 * @param given where it keeps what it has; otherwise it has a place of its own
 * @param sandbox one that outlives the product; otherwise it has its own
 * @param env more of the server's environment
 */
export async function startProduct(
  given?: Place,
  sandbox?: Sandbox,
  env: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const port = await freePort()
  const url = `https://localhost:${port}`
  const close = sandbox ?? (await startSandbox({ leads: 20, redirectUris: [`${url}/oauth/callback`] }))
  const place = given ?? (await sqlitePlace())
  const { dataDir } = place
  const server = spawn(process.execPath, [await serverProgram()], {
    env: {
      ...environmentOf(place),
      LATCHWORK_PORT: String(port),
      LATCHWORK_PUBLIC_URL: url,
      LATCHWORK_CLOSE_API_URL: close.apiUrl,
      LATCHWORK_CLOSE_APP_URL: close.appUrl,
      LATCHWORK_ADMIN_EMAIL: admin.email,
      LATCHWORK_ADMIN_PASSWORD: admin.password,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = async () => {
    await endProcess(server)
    if (sandbox === undefined) await close.close()
    if (given === undefined) await place.remove()
  }
  try {
    await untilListening(server, url)
    const certificateFile = join(dataDir, 'tls/cert.pem')
    const person = new Person(url, readFileSync(certificateFile, 'utf8'))
    await person.client.session.signIn({ body: admin })
    const pid = server.pid ?? 0
    return { url, pid, dataDir, sandbox: close, certificateFile, person, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A command of the server, on the machine of the server. */
export async function runOnServer(place: Place, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [await serverProgram(), ...args], { env: environmentOf(place) })
  const ended = once(child, 'close')
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)])
  await ended
  return { code: child.exitCode, stdout, stderr }
}

function environmentOf({ dataDir, databaseUrl }: Place) {
  return {
    ...bareEnvironment(),
    LATCHWORK_DATA_DIR: dataDir,
    ...(databaseUrl === null ? {} : { LATCHWORK_DATABASE_URL: databaseUrl }),
  }
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
