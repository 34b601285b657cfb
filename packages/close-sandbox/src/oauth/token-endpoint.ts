import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { basicCredentials, type HttpAnswer, type HttpRequest, jsonAnswer, mediaType } from '../http/http.ts'
import type { LogNotes } from '../http/request-log.ts'
import type { Json } from '../json.ts'
import { type Grants, type OAuthApp, type TokenPair, tokenFingerprint } from './grants.ts'

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

const SCOPE = 'all.full_access offline_access'

/** The error codes of RFC 6749 that the endpoints give. */
type OAuthErrorCode = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type'

/**
 * `POST /oauth2/token/`: exchanges a code or a refresh token for a new pair. The client credentials stand in the form
 * or in Basic authentication.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5
 */
export function tokenEndpoint(
  request: HttpRequest,
  grants: Grants,
  clock: Clock,
  notes: LogNotes,
): HttpAnswer {
  const form = readForm(request)
  if (form === null) return refusal(415, 'invalid_request', 'The request must be form-encoded.')
  const app = authenticatedApp(request, form, grants)
  notes.clientId = form.get('client_id') ?? basicCredentials(request)?.username ?? null
  notes.grantType = form.get('grant_type')
  if (!app) return refusal(401, 'invalid_client', 'Unknown client or wrong secret.')
  switch (notes.grantType) {
    case 'authorization_code':
      return exchange(form, app, grants, clock, notes)
    case 'refresh_token': {
      const token = form.get('refresh_token')
      if (!token) return refusal(400, 'invalid_request', 'refresh_token is missing.')
      notes.tokenFingerprint = tokenFingerprint(token)
      notes.grantId = grants.grantOfToken(token)?.id ?? null
      const pair = grants.refresh(token, app.clientId, clock.now())
      return pair ? tokens(pair) : refusal(400, 'invalid_grant', 'The refresh token is not valid any more.')
    }
    case null:
      return refusal(400, 'invalid_request', 'grant_type is missing.')
    default:
      return refusal(400, 'unsupported_grant_type', 'Use authorization_code or refresh_token.')
  }
}

/**
 * `POST /oauth2/revoke/`: ends a grant (refresh token) or one access token.
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
export function revokeEndpoint(request: HttpRequest, grants: Grants, notes: LogNotes): HttpAnswer {
  const form = readForm(request)
  if (form === null) return refusal(415, 'invalid_request', 'The request must be form-encoded.')
  const app = authenticatedApp(request, form, grants)
  if (!app) return refusal(401, 'invalid_client', 'Unknown client or wrong secret.')
  const token = form.get('token')
  if (!token) return refusal(400, 'invalid_request', 'token is missing.')
  notes.clientId = app.clientId
  notes.tokenFingerprint = tokenFingerprint(token)
  notes.grantId = grants.grantOfToken(token)?.id ?? null
  grants.revokeToken(token, app.clientId)
  return jsonAnswer(200, {}, NO_STORE)
}

function exchange(
  form: URLSearchParams,
  app: OAuthApp,
  grants: Grants,
  clock: Clock,
  notes: LogNotes,
): HttpAnswer {
  const sent = form.get('code')
  if (!sent) return refusal(400, 'invalid_request', 'code is missing.')
  const code = grants.code(sent)
  notes.grantId = code?.grant.id ?? null
  if (!code || code.grant.clientId !== app.clientId)
    return refusal(400, 'invalid_grant', 'The code is not valid.')
  if (code.used) {
    // RFC 6749, 4.1.2: a code that is used twice may have leaked, so its grant is revoked.
    grants.revokeGrant(code.grant.id)
    return refusal(400, 'invalid_grant', 'The code was used already.')
  }
  if (clock.now() > code.expiresMs) return refusal(400, 'invalid_grant', 'The code has expired.')
  const redirectUri = form.get('redirect_uri')
  if (redirectUri !== null && redirectUri !== code.redirectUri) {
    return refusal(400, 'invalid_grant', 'redirect_uri is not the one of the authorization request.')
  }
  if (!verifierMatches(form.get('code_verifier'), code.codeChallenge)) {
    return refusal(400, 'invalid_grant', 'code_verifier does not match the code_challenge.')
  }
  if (!grants.isAlive(code.grant)) return refusal(400, 'invalid_grant', 'The grant was revoked.')
  code.used = true
  return tokens(grants.issue(code.grant, clock.now()))
}

/** @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6 */
function verifierMatches(verifier: string | null, challenge: string | null): boolean {
  if (challenge === null) return verifier === null
  return verifier !== null && createHash('sha256').update(verifier).digest('base64url') === challenge
}

function tokens(pair: TokenPair): HttpAnswer {
  const body: Json = {
    token_type: 'Bearer',
    access_token: pair.accessToken,
    expires_in: pair.expiresInSeconds,
    refresh_token: pair.refreshToken,
    scope: SCOPE,
    organization_id: pair.grant.organizationId,
    user_id: pair.grant.userId,
  }
  return jsonAnswer(200, body, NO_STORE)
}

function authenticatedApp(request: HttpRequest, form: URLSearchParams, grants: Grants): OAuthApp | null {
  const basic = basicCredentials(request)
  const clientId = basic ? decodeURIComponentOr(basic.username) : form.get('client_id')
  const secret = basic ? decodeURIComponentOr(basic.password) : form.get('client_secret')
  const app = grants.apps.get(clientId ?? '')
  return app && secret !== null && sameText(app.clientSecret, secret) ? app : null
}

/** RFC 6749, 2.3.1: both halves of the Basic header are form-encoded first. */
function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function sameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

function readForm(request: HttpRequest): URLSearchParams | null {
  return mediaType(request) === 'application/x-www-form-urlencoded' ? new URLSearchParams(request.body) : null
}

function refusal(status: number, error: OAuthErrorCode, error_description: string): HttpAnswer {
  return jsonAnswer(status, { error, error_description }, NO_STORE)
}
