import type { Secrets, Vault } from '@latchwork/vault'
import type { Logger } from '../logging/logger.ts'
import { type OAuthEndpoints, revokeToken } from '../oauth/token-client.ts'
import type { CredentialRow } from '../stores/interfaces.ts'
import { placeOfRow } from './sealing.ts'

interface RevokerParts {
  readonly vault: Vault
  readonly endpoints: OAuthEndpoints
  readonly log: Logger
}

/** Ends grants at Close, as far as Close answers. What it did not confirm is logged, to be removed there by hand. */
export class Revoker {
  readonly #parts: RevokerParts
  readonly #underWay = new Set<Promise<void>>()

  constructor(parts: RevokerParts) {
    this.#parts = parts
  }

  /** Does nothing for a credential without tokens. */
  async revoke(row: CredentialRow): Promise<void> {
    const secrets = await this.#parts.vault.openAll(placeOfRow(row), row.sealed)
    await this.end(row.id, row.values, secrets)
  }

  /** The same for secrets at hand. */
  async end(id: string, values: Readonly<Record<string, string>>, secrets: Secrets): Promise<void> {
    const { endpoints, log } = this.#parts
    const token = secrets['refreshToken'] ?? secrets['accessToken']
    if (token === undefined) return
    const clientSecret = secrets['clientSecret']?.reveal() ?? ''
    const app = { clientId: values['clientId'] ?? '', clientSecret }
    if (await revokeToken(endpoints, app, token.reveal())) return
    log.warn({ credential: id }, 'Close did not confirm that a grant has ended: remove it in Close')
  }

  /** The same, without anybody waiting for it. */
  revokeBehind(row: CredentialRow): void {
    this.behind(row.id, this.revoke(row))
  }

  /** Keeps what was begun, so that the server does not stop before it has ended. */
  behind(id: string, begun: Promise<void>): void {
    const work = begun
      .catch((error: unknown) =>
        this.#parts.log.error({ err: error, credential: id }, 'a grant was not ended'),
      )
      .finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  /** Resolves when nothing is under way. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay)
  }
}
