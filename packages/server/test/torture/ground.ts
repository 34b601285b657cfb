import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { newId } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import { type RefreshReuse, type Sandbox, startSandbox } from 'close-sandbox'
import { z } from 'zod'
import { openVault } from '../../src/master-key.ts'
import type { CredentialRow } from '../../src/stores/interfaces.ts'
import { type OpenStores, openStores } from '../../src/stores/open.ts'
import type { MakePlace, TestPlace } from '../stores/database.ts'
import { newCredential } from '../stores/samples.ts'
import type { WorkerSettings } from './orders.ts'
import { Worker } from './worker.ts'

const answerSchema = z.object({ access_token: z.string(), refresh_token: z.string() })

/** A database, a sandbox and the credentials authorized there. The stores are its own: a rival of the workers'. */
export class Ground implements AsyncDisposable {
  readonly sandbox: Sandbox
  readonly stores: OpenStores
  readonly vault: Vault
  readonly #place: TestPlace
  readonly #workers: Worker[] = []

  private constructor(sandbox: Sandbox, place: TestPlace, stores: OpenStores, vault: Vault) {
    this.sandbox = sandbox
    this.#place = place
    this.stores = stores
    this.vault = vault
  }

  static async prepare(makePlace: MakePlace, refreshReuse: RefreshReuse, seed: number): Promise<Ground> {
    const sandbox = await startSandbox({ leads: 1, refreshReuse, seed })
    const place = await makePlace()
    const stores = await openStores(place.settings)
    const masterKeyFile = join(place.settings.dataDir, 'master.key')
    return new Ground(
      sandbox,
      place,
      stores,
      await openVault({ masterKey: null, masterKeyFile }, stores.facts),
    )
  }

  /** A process on the same database (PostgreSQL only: SQLite's file belongs to one). */
  async worker(changes: Partial<WorkerSettings> = {}): Promise<Worker> {
    const { databaseUrl, dataDir } = this.#place.settings
    const worker = await Worker.start({
      databaseUrl: databaseUrl?.reveal() ?? null,
      dataDir,
      closeUrl: this.sandbox.apiUrl,
      owner: randomBytes(8).toString('hex'),
      clockSkewMs: 0,
      clockSpeed: 1,
      leaseTtlMs: null,
      ...changes,
    })
    this.#workers.push(worker)
    return worker
  }

  /** The PostgreSQL database's URL. */
  get databaseUrl(): string {
    return this.#place.settings.databaseUrl?.reveal() ?? ''
  }

  /** A credential with a living grant, verified. */
  async credential(): Promise<CredentialRow> {
    const [app] = this.sandbox.oauthApps
    if (app === undefined) throw new Error('the sandbox has no app')
    const { clientId, clientSecret } = app
    const form = {
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      code: this.sandbox.control.authorize({ clientId }),
    }
    const body = new URLSearchParams(form)
    const answer = await fetch(`${this.sandbox.apiUrl}/oauth2/token/`, { method: 'POST', body })
    const pair = answerSchema.parse(await answer.json())
    const id = newId('credential')
    const sealed = await this.vault.seal(
      { table: 'credentials', rowId: id, version: 1 },
      {
        clientSecret: new Secret(clientSecret),
        accessToken: new Secret(pair.access_token),
        refreshToken: new Secret(pair.refresh_token),
      },
    )
    const accessTokenExpiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const change = { id, method: 'oauth2', values: { clientId }, sealed, accessTokenExpiresAt }
    return this.stores.credentials.insert(newCredential(change))
  }

  async row(id: string): Promise<CredentialRow> {
    const row = await this.stores.credentials.find(id)
    if (row === null) throw new Error('the credential is gone')
    return row
  }

  /** Requests for a refresh so far, of the grant that was given first, second, and so on. */
  refreshes(grantNumber: number): number {
    const grantId = this.sandbox.control.grants()[grantNumber - 1]?.id
    const requests = this.sandbox.control.requests()
    return requests.filter((sent) => sent.grantType === 'refresh_token' && sent.grantId === grantId).length
  }

  /** Whether Close answers to the stored access token. */
  async works(id: string): Promise<boolean> {
    const row = await this.row(id)
    const place = { table: 'credentials', rowId: id, version: row.secretVersion }
    const token = await this.vault.open(place, row.sealed, 'accessToken')
    const headers = { authorization: `Bearer ${token.reveal()}` }
    return (await fetch(`${this.sandbox.apiUrl}/api/v1/me/`, { headers })).ok
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    await this.stores.close()
    await this.#place.remove()
    await this.sandbox.close()
  }
}
