import type { ApiKey } from '../accounts/accounts.ts'
import type { LoggedRequest } from '../http/request-log.ts'
import type { JsonObject } from '../json.ts'
import type { RateLimitOptions } from '../limits/rate-limits.ts'
import type { Grant, OAuthApp, RefreshReuse } from '../oauth/grants.ts'
import type { World } from '../world.ts'
import type { Fault, FaultOptions } from './faults.ts'
import { type Mutation, organizationOf, RecordControl, type RecordReference } from './records.ts'

/** Changes between the pages of a list. */
export interface ListPageOptions {
  readonly path: string
  readonly method?: string
  readonly afterPages: number
  readonly repeat?: boolean
  readonly do: readonly Mutation[] | (() => void)
}

/** A consent given without the page. */
export interface AuthorizeOptions {
  readonly clientId: string
  /** Default: the first user. */
  readonly userId?: string
  /** Default: the first organization. */
  readonly organizationId?: string
  readonly redirectUri?: string
  readonly codeChallenge?: string
}

/**
 * Everything that a test may do to the sandbox without the client's knowledge. Every method takes effect with the next
 * request.
 */
export class SandboxControl {
  readonly #world: World
  readonly #records: RecordControl

  constructor(world: World) {
    this.#world = world
    this.#records = new RecordControl(world)
  }

  /** The requests received since the start or the last `clearRequests`. */
  requests(): readonly LoggedRequest[] {
    return this.#world.log.all()
  }

  clearRequests(): void {
    this.#world.log.clear()
  }

  /** Every record of that type as the API would show it now, in no particular order. */
  truth(organizationId: string, type: string): JsonObject[] {
    return this.#records.truth(organizationId, type)
  }

  /** Adds a fault for the next matching requests. */
  addFault(options: FaultOptions): Fault {
    return this.#world.faults.add(options)
  }

  pendingFaults(): readonly Fault[] {
    return this.#world.faults.pending()
  }

  clearFaults(): void {
    this.#world.faults.clear()
  }

  /** What happens to a refresh token that is used a second time. */
  setRefreshReuse(reuse: RefreshReuse): void {
    this.#world.grants.refreshReuse = reuse
  }

  /** Lifetime of the access tokens issued from now on. */
  setAccessTokenLifetime(seconds: number): void {
    this.#world.grants.accessTokenSeconds = seconds
  }

  /** Ends all access tokens. Refresh tokens stay valid. */
  expireAccessTokens(): void {
    this.#world.grants.expireAccessTokens()
  }

  grants(): readonly (Grant & { readonly alive: boolean })[] {
    const { grants } = this.#world
    return grants.all().map((grant) => ({ ...grant, alive: grants.isAlive(grant) }))
  }

  /** Revokes one grant by its id, or all grants of an application. */
  revokeGrants(which: { readonly grantId?: string; readonly clientId?: string }): void {
    for (const { id, clientId } of this.#world.grants.all()) {
      if (id === which.grantId || clientId === which.clientId) this.#world.grants.revokeGrant(id)
    }
  }

  /** Registers another application. @throws Error when an address is not https or not absolute */
  createOAuthApp(name: string, redirectUris: readonly string[]): OAuthApp {
    for (const uri of redirectUris) requireHttps(uri)
    return this.#world.grants.addApp(name, redirectUris)
  }

  /** @throws Error when the address is not https or not absolute */
  registerRedirectUri(clientId: string, uri: string): void {
    const app = this.#app(clientId)
    requireHttps(uri)
    if (!app.redirectUris.includes(uri)) app.redirectUris.push(uri)
  }

  /** Gives the application a new secret; the old one stops working at once. */
  setClientSecret(clientId: string, clientSecret: string): void {
    this.#app(clientId).clientSecret = clientSecret
  }

  /** Gives consent as the page would. Returns the code for the token endpoint. */
  authorize(options: AuthorizeOptions): string {
    const app = this.#app(options.clientId)
    const redirectUri = options.redirectUri ?? app.redirectUris[0] ?? ''
    const [firstUser] = this.#world.accounts.users.keys()
    return this.#world.grants.consent(
      {
        clientId: app.clientId,
        userId: options.userId ?? firstUser ?? '',
        organizationId: organizationOf(this.#world, options.organizationId).id,
        redirectUri,
        codeChallenge: options.codeChallenge ?? null,
      },
      this.#world.clock.now(),
    )
  }

  createKey(userId: string, organizationId: string): ApiKey {
    if (!this.#world.accounts.mayActFor(userId, organizationId)) {
      throw new Error('The user is no active member of that organization.')
    }
    return this.#world.accounts.addKey(userId, organizationId)
  }

  deleteKey(keyId: string): void {
    if (!this.#world.accounts.removeKey(keyId)) throw new Error(`There is no API key ${keyId}.`)
  }

  setKeyEnabled(keyId: string, enabled: boolean): void {
    this.#key(keyId).enabled = enabled
  }

  /** Moves the key to another organization. Its user becomes a member there. */
  moveKey(keyId: string, organizationId: string): void {
    const key = this.#key(keyId)
    this.#ensureMember(key.userId, organizationId)
    key.organizationId = organizationId
  }

  setUserActive(userId: string, active: boolean): void {
    const user = this.#world.accounts.users.get(userId)
    if (!user) throw new Error(`There is no user ${userId}.`)
    user.active = active
  }

  /** Takes the user out of all other organizations and into this one, with keys and grants. */
  moveUser(userId: string, organizationId: string): void {
    const { accounts, grants } = this.#world
    this.#ensureMember(userId, organizationId)
    for (const membership of accounts.membershipsOfUser(userId)) {
      if (membership.organizationId !== organizationId) accounts.memberships.delete(membership.id)
    }
    for (const key of accounts.keys()) if (key.userId === userId) key.organizationId = organizationId
    for (const grant of grants.all()) if (grant.userId === userId) grant.organizationId = organizationId
  }

  /** The sandbox's time, in milliseconds. */
  now(): number {
    return this.#world.clock.now()
  }

  /** Moves the clock forward: tokens, codes, cursors and rate limit windows age. */
  advanceClock(milliseconds: number): void {
    this.#world.clock.advance(milliseconds)
  }

  /** How long every API and token request waits before it is handled. Requests wait in parallel. */
  setLatency(milliseconds: number): void {
    this.#world.latencyMs = milliseconds
  }

  /** Replaces the rate limits; null: none. */
  setRateLimit(options: RateLimitOptions | null): void {
    this.#world.limits.configure(options)
  }

  /** Adds a record. Missing fields get the defaults of an entry by a person. */
  insert(options: Parameters<RecordControl['insert']>[0]): JsonObject {
    return this.#records.insert(options)
  }

  /** Changes fields of a record; `date_updated` becomes now unless it is among the changes. */
  edit(reference: RecordReference & { readonly changes: JsonObject }): JsonObject {
    return this.#records.edit(reference)
  }

  /** Changes many records at once: all get the same `date_updated`, as in a bulk edit. */
  bulkEdit(options: Parameters<RecordControl['bulkEdit']>[0]): void {
    this.#records.bulkEdit(options)
  }

  /** Deletes a record, a lead with all its children. */
  remove(reference: RecordReference): void {
    this.#records.remove(reference)
  }

  mutate(mutation: Mutation): void {
    this.#records.mutate(mutation)
  }

  /** Changes records after so many pages of a list have been read. */
  onListPage(options: ListPageOptions): void {
    const { do: changes, ...script } = options
    const run =
      typeof changes === 'function'
        ? changes
        : () => {
            for (const change of changes) this.mutate(change)
          }
    this.#world.listPageScripts.add({ ...script, run })
  }

  clearListPageScripts(): void {
    this.#world.listPageScripts.clear()
  }

  #app(clientId: string): OAuthApp {
    const app = this.#world.grants.apps.get(clientId)
    if (!app) throw new Error(`There is no OAuth app ${clientId}.`)
    return app
  }

  #key(keyId: string): ApiKey {
    const key = this.#world.accounts.keyById(keyId)
    if (!key) throw new Error(`There is no API key ${keyId}.`)
    return key
  }

  #ensureMember(userId: string, organizationId: string): void {
    const { accounts } = this.#world
    const organization = organizationOf(this.#world, organizationId)
    const [old] = accounts.membershipsOfUser(userId)
    if (!accounts.users.has(userId)) throw new Error(`There is no user ${userId}.`)
    if (!accounts.membership(userId, organization.id)) {
      accounts.addMembership(userId, organization.id, old?.roleId ?? 'admin')
    }
  }
}

function requireHttps(uri: string): void {
  if (!URL.canParse(uri) || new URL(uri).protocol !== 'https:') {
    throw new Error('A redirect URI must be an absolute https address.')
  }
}
