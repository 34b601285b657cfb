import type { Accounts } from '../accounts/accounts.ts'
import type { Organization } from '../data/organization.ts'
import { basicCredentials, type HttpRequest } from '../http/http.ts'
import type { Grants } from '../oauth/grants.ts'
import { unauthorized } from './errors.ts'
import type { Caller } from './request.ts'

/** The accounts and grants that credentials are checked against. */
export interface Authorities {
  readonly accounts: Accounts
  readonly grants: Grants
  readonly organizations: ReadonlyMap<string, Organization>
}

/**
 * Who sent the request: `Basic` with an API key as user name and no password, or `Bearer` with an
 * access token.
 * @throws ApiError 401 for anything else, a disabled key, an expired or revoked token, or a user who is deactivated or
 * no longer a member
 */
export function authenticate(request: HttpRequest, authorities: Authorities, nowMs: number): Caller {
  const basic = basicCredentials(request)
  if (basic) return byKey(basic.username, basic.password, authorities)
  const bearer = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.authorization ?? '')
  if (bearer?.[1]) return byToken(bearer[1], authorities, nowMs)
  throw unauthorized()
}

function byKey(secret: string, password: string, authorities: Authorities): Caller {
  const key = authorities.accounts.keyBySecret(secret)
  if (!key?.enabled || password !== '') throw unauthorized()
  const who = member(key.userId, key.organizationId, authorities)
  return { ...who, apiKeyId: key.id, oauthClientId: null, grantId: null }
}

function byToken(token: string, authorities: Authorities, nowMs: number): Caller {
  const grant = authorities.grants.grantOfAccessToken(token, nowMs)
  if (!grant) throw unauthorized()
  const who = member(grant.userId, grant.organizationId, authorities)
  return { ...who, apiKeyId: null, oauthClientId: grant.clientId, grantId: grant.id }
}

function member(
  userId: string,
  organizationId: string,
  { accounts, organizations }: Authorities,
): Pick<Caller, 'user' | 'organization'> {
  const user = accounts.users.get(userId)
  const organization = organizations.get(organizationId)
  if (!user || !organization || !accounts.mayActFor(userId, organizationId)) throw unauthorized()
  return { user, organization }
}
