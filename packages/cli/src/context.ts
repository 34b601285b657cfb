import { type Client, createClient } from '@latchwork/contract'
import type { Command } from 'commander'
import { z } from 'zod'
import { readCertificate } from './certificate-file.ts'
import { type Config, configFile, readConfig, type ServerConfig, writeConfig } from './config.ts'
import { ConnectionError, createFetch } from './connection.ts'
import { CommandError } from './exit-codes.ts'
import { type Io, nowhere } from './io.ts'
import { readPrivateFile } from './private-file.ts'
import { during, type Progress, telling } from './progress.ts'
import { type Column, type Detail, formatDetails, formatTable } from './table.ts'
import { Terminal } from './terminal.ts'

const defaultServer = 'https://localhost:8443'
const noServer: ServerConfig = { certificate: null, token: null, tokenId: null }
const globalOptions = z.object({ server: z.string().optional(), json: z.boolean().default(false) })

/** What a command works with: the terminal, the configuration and the signed-in client. */
export class Context {
  readonly io: Io
  readonly terminal: Terminal
  /** The reason why the last request had no answer. */
  failure: ConnectionError | null = null
  #options: z.infer<typeof globalOptions> = { json: false }

  constructor(io: Io) {
    this.io = io
    this.terminal = new Terminal(io)
  }

  /** Reads the options that every command has. */
  configure(command: Command): void {
    this.#options = globalOptions.parse(command.optsWithGlobals())
  }

  /** Whether the output is for programs. */
  get json(): boolean {
    return this.#options.json
  }

  get #file(): string {
    return configFile(this.io.env)
  }

  /**
   * The origin of the command's server.
   * @throws {CommandError} `usage` if it is not an https address
   */
  async serverUrl(named?: string): Promise<string> {
    const asked = named ?? this.#options.server ?? this.io.env['LATCHWORK_SERVER'] ?? ''
    const text = asked === '' ? ((await readConfig(this.#file)).current ?? defaultServer) : asked
    const url = URL.parse(text.includes('://') ? text : `https://${text}`)
    if (url === null || url.protocol !== 'https:' || url.href !== `${url.origin}/`) {
      throw new CommandError('usage', `The server must be an address like ${defaultServer}, not "${text}".`)
    }
    return url.origin
  }

  async serverConfig(url: string): Promise<ServerConfig> {
    return (await readConfig(this.#file)).servers[url] ?? noServer
  }

  /** Saves the settings of a server; a null token forgets it. */
  async keep(url: string, change: Partial<ServerConfig>, makeCurrent = false): Promise<void> {
    const config: Config = await readConfig(this.#file)
    const server = { ...noServer, ...config.servers[url], ...change }
    await writeConfig(this.#file, {
      current: makeCurrent ? url : config.current,
      servers: { ...config.servers, [url]: server },
    })
  }

  /** A client of a server, signed in if a token is given. */
  clientOf(url: string, { certificate, token }: Pick<ServerConfig, 'certificate' | 'token'>): Client {
    const fetch = createFetch(certificate, this.io.signal, (failure) => {
      this.failure = failure
    })
    return createClient({ baseUrl: url, fetch, ...(token === null ? {} : { token }) })
  }

  /** The reason why a server can't be reached with a certificate; null if it can. Sends no secret. */
  async probe(url: string, certificate: string | null): Promise<ConnectionError | null> {
    const fetch = createFetch(certificate, this.io.signal, () => undefined)
    try {
      await fetch(`${url}/health/live`, { method: 'GET', headers: {} })
      return null
    } catch (error) {
      if (error instanceof ConnectionError) return error
      throw error
    }
  }

  /** The signed-in client of the API. @throws {CommandError} `notSignedIn` */
  async client(): Promise<Client> {
    const { url, certificate, token } = await this.signedIn()
    return this.clientOf(url, { certificate, token })
  }

  /** The server, with the token for it. @throws {CommandError} `notSignedIn` */
  async signedIn(): Promise<{ url: string; certificate: string | null; token: string }> {
    const url = await this.serverUrl()
    const stored = await this.serverConfig(url)
    const token = (await this.#tokenOfFile()) ?? stored.token
    if (token === null) {
      throw new CommandError('notSignedIn', `You are not signed in to ${url}. Run: latchwork login`)
    }
    return { url, certificate: (await this.#certificateOfFile()) ?? stored.certificate, token }
  }

  /** For programs: a file with the certificate to trust, named by LATCHWORK_CA_FILE. */
  async #certificateOfFile(): Promise<string | null> {
    const file = this.io.env['LATCHWORK_CA_FILE'] ?? ''
    return file === '' ? null : readCertificate(file)
  }

  /** For programs: a file with an API token, named by LATCHWORK_TOKEN_FILE. */
  async #tokenOfFile(): Promise<string | null> {
    const file = this.io.env['LATCHWORK_TOKEN_FILE'] ?? ''
    if (file === '') return null
    try {
      return (await readPrivateFile(file)).trim()
    } catch (error) {
      if (error instanceof CommandError) throw error
      throw new CommandError('usage', `The file ${file}, named by LATCHWORK_TOKEN_FILE, can't be read.`)
    }
  }

  /** Waits for `work`. If that takes longer than a second, it shows a person what it waits for. */
  during<T>(what: string, work: Promise<T>): Promise<T> {
    return during(this.#forPeople, what, work)
  }

  /** Does long work and shows a person its progress. */
  telling<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
    return telling(this.#forPeople, work)
  }

  /** With `--json` standard error holds errors only. */
  get #forPeople(): Pick<Io, 'stderr' | 'env'> {
    return this.json ? { ...this.io, stderr: nowhere() } : this.io
  }

  /** Shows an answer as JSON or in words. */
  show<T>(value: T, inWords: (value: T) => void): void {
    if (this.json) this.terminal.printJson(value)
    else inWords(value)
  }

  /** Shows a list as JSON or as a table. */
  showList<T>(value: Listed<T>, columns: readonly Column<T>[], none: string): void {
    this.show(value, ({ items, total, totalCapped = false }) => {
      if (items.length === 0) return this.terminal.note(none)
      for (const line of formatTable(this.terminal, columns, items)) this.terminal.print(line)
      if (total !== undefined && (totalCapped || total > items.length)) {
        const all = totalCapped ? `more than ${Math.max(total, items.length)}` : total
        this.terminal.note(`${items.length} of ${all}. For more: --limit N`)
      }
    })
  }

  showDetails(details: readonly Detail[]): void {
    for (const line of formatDetails(this.terminal, details)) this.terminal.print(line)
  }

  /** Reads the pages of a list until there are `limit` items. */
  async pages<T>(
    limit: number,
    page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
  ): Promise<Listed<T>> {
    const items: T[] = []
    for (let cursor: string | undefined; ; ) {
      const asked = {
        limit: Math.min(limit - items.length, largestPage),
        ...(cursor === undefined ? {} : { cursor }),
      }
      const answer = await this.during('Reading the list', page(asked))
      items.push(...answer.items)
      const { nextCursor, total, totalCapped } = answer
      if (nextCursor === null) return { items, total: items.length }
      if (items.length >= limit) {
        const counted = total === undefined ? {} : { total }
        return { items, ...counted, ...(totalCapped === true ? { totalCapped } : {}) }
      }
      cursor = nextCursor
    }
  }
}

const largestPage = 200

interface Page<T> {
  items: T[]
  nextCursor: string | null
  /** Left out where a list is not counted. */
  total?: number | undefined
  totalCapped?: boolean | undefined
}

interface Listed<T> {
  items: T[]
  total?: number
  /** There are more than `total`. */
  totalCapped?: boolean
}
