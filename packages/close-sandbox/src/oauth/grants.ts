import { createHash, randomBytes } from 'node:crypto'
import type { Accounts } from '../accounts/accounts.ts'
import { BASE62, Random } from '../random.ts'

/** How the token endpoint treats a refresh token that was used before. */
export type RefreshReuse =
  /** `invalid_grant`, nothing else happens. The assumed behaviour of Close. */
  | { readonly mode: 'refuse' }
  /** `invalid_grant`, and every token of the grant is revoked. */
  | { readonly mode: 'revoke_family' }
  /** It works again within that many seconds of its first use. */
  | { readonly mode: 'grace'; readonly seconds: number }

/** An application that asks users for access. */
export interface OAuthApp {
  readonly clientId: string
  clientSecret: string
  readonly name: string
  readonly description: string
  /** Exact https addresses. */
  readonly redirectUris: string[]
}

/** One user's consent for one application in one organization. */
export interface Grant {
  readonly id: string
  readonly clientId: string
  readonly userId: string
  organizationId: string
  revoked: boolean
}

interface RefreshToken {
  readonly grant: Grant
  state: 'fresh' | 'used' | 'revoked'
  usedMs: number | null
}

interface AccessToken {
  readonly grant: Grant
  readonly expiresMs: number
  revoked: boolean
}

/** An authorization code waiting to be exchanged. */
export interface AuthorizationCode {
  readonly grant: Grant
  readonly redirectUri: string
  readonly codeChallenge: string | null
  readonly expiresMs: number
  used: boolean
}

/** The tokens that the token endpoint returns. */
export interface TokenPair {
  readonly grant: Grant
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresInSeconds: number
}

const CODE_LIFETIME_MS = 60_000

/** Codes, tokens and their grants. */
export class Grants {
  readonly apps: Map<string, OAuthApp> = new Map()
  readonly #grants: Grant[] = []
  readonly #codes = new Map<string, AuthorizationCode>()
  readonly #access = new Map<string, AccessToken>()
  readonly #refresh = new Map<string, RefreshToken>()
  readonly #accounts: Accounts
  readonly #seed: string
  accessTokenSeconds = 3_600
  refreshReuse: RefreshReuse = { mode: 'refuse' }

  /** @param seed the same seed gives the same applications; codes and tokens are always new */
  constructor(accounts: Accounts, seed: string) {
    this.#accounts = accounts
    this.#seed = seed
  }

  addApp(name: string, redirectUris: readonly string[], description = ''): OAuthApp {
    const random = new Random(this.#seed, 'oauth app', this.apps.size)
    const app: OAuthApp = {
      clientId: `oa2client_${random.base62(22)}`,
      clientSecret: `oa2secret_${random.base62(44)}`,
      name,
      description,
      redirectUris: [...redirectUris],
    }
    this.apps.set(app.clientId, app)
    return app
  }

  /** Records a consent. Returns its code. */
  consent(
    consent: Omit<Grant, 'id' | 'revoked'> & { redirectUri: string; codeChallenge: string | null },
    nowMs: number,
  ): string {
    const { redirectUri, codeChallenge, ...who } = consent
    const grant: Grant = { ...who, id: `grant_${this.#grants.length + 1}`, revoked: false }
    this.#grants.push(grant)
    const code = randomToken('code')
    this.#codes.set(code, {
      grant,
      redirectUri,
      codeChallenge,
      expiresMs: nowMs + CODE_LIFETIME_MS,
      used: false,
    })
    return code
  }

  code(code: string): AuthorizationCode | undefined {
    return this.#codes.get(code)
  }

  /** A new pair for a grant. */
  issue(grant: Grant, nowMs: number): TokenPair {
    const accessToken = randomToken('at')
    const refreshToken = randomToken('rt')
    this.#access.set(accessToken, {
      grant,
      expiresMs: nowMs + this.accessTokenSeconds * 1_000,
      revoked: false,
    })
    this.#refresh.set(refreshToken, { grant, state: 'fresh', usedMs: null })
    return { grant, accessToken, refreshToken, expiresInSeconds: this.accessTokenSeconds }
  }

  /**
   * Exchanges a refresh token for a new pair. Null if it is refused: unknown, of another application, used before,
   * revoked, or of a user who may no longer act there.
   */
  refresh(refreshToken: string, clientId: string, nowMs: number): TokenPair | null {
    const token = this.#refresh.get(refreshToken)
    if (!token || token.grant.clientId !== clientId || !this.isAlive(token.grant)) return null
    if (token.state === 'revoked') return null
    if (token.state === 'used' && !this.#isInGrace(token, nowMs)) {
      if (this.refreshReuse.mode === 'revoke_family') this.revokeGrant(token.grant.id)
      return null
    }
    if (token.state === 'fresh') {
      token.state = 'used'
      token.usedMs = nowMs
    }
    return this.issue(token.grant, nowMs)
  }

  /** The grant of a valid access token. */
  grantOfAccessToken(accessToken: string, nowMs: number): Grant | null {
    const token = this.#access.get(accessToken)
    if (!token || token.revoked || nowMs >= token.expiresMs || !this.isAlive(token.grant)) return null
    return token.grant
  }

  /** The grant of a token of either kind, alive or not. */
  grantOfToken(token: string): Grant | null {
    return (this.#refresh.get(token) ?? this.#access.get(token) ?? this.#codes.get(token))?.grant ?? null
  }

  /** Revokes the grant of a refresh token, or an access token alone. Unknown tokens are no error (RFC 7009). */
  revokeToken(token: string, clientId: string): void {
    const refresh = this.#refresh.get(token)
    if (refresh?.grant.clientId === clientId) this.revokeGrant(refresh.grant.id)
    const access = this.#access.get(token)
    if (access?.grant.clientId === clientId) access.revoked = true
  }

  revokeGrant(grantId: string): void {
    const grant = this.#grants.find(({ id }) => id === grantId)
    if (grant) grant.revoked = true
    for (const token of this.#refresh.values()) if (token.grant.id === grantId) token.state = 'revoked'
  }

  /** Makes every access token invalid from now on, as if it had expired. */
  expireAccessTokens(): void {
    for (const token of this.#access.values()) token.revoked = true
  }

  all(): readonly Grant[] {
    return this.#grants
  }

  /** Whether the grant is not revoked and its user may still act in the organization. */
  isAlive(grant: Grant): boolean {
    return !grant.revoked && this.#accounts.mayActFor(grant.userId, grant.organizationId)
  }

  #isInGrace({ usedMs }: RefreshToken, nowMs: number): boolean {
    const { refreshReuse: reuse } = this
    return reuse.mode === 'grace' && usedMs !== null && nowMs - usedMs <= reuse.seconds * 1_000
  }
}

/** A value that distinguishes tokens in a log and can't be used as one. */
export function tokenFingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16)
}

function randomToken(prefix: string): string {
  return prefix + Array.from(randomBytes(40), (byte) => BASE62.charAt(byte % 62)).join('')
}
