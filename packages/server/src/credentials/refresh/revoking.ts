import { newId } from '@latchwork/contract'
import type { Secrets, Vault } from '@latchwork/vault'
import type { AlertStore } from '../../alerts/store.ts'
import type { Database } from '../../database/database.ts'
import { pause } from '../../jobs/timing.ts'
import type { Logger } from '../../logging/logger.ts'
import { placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'
import { type Connectors, oauthOf } from '../tokens/oauth-server.ts'
import { type RevokeOutcome, revokeGrant } from '../tokens/token-client.ts'

interface RevokerParts {
  readonly vault: Vault
  /** Each connector names the OAuth server that ends its credentials' grants. */
  readonly connectors: Connectors
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly stores: {
    readonly alerts: Pick<AlertStore, 'insert'>
    readonly database: Pick<Database, 'unit' | 'apart'>
  }
}

/** The credential of a grant. Its owner is alerted if the grant could not be ended. */
type Holder = Pick<CredentialRow, 'id' | 'connector' | 'name' | 'ownerId'>

/** Pauses between tries while the OAuth server is away. After the last try the owner is alerted. */
const pausesMs = [2_000, 15_000, 60_000, 300_000, 1_800_000]

/** Ends grants. If the server does not confirm, tries again for a while and then alerts the owner. */
export class Revoker {
  readonly #parts: RevokerParts
  readonly #underWay = new Set<Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(parts: RevokerParts) {
    this.#parts = parts
  }

  /** Resolves after the first try. Does nothing for a credential without tokens. */
  async revoke(row: CredentialRow): Promise<void> {
    const secrets = await this.#parts.vault.openAll(placeOfRow(row), row.sealed)
    await this.revokeTokens(row, row.values, secrets)
  }

  /** Like `revoke`, with opened secrets. */
  async revokeTokens(
    holder: Holder,
    values: Readonly<Record<string, string>>,
    secrets: Secrets,
  ): Promise<void> {
    const token = secrets['refreshToken'] ?? secrets['accessToken']
    if (token === undefined) return
    const clientSecret = secrets['clientSecret']?.reveal() ?? ''
    const app = { clientId: values['clientId'] ?? '', clientSecret }
    const { server } = oauthOf(this.#parts.connectors, holder)
    const attempt = () => revokeGrant(server, app, token.reveal())
    const outcome = await attempt()
    if (isTransient(outcome)) this.#begin(holder.id, () => this.#tryAgain(holder, outcome, attempt))
    else await this.#settle(holder, outcome)
  }

  async #tryAgain(
    holder: Holder,
    first: RevokeOutcome,
    attempt: () => Promise<RevokeOutcome>,
  ): Promise<void> {
    const { signal } = this.#stopping
    let outcome = first
    for (const ms of pausesMs) {
      await pause(ms, signal)
      // The next start does not know of this grant: one alert too many is better than none.
      if (signal.aborted) break
      const before = outcome
      outcome = await attempt()
      // The same page twice is no outage.
      if (!isTransient(outcome) || (outcome === 'unclear' && before === 'unclear')) break
    }
    await this.#settle(holder, outcome)
  }

  async #settle(holder: Holder, outcome: RevokeOutcome): Promise<void> {
    if (outcome === 'ended') return
    const { log, stores, connectors } = this.#parts
    const { id, name, ownerId } = holder
    const { server, label } = oauthOf(connectors, holder)
    log.warn({ credential: id, outcome }, 'it was not confirmed that a grant has ended')
    const what = name === '' ? 'a sign-in that was not kept' : `"${name}"`
    await stores.alerts.insert({
      id: newId('alert'),
      kind: 'not_ended',
      credentialId: id,
      ownerId,
      code: null,
      title: `${label} still allows ${what} access`,
      message: `${label} did not confirm that the access of ${what} has ended. End it by hand. ${server.endByHand}`,
    })
  }

  /** Like `revoke`, but nobody waits for it. */
  revokeInBackground(row: CredentialRow): void {
    this.inBackground(row.id, () => this.revoke(row))
  }

  /**
   * Begins once the caller's unit of work is committed, and never after a rollback: what was not deleted keeps its
   * grant. The server waits for it when it stops.
   */
  inBackground(id: string, work: () => Promise<void>): void {
    const { unit } = this.#parts.stores.database
    if (unit === null) this.#begin(id, work)
    else unit.afterCommit(() => this.#begin(id, work))
  }

  /** Outside of any unit of work, because a rollback would undo its alerts. */
  #begin(id: string, work: () => Promise<void>): void {
    const begun = this.#parts.stores.database
      .apart(work)
      .catch((error: unknown) =>
        this.#parts.log.error({ err: error, credential: id }, 'a grant was not ended'),
      )
      .finally(() => this.#underWay.delete(begun))
    this.#underWay.add(begun)
  }

  /** Begins no further try. Resolves when nothing is under way. */
  async drain(): Promise<void> {
    this.#stopping.abort()
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }
}

function isTransient(outcome: RevokeOutcome): boolean {
  return outcome === 'later' || outcome === 'unclear'
}
