import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '@latchwork/vault'
import type { Sandbox } from 'close-sandbox'
import { sqlitePlace } from '../../../tools/test-databases/place.ts'
import { type App, createApp } from '../src/app/app.ts'
import type { AppOptions } from '../src/app/options.ts'
import type { Settings } from '../src/settings/settings.ts'
import { Browser } from './browser.ts'
import type { MakePlace } from './database/database.ts'

/** Where browsers reach the server, as it thinks; also the redirect URI that the sandbox's app has registered. */
export const publicUrl = 'https://localhost:8443'
export const admin = { email: 'wren@hollowoak.example', password: 'a long enough pass phrase' }

export interface Running {
  readonly app: App
  /** Of its first start; its browsers find it after a restart too. */
  readonly url: string
  readonly dataDir: string
  readonly settings: Settings
  /** All that was logged, over all its starts. */
  readonly log: string[]
  /** Another person's browser, not signed in. */
  browser(): Browser
  /** A browser of the administrator, signed in. */
  signedIn(): Promise<Browser>
  /** As a process that ends and starts again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface RunningOptions extends Partial<Omit<AppOptions, 'settings'>> {
  readonly settings?: Partial<Settings>
  /** Where its database is: SQLite in the server's own folder without it. */
  readonly makePlace?: MakePlace
}

/** A server in this process, on a port and in a folder of its own. */
export async function startRunning(
  sandbox: Sandbox | null,
  { makePlace, ...options }: RunningOptions = {},
): Promise<Running> {
  const place = await makePlace?.()
  const { databaseUrl = place?.settings.databaseUrl ?? null, dataDir: another } = options.settings ?? {}
  const isElsewhere = databaseUrl !== null || another !== undefined
  const { dataDir, remove } = await sqlitePlace(isElsewhere ? 'none' : 'migrated')
  const log: string[] = []
  const settings: Settings = {
    dataDir,
    host: '127.0.0.1',
    port: 0,
    publicUrl,
    tls: null,
    masterKey: null,
    kms: null,
    masterKeyFile: join(dataDir, 'master.key'),
    closeApiUrl: sandbox?.apiUrl ?? 'http://127.0.0.1:9',
    closeAppUrl: sandbox?.appUrl ?? 'http://127.0.0.1:9',
    admin: { email: admin.email, password: new Secret(admin.password) },
    alerts: { email: null, webhook: null },
    signInTries: 1000,
    checkEveryMs: 6 * 3_600_000,
    keep: {
      samplesMs: 90 * 86_400_000,
      quarantineMs: 90 * 86_400_000,
      runsMs: 90 * 86_400_000,
      callsMs: 30 * 86_400_000,
    },
    ...options.settings,
    databaseUrl,
  }
  const appOptions: AppOptions = {
    requestsPerMinute: 100_000,
    logLevel: 'debug',
    pageDir: join(dataDir, 'no-page'),
    ...options,
    settings,
    logStream: { write: (line) => log.push(line) },
  }
  let app = await createApp(appOptions)
  const url = await app.listen().catch(async (error: unknown) => {
    await app.close()
    throw error
  })
  // Another program may take the port of a server that is stopped, so it gets another one when it starts again.
  const ports = new Map<string, number>()
  const browser = () => {
    const certificate = readFileSync(join(settings.dataDir, 'tls/cert.pem'), 'utf8')
    return new Browser(url, certificate, new Map([[publicUrl, url]]), ports)
  }
  return {
    get app() {
      return app
    },
    url,
    dataDir,
    settings,
    log,
    browser,
    async signedIn() {
      const person = browser()
      await person.client.session.signIn({ body: admin })
      return person
    },
    async restart() {
      await app.close()
      app = await createApp(appOptions)
      ports.set(new URL(url).host, Number(new URL(await app.listen()).port))
    },
    async stop() {
      await app.close()
      await remove()
      await place?.remove()
    },
  }
}
