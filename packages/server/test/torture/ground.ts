import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { newId } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import type { CredentialRow } from '../../src/credentials/store/row.ts'
import { openVault } from '../../src/master-keys/open.ts'
import type { TestPlace } from '../database/database.ts'
import { newCredential } from '../database/samples.ts'
import type { Step, WorkerSettings } from './orders.ts'
import type { Peer } from './peer.ts'
import type { PeerKind } from './peer-kinds.ts'
import { makePlace, openAmongOthers, type RefreshStores, type StoreKind } from './places.ts'
import { TokenLine } from './token-line.ts'
import { type Halted, Worker } from './worker.ts'

/** A database, a peer and the line to it. The stores are its own: of one more process than the workers. */
export class Ground implements AsyncDisposable {
  readonly peer: Peer
  readonly line: TokenLine
  readonly place: TestPlace
  readonly stores: RefreshStores
  readonly vault: Vault
  readonly #workers: Worker[] = []

  private constructor(peer: Peer, line: TokenLine, place: TestPlace, stores: RefreshStores, vault: Vault) {
    this.peer = peer
    this.line = line
    this.place = place
    this.stores = stores
    this.vault = vault
  }

  static async prepare(store: StoreKind, kind: PeerKind, seed: number): Promise<Ground> {
    const peer = await kind.start(seed)
    const line = await TokenLine.open(peer.url, seed)
    const place = await makePlace(store)
    const stores = await openAmongOthers(place.settings)
    const masterKeyFile = join(place.settings.dataDir, 'master.key')
    const vault = await openVault({ masterKey: null, masterKeyFile }, stores.metadata)
    return new Ground(peer, line, place, stores, vault)
  }

  /** A process on the same database. */
  async worker(
    changes: Partial<WorkerSettings> = {},
    { databaseUrl, dataDir } = this.place.settings,
  ): Promise<Worker> {
    const worker = await Worker.start({
      databaseUrl: databaseUrl?.reveal() ?? null,
      dataDir,
      peerUrl: this.line.url,
      owner: randomBytes(8).toString('hex'),
      clockSkewMs: 0,
      clockSpeed: 1,
      leaseTtlMs: null,
      lockWaitMs: 30_000,
      ...changes,
    })
    this.#workers.push(worker)
    return worker
  }

  /** The id of a credential with a living grant, verified. */
  async credential(): Promise<string> {
    const { clientId, clientSecret } = this.peer.app
    const pair = await this.peer.authorize()
    const id = newId('credential')
    const sealed = await this.vault.seal(
      { table: 'credentials', rowId: id, version: 1 },
      {
        clientSecret: new Secret(clientSecret),
        accessToken: new Secret(pair.accessToken),
        refreshToken: new Secret(pair.refreshToken),
      },
    )
    const accessTokenExpiresAt = Date.now() + 3_600_000
    const change = { id, method: 'oauth2', values: { clientId }, sealed, accessTokenExpiresAt }
    await this.stores.credentials.insert(newCredential(change))
    this.line.follow(id, pair.refreshToken)
    return id
  }

  /** Resolves when the worker's refresh of the credential has come to the step. */
  async halt(worker: Worker, credentialId: string, step: Step): Promise<Halted> {
    if (step !== 'after_post') return worker.halt({ credentialId }, step)
    const held = this.line.hold(credentialId)
    const outcomes = worker.order({ credentialId })
    await held
    return { outcomes, goOn: () => this.line.release(credentialId) }
  }

  async row(id: string): Promise<CredentialRow> {
    const row = await this.stores.credentials.find(id)
    if (row === null) throw new Error('the credential is gone')
    return row
  }

  /** Whether the peer still takes the stored access token. */
  async works(id: string): Promise<boolean> {
    const row = await this.row(id)
    const place = { table: 'credentials', rowId: id, version: row.secretVersion }
    const token = await this.vault.open(place, row.sealed, 'accessToken')
    return this.peer.accepts(token.reveal())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    await this.stores.close()
    await this.place.remove()
    await this.line[Symbol.asyncDispose]()
    await this.peer[Symbol.asyncDispose]()
  }
}
