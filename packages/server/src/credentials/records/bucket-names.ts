import { createHmac } from 'node:crypto'
import { hasSecret } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'

/** Names remembered, so that a secret is opened for them once and not for each request. */
const mostRemembered = 1_000

/**
 * Names what the other system counts requests by. For a sign-in it is the grant, which is the credential's own; for an
 * API key the key, which several credentials may have. A name is made with a secret of this installation: it says
 * nothing about the API key.
 */
export class BucketNames {
  readonly #secret: string
  readonly #names = new Map<string, string>()

  constructor(secret: string) {
    this.#secret = secret
  }

  async of(
    row: CredentialRow,
    open: (row: CredentialRow) => Promise<Readonly<Record<string, string>>>,
  ): Promise<string> {
    if (hasSecret(row, 'accessToken')) return row.id
    const version = `${row.id} ${row.secretVersion}`
    const known = this.#names.get(version)
    if (known !== undefined) return known
    const secrets = Object.values(await open(row)).sort()
    const name = createHmac('sha256', this.#secret)
      .update(`bucket ${JSON.stringify(secrets)}`)
      .digest('base64url')
    this.#names.set(version, name)
    const [oldest] = this.#names.keys()
    if (this.#names.size > mostRemembered && oldest !== undefined) this.#names.delete(oldest)
    return name
  }
}
