import type { Clock } from '@latchwork/connectors'
import type { Vault } from '@latchwork/vault'
import type { LoggedRequest, Sandbox } from 'close-sandbox'
import { Refresher } from '../../src/credentials/refresh/refresh.ts'
import { Revoker } from '../../src/credentials/refresh/revoking.ts'
import type { CredentialRow } from '../../src/credentials/store/row.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { consent } from '../browser.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeConnectors } from './authorize/close-oauth.ts'

/** Requests to the sandbox's token endpoint, but for those without a token, which it refuses. */
export function tokenRequests({ control }: Pick<Sandbox, 'control'>): number {
  const isProbe = (request: LoggedRequest) => request.status === 400 && request.tokenFingerprint === null
  return control.requests().filter((each) => each.path === '/oauth2/token/' && !isProbe(each)).length
}

/** Refreshing at the sandbox: a running server, its credentials, and a clock that is put forward with Close's. */
export class RefreshWithClose {
  readonly made: WithClose
  readonly vault: Vault
  readonly clock: Clock
  readonly #ahead: { ms: number }
  #credentials = 0

  private constructor(made: WithClose, vault: Vault, clock: Clock, ahead: { ms: number }) {
    this.made = made
    this.vault = vault
    this.clock = clock
    this.#ahead = ahead
  }

  static async start(): Promise<RefreshWithClose> {
    const ahead = { ms: 0 }
    const clock: Clock = {
      now: () => Date.now() + ahead.ms,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    }
    const made = await startWithClose({ leads: 5, clock })
    const { settings, app } = made.server
    return new RefreshWithClose(made, await openVault(settings, app.stores.metadata), clock, ahead)
  }

  forward(ms: number): void {
    this.#ahead.ms += ms
    this.made.sandbox.control.advanceClock(ms)
  }

  /** For the next test: Close is in order. */
  reset(): void {
    const { control } = this.made.sandbox
    control.clearFaults()
    control.setRefreshReuse({ mode: 'refuse' })
  }

  /** As a process of its own on the same database. */
  refresher(owner: string): Refresher {
    const { vault, clock } = this
    const { sandbox, server } = this.made
    const { stores } = server.app
    const connectors = closeConnectors(sandbox.apiUrl, sandbox.appUrl)
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const revoker = new Revoker({ vault, connectors, log, stores })
    const store = stores.credentials
    return new Refresher({ store, vault, connectors, clock, log, owner, marginMs: 300_000, revoker })
  }

  /** A credential whose tokens were just handed out; no request of that is in the log. */
  async authorized(): Promise<string> {
    const { sandbox, person } = this.made
    const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
    const { credentials } = person.client
    const { id } = await credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    })
    const { authorizeUrl } = await credentials.authorize({ params: { id }, body: { display: 'popup' } })
    const organizationId = sandbox.organizations[0]?.id ?? ''
    await person.fetch(await consent(person, authorizeUrl, { decision: 'allow', organizationId }))
    this.#credentials += 1
    await credentials.save({ params: { id }, body: { name: `Refreshed ${this.#credentials}` } })
    sandbox.control.clearRequests()
    return id
  }

  /** Requests to the token endpoint, but for those that ask only whether it answers. */
  get posts(): number {
    return tokenRequests(this.made.sandbox)
  }

  async row(id: string): Promise<CredentialRow> {
    const found = await this.made.server.app.stores.credentials.find(id)
    if (found === null) throw new Error('the credential is gone')
    return found
  }

  /** A token works if Close answers to it. */
  async works(token: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${this.made.sandbox.apiUrl}/api/v1/me/`, { headers })).ok
  }
}
