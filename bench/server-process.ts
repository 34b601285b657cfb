import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@latchwork/contract'
import { createBrowserless } from '../tools/demo/browserless.ts'
import { freePort } from '../tools/test-processes/ports.ts'

/** A server in its own process and folder, without limits on requests. */
export interface BenchServer {
  readonly dataDir: string
  /** Signed in as the administrator. */
  readonly admin: Client
  /** A client with this API token. */
  withToken(token: string): Client
  stop(): Promise<void>
}

/** @param size how many credentials it makes before it listens @param rows those of the bench of growth, or all alike */
export async function startBenchServer(
  size: number,
  settings: Readonly<Record<string, string>> = {},
  rows: 'growth' | 'alike' = 'alike',
): Promise<BenchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchwork-bench-'))
  const email = 'bench@latchwork.example'
  const password = 'a password for the bench'
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server-child.ts'), String(size), rows], {
    env: {
      LATCHWORK_DATA_DIR: dataDir,
      LATCHWORK_PORT: String(await freePort()),
      LATCHWORK_ADMIN_EMAIL: email,
      LATCHWORK_ADMIN_PASSWORD: password,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const [chunk] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`The server ended with status ${child.exitCode}.`)
    const baseUrl = String(chunk).trim()
    const certificate = join(dataDir, 'tls', 'cert.pem')
    const admin = createClient({ baseUrl, fetch: createBrowserless(certificate) })
    await admin.session.signIn({ body: { email, password } })
    const withToken = (token: string) => {
      const browse = createBrowserless(certificate)
      return createClient({
        baseUrl,
        fetch: (url, init) =>
          browse(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
      })
    }
    return { dataDir, admin, withToken, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
