import type { ApiKey } from '../accounts/accounts.ts'
import type { Grant, OAuthApp, RefreshReuse } from '../oauth/grants.ts'
import { logMembership } from '../resources/memberships.ts'
import type { World } from '../world.ts'
import { controlContext, organizationOf } from './records.ts'

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

/** The part of the control that is about people, keys, applications and their grants. */
export class AccountControl {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
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
    const { accounts } = this.#world
    const user = accounts.users.get(userId)
    if (!user) throw new Error(`There is no user ${userId}.`)
    if (user.active === active) return
    user.active = active
    for (const membership of accounts.membershipsOfUser(userId)) {
      const context = controlContext(this.#world, membership.organizationId)
      logMembership(context, membership, active ? 'activated' : 'deactivated')
    }
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
