import { randomBytes } from 'node:crypto'
import type { Clock, Connector } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { createLocalProvider, createVault, type SealedRow, Secret, type Vault } from '@latchwork/vault'
import type { OpenStores } from '../../src/app/stores.ts'
import { Refresher } from '../../src/credentials/refresh/refresh.ts'
import { Revoker } from '../../src/credentials/refresh/revoking.ts'
import { placeOf, placeOfRow } from '../../src/credentials/secrets/sealing.ts'
import type { CredentialRow, NewCredential } from '../../src/credentials/store/row.ts'
import { openTestStores, type TestStores } from '../database/database.ts'
import { newCredential } from '../database/samples.ts'
import { closeConnectors } from './authorize/close-oauth.ts'
import { refusal, startTokenServer, type TokenServer } from './authorize/token-server.ts'

export const marginMs = 300_000
export const clientId = 'oa2client_one'
type Hook = () => unknown

/** Stands still but for whoever sleeps: that takes no time of the test's. */
class ManualClock implements Clock {
  #nowMs = Date.now()
  readonly slept: number[] = []
  whileSleeping: Hook | null = null

  now(): number {
    return this.#nowMs
  }
  forward(ms: number): void {
    this.#nowMs += ms
  }
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.forward(ms)
    await this.whileSleeping?.()
  }
}

interface Line {
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** Refreshing with everything of its own: SQLite, a vault, an OAuth server, and a clock that the test moves. */
export class RefreshGround implements AsyncDisposable {
  readonly stores: OpenStores
  readonly server: TokenServer
  readonly vault: Vault
  connectors: ReadonlyMap<string, Connector>
  clock = new ManualClock()
  readonly warnings: Line[] = []
  readonly errors: Line[] = []
  /** Happens once, while the next secret is opened: as long as a key service may take. */
  whileOpening: Hook | null = null
  readonly #opened: TestStores

  private constructor(opened: TestStores, server: TokenServer) {
    this.#opened = opened
    this.stores = opened.stores
    this.server = server
    this.connectors = closeConnectors(server.url)
    const provider = createLocalProvider([randomBytes(32)], 'a test')
    this.vault = createVault({
      ...provider,
      unwrap: async (wrapped) => {
        const hook = this.whileOpening
        this.whileOpening = null
        await hook?.()
        return provider.unwrap(wrapped)
      },
    })
  }

  static async prepare(): Promise<RefreshGround> {
    return new RefreshGround(await openTestStores(), await startTokenServer())
  }

  get log() {
    const note = (lines: Line[]) => (fields: unknown, message?: string) =>
      void lines.push({ fields: { ...Object(fields) }, message: message ?? '' })
    return { info: () => undefined, warn: note(this.warnings), error: note(this.errors) }
  }

  get revoker() {
    const { vault, connectors, log, stores } = this
    return new Revoker({ vault, connectors, log, stores })
  }

  /** As a process of its own on the same database. */
  refresher(
    owner = 'this process',
    pauseApp?: (refused: CredentialRow) => Promise<unknown>,
    connectors = this.connectors,
  ): Refresher {
    return new Refresher({
      store: this.stores.credentials,
      vault: this.vault,
      connectors,
      clock: this.clock,
      log: this.log,
      owner,
      marginMs,
      revoker: this.revoker,
      ...(pauseApp === undefined ? {} : { pauseApp }),
    })
  }

  /** A credential whose access token `access-1` ends in `leftMs`, with the refresh token `refresh-1`. */
  async credential(leftMs: number, changes: Partial<NewCredential> = {}): Promise<CredentialRow> {
    const secrets = { clientSecret: 'secret-1', accessToken: 'access-1', refreshToken: 'refresh-1' }
    const { id, ...row } = newCredential({
      method: 'oauth2',
      values: { clientId },
      grantedScope: 'what was granted before',
      accessTokenExpiresAt: this.clock.now() + leftMs,
      ...changes,
    })
    const sealed = changes.sealed ?? (await this.seal(id, secrets))
    return this.stores.credentials.insert({ ...row, id, sealed })
  }

  /** A credential whose process died after it committed its intent, its lease over. */
  async deserted(): Promise<CredentialRow> {
    const row = await this.credential(0)
    await this.die(row.id, row.generation)
    return row
  }

  async die(id: string, generation: number): Promise<void> {
    const { acquireLease, recordIntent, releaseLease } = this.stores.credentials
    await acquireLease(id, 'dead', 60_000)
    await recordIntent(id, 'dead', generation)
    await releaseLease(id, 'dead', false)
  }

  seal(id: string, secrets: Readonly<Record<string, string>>, version = 1): Promise<SealedRow> {
    return this.vault.seal(placeOf(id, version), secretsOf(secrets))
  }

  async row(id: string): Promise<CredentialRow> {
    const row = await this.stores.credentials.find(id)
    if (row === null) throw new Error('the credential is gone')
    return row
  }

  /** The stored secrets in the clear. */
  async secrets(id: string): Promise<Record<string, string>> {
    const row = await this.row(id)
    const opened = await this.vault.openAll(placeOfRow(row), row.sealed)
    return Object.fromEntries(Object.entries(opened).map(([field, secret]) => [field, secret.reveal()]))
  }

  /** What another process does that refreshed meanwhile. */
  async saveElsewhere(id: string, number: number): Promise<void> {
    const row = await this.row(id)
    const secretVersion = row.secretVersion + 1
    const sealed = await this.vault.reseal(placeOfRow(row), row.sealed, placeOf(id, secretVersion), {
      accessToken: new Secret(`access-${number}`),
      refreshToken: new Secret(`refresh-${number}`),
    })
    const accessTokenExpiresAt = this.clock.now() + 3_600_000
    const pair = { sealed, secretVersion, grantedScope: null, accessTokenExpiresAt }
    await this.stores.credentials.saveTokens(id, row.generation, pair)
  }

  /** The lease as another process has it that took it over, for a minute of the database's clock. */
  async takeLeaseOver(id: string, owner = 'another process'): Promise<void> {
    const { tables } = this.stores.database
    const lease = { leaseOwner: owner, leaseExpiresAt: Date.now() + 60_000 }
    await tables.updateTable('credentials').set(lease).where('id', '=', id).execute()
  }

  /** Refresh tokens that were sent, in their order. */
  get sent(): string[] {
    return this.server.seen.map(({ form }) => form.get('refresh_token') ?? '')
  }

  /** For the next test: nothing was seen yet, and time moves by nobody's sleep but its own. */
  reset(): void {
    this.server.seen.length = 0
    this.server.answers = []
    this.server.probes = 0
    this.server.probeAnswer = refusal('invalid_request')
    this.warnings.length = 0
    this.errors.length = 0
    this.whileOpening = null
    this.clock = new ManualClock()
    // What the server of one test told is not kept by the next.
    this.connectors = closeConnectors(this.server.url)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    await this.#opened[Symbol.asyncDispose]()
  }
}

export function secretsOf(values: Readonly<Record<string, string>>): Record<string, Secret> {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, new Secret(value)]))
}

/** The code that a call fails with; `ok` if it doesn't. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (error instanceof LatchworkError ? error.code : String(error)),
  )
}
