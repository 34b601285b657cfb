import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Client } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import { newFolder } from '../../../../tools/test-databases/place.ts'
import { bundleOf } from '../../../../tools/test-processes/bundle.ts'
import { Browser } from '../browser.ts'
import { admin, publicUrl } from '../running.ts'

/** A server in a process of its own, with all that it keeps: to be killed, and started again. */
export class KilledServer {
  readonly dataDir: string
  readonly #databaseUrl: string | null
  readonly #closeUrl: string
  #child: ChildProcess | null = null
  url = ''
  browser: Browser | null = null

  /** @param dataDir of another one that keeps the same things; a new folder if left out */
  constructor(
    databaseUrl: string | null,
    closeUrl: string,
    dataDir = newFolder(databaseUrl === null ? 'migrated' : 'none'),
  ) {
    this.dataDir = dataDir
    this.#databaseUrl = databaseUrl
    this.#closeUrl = closeUrl
  }

  /** What it keeps, for a look while it is dead. */
  get settings() {
    const databaseUrl = this.#databaseUrl === null ? null : new Secret(this.#databaseUrl)
    return {
      dataDir: this.dataDir,
      databaseUrl,
      masterKey: null,
      masterKeyFile: join(this.dataDir, 'master.key'),
    }
  }

  async start(): Promise<Client> {
    const { dataDir } = this
    const options = { dataDir, databaseUrl: this.#databaseUrl, closeUrl: this.#closeUrl, ...admin }
    const program = await bundleOf(join(import.meta.dirname, 'server-child.ts'))
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    child.once('exit', (code, signal) => {
      if (!child.killed) console.error(`The server ended by itself: exit code ${code}, signal ${signal}.`)
    })
    const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
    this.url = String(value)
    const certificate = readFileSync(join(dataDir, 'tls/cert.pem'), 'utf8')
    this.browser = new Browser(this.url, certificate, new Map([[publicUrl, this.url]]))
    await this.browser.client.session.signIn({ body: admin })
    return this.browser.client
  }

  /** It stands still, with everything that it holds, until `thaw`. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  get isAlive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  async erase(): Promise<void> {
    await this.kill()
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}
