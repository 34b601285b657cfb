import { systemClock } from '@latchwork/close'
import type { OAuthServer } from '@latchwork/connectors'
import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  genericGrantRequest,
  refreshTokenGrant,
  tokenRevocation,
} from 'openid-client'
import { grantOf } from './token-answer.ts'
import { configure, judge, type OAuthApp, type TokenOptions, type TokenOutcome } from './token-call.ts'
import { waitLeftMs } from './told-waits.ts'

/** `declined`: the person did not grant access. */
export type CallbackOutcome = TokenOutcome | { readonly kind: 'declined' }

/** The longest that is waited with a code in hand, which lives for a minute or so. */
const longestWaitWithCodeMs = 20_000

/**
 * The address of the page on which a person grants access.
 * @param redirectUri exactly as registered with the OAuth app: from the settings, never from a request
 * @see RFC 6749 section 4.1.1, RFC 7636 section 4.3
 */
export function authorizationUrl(
  server: OAuthServer,
  app: OAuthApp,
  redirectUri: string,
  request: { readonly state: string; readonly challenge: string; readonly scope: string },
): string {
  const url = buildAuthorizationUrl(configure(server, app, {}).config, {
    redirect_uri: redirectUri,
    state: request.state,
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
    ...(request.scope === '' ? {} : { scope: request.scope }),
  })
  return url.href
}

/**
 * Exchanges the callback's query for tokens. `iss`, if sent, must be the server's.
 * @param redirectUri that of `authorizationUrl`
 * @see RFC 6749 section 4.1.3, RFC 9207 section 2.4
 */
export async function exchangeCode(
  server: OAuthServer,
  app: OAuthApp,
  redirectUri: string,
  callback: { readonly query: URLSearchParams; readonly state: string; readonly verifier: string },
  options: TokenOptions = {},
): Promise<CallbackOutcome> {
  const url = new URL(redirectUri)
  url.search = callback.query.toString()
  const waitMs = waitLeftMs(server, app.clientId)
  if (waitMs <= longestWaitWithCodeMs) await (options.clock ?? systemClock).sleep(waitMs)
  const call = configure(server, app, options)
  try {
    const answer = await authorizationCodeGrant(call.config, url, {
      expectedState: callback.state,
      pkceCodeVerifier: callback.verifier,
    })
    const code = callback.query.get('code') ?? ''
    return { kind: 'granted', grant: grantOf(answer, [app.clientSecret, callback.verifier, code]) }
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      return { kind: error.error === 'access_denied' ? 'declined' : 'refused' }
    }
    // Nothing was sent: the callback itself was refused (a wrong `iss`, no code).
    if (!call.sent() && call.askedToWaitMs() === 0) return { kind: 'refused' }
    return judge(call)
  }
}

/** @see RFC 6749 section 6 */
export async function refreshTokens(
  server: OAuthServer,
  app: OAuthApp,
  refreshToken: string,
  options: TokenOptions = {},
): Promise<TokenOutcome> {
  const call = configure(server, app, options)
  try {
    const answer = await refreshTokenGrant(call.config, refreshToken)
    return { kind: 'granted', grant: grantOf(answer, [app.clientSecret, refreshToken]) }
  } catch {
    return judge(call)
  }
}

/** How a token endpoint is away. `unanswered`: no answer came at all. */
export type EndpointAway = Extract<TokenOutcome, { readonly kind: 'later' }> | 'unanswered'

/**
 * Asks the token endpoint for nothing: a refresh without a refresh token, which a working endpoint refuses at once.
 * @returns null if it answers
 * @see RFC 6749 section 5.2, `invalid_request`
 */
export async function endpointAway(
  server: OAuthServer,
  app: OAuthApp,
  options: TokenOptions = {},
): Promise<EndpointAway | null> {
  const call = configure(server, app, options)
  const failed = await genericGrantRequest(call.config, 'refresh_token', {}).then(
    () => false,
    () => true,
  )
  const outcome = failed ? judge(call) : null
  if (outcome?.kind === 'later') return outcome
  return outcome?.kind === 'in_doubt' && !outcome.answered ? 'unanswered' : null
}

/**
 * `later`: the grant is alive; the server was out of reach or asks to wait. `unclear`: a success that something else
 * seems to have sent, such as a page. `refused`: the server won't end it this way, or has no such endpoint.
 */
export type RevokeOutcome = 'ended' | 'later' | 'unclear' | 'app_refused' | 'refused'

/**
 * Ends a grant. A token that its server does not know has ended already. Never throws.
 * @see RFC 7009 sections 2.2 and 2.2.1
 */
export async function revokeGrant(
  server: OAuthServer,
  app: OAuthApp,
  token: string,
  options: TokenOptions = {},
): Promise<RevokeOutcome> {
  if (server.revokeUrl === undefined) return 'refused'
  const call = configure(server, app, options)
  try {
    await tokenRevocation(call.config, token)
    return call.confirms() ? 'ended' : 'unclear'
  } catch {
    const status = call.status()
    if (status === null || status === 429 || status >= 500) return 'later'
    if (status < 300) return 'unclear'
    return call.errorCode() === 'invalid_client' ? 'app_refused' : 'refused'
  }
}
