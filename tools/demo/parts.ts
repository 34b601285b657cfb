import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { freePort, isFree } from '../test-processes/ports.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** The sandbox and the server of a demonstration or a test, on an empty database in a folder of its own. */
export interface Demo {
  readonly url: string
  readonly dataDir: string
  /** The certificate that the server made for itself. */
  readonly certificateFile: string
  readonly email: string
  readonly password: string
  readonly sandbox: Sandbox
  readonly server: ServerProcess
  /** The server's environment. */
  readonly settings: Readonly<Record<string, string>>
  stop(): Promise<void>
}

interface DemoOptions {
  readonly leads: number
  /** The port to prefer; another free one is taken if it is busy. 0: any. */
  readonly port: number
  readonly say: (line: string) => void
  /** Settings of the server besides those that the demonstration makes. */
  readonly settings?: Readonly<Record<string, string>>
  /** The server's program; its sources without it. */
  readonly program?: string
}

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { say } = options
  const port = options.port !== 0 && (await isFree(options.port)) ? options.port : await freePort()
  if (port !== options.port && options.port !== 0) say(`Port ${options.port} is taken; using ${port}.`)
  const url = `https://localhost:${port}`
  say(`Starting the sandbox, an offline Close with ${options.leads} leads ...`)
  const sandbox = await startSandbox({ leads: options.leads })
  for (const app of sandbox.oauthApps)
    sandbox.control.registerRedirectUri(app.clientId, `${url}/oauth/callback`)
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-demo-'))
  const email = 'demo@latchwork.example'
  const password = randomBytes(12).toString('base64url')
  const clean = async () => {
    await sandbox.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  say('Starting the server ...')
  const settings = {
    LATCHWORK_DATA_DIR: dataDir,
    LATCHWORK_PORT: String(port),
    LATCHWORK_PUBLIC_URL: url,
    LATCHWORK_CLOSE_API_URL: sandbox.apiUrl,
    LATCHWORK_CLOSE_APP_URL: sandbox.appUrl,
    LATCHWORK_ADMIN_EMAIL: email,
    LATCHWORK_ADMIN_PASSWORD: password,
    ...options.settings,
  }
  try {
    const server = await startServer(settings, options.program)
    const stop = async () => {
      await server.end('SIGTERM')
      await clean()
    }
    return {
      url,
      dataDir,
      certificateFile: join(dataDir, 'tls', 'cert.pem'),
      email,
      password,
      sandbox,
      server,
      settings,
      stop,
    }
  } catch (error) {
    await clean()
    throw error
  }
}
