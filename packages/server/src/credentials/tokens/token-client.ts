import { isLoopbackHost } from '@latchwork/contract'
import { limitedAnswer } from '@latchwork/vault'
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  customFetch,
  refreshTokenGrant,
  tokenRevocation,
} from 'openid-client'
import { type FetchFailure, fetchFailure } from './fetch-failure.ts'
import { requestLimit } from './request-limit.ts'
import { type Grant, grantOf, parseObject, readableAnswer } from './token-answer.ts'

/** Where Close's OAuth server stands, and where it sends browsers back to. */
export interface OAuthEndpoints {
  readonly closeApiUrl: string
  readonly closeAppUrl: string
  /** Exactly as registered with the OAuth app: from the settings, never from a request. */
  readonly redirectUri: string
}

/** An OAuth app's credentials. */
export interface OAuthApp {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * What became of a request to the token endpoint.
 * - `granted`: new tokens. Whatever else happens, they are to be saved first.
 * - `grant_refused`, `app_refused`, `refused`: a definite no, to the grant (or code), to the app, for another reason.
 *   `speaksOfApp`: it refuses the app's id and secret, and so all that have the same. Anything else may be this one's.
 * - `later`: nothing was sent, or the server asks to try later. `notDone`: it is certain that nothing was carried out.
 * - `in_doubt`: sent, but what came back doesn't say whether it was carried out.
 */
export type TokenOutcome =
  | { readonly kind: 'granted'; readonly grant: Grant }
  | { readonly kind: 'grant_refused' | 'refused' }
  | { readonly kind: 'app_refused'; readonly speaksOfApp: boolean }
  | { readonly kind: 'in_doubt'; readonly answered: boolean }
  | {
      readonly kind: 'later'
      readonly reached: boolean
      readonly notDone: boolean
      readonly retryAfterSeconds: number | null
    }

/** What the browser brought back was not an authorization. */
export type CallbackOutcome = TokenOutcome | { readonly kind: 'declined' }

/** The lease on a refresh outlives this by construction. */
export const tokenTimeoutSeconds = 15

/** How much of an answer is taken, and how long it is waited for, from sending to its last byte. */
export interface TokenLimits {
  readonly timeoutMs: number
  readonly answerBytes: number
}

/** Two tokens and some words. */
const usualLimits: TokenLimits = { timeoutMs: tokenTimeoutSeconds * 1000, answerBytes: 256 * 1024 }

/**
 * Close's page on which a person grants access.
 * @see RFC 6749 section 4.1.1, RFC 7636 section 4.3
 */
export function authorizationUrl(
  endpoints: OAuthEndpoints,
  app: OAuthApp,
  request: { readonly state: string; readonly challenge: string; readonly scope: string },
): string {
  const url = buildAuthorizationUrl(configure(endpoints, app, usualLimits).config, {
    redirect_uri: endpoints.redirectUri,
    state: request.state,
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
    ...(request.scope === '' ? {} : { scope: request.scope }),
  })
  return url.href
}

/**
 * Exchanges what the callback's query holds for tokens. `iss`, where sent, must be Close's.
 * @see RFC 6749 section 4.1.3, RFC 9207 section 2.4
 */
export async function exchangeCode(
  endpoints: OAuthEndpoints,
  app: OAuthApp,
  callback: { readonly query: URLSearchParams; readonly state: string; readonly verifier: string },
  limits = usualLimits,
): Promise<CallbackOutcome> {
  const url = new URL(endpoints.redirectUri)
  url.search = callback.query.toString()
  const call = configure(endpoints, app, limits)
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
    if (!call.sent()) return { kind: 'refused' }
    return judge(call)
  }
}

/** @see RFC 6749 section 6 */
export async function refreshTokens(
  endpoints: OAuthEndpoints,
  app: OAuthApp,
  refreshToken: string,
  limits = usualLimits,
): Promise<TokenOutcome> {
  const call = configure(endpoints, app, limits)
  try {
    const answer = await refreshTokenGrant(call.config, refreshToken)
    return { kind: 'granted', grant: grantOf(answer, [app.clientSecret, refreshToken]) }
  } catch {
    return judge(call)
  }
}

/**
 * `later`: the grant is alive, Close was out of reach or asks to wait. `unclear`: a success in which something else than
 * Close seems to speak, such as a page. `refused`: Close won't end it by this way.
 */
export type RevokeOutcome = 'ended' | 'later' | 'unclear' | 'app_refused' | 'refused'

/**
 * Ends a grant at Close; a token that Close does not know has ended already. Never throws.
 * @see RFC 7009 sections 2.2 and 2.2.1
 */
export async function revokeGrant(
  endpoints: OAuthEndpoints,
  app: OAuthApp,
  token: string,
  limits = usualLimits,
): Promise<RevokeOutcome> {
  const call = configure(endpoints, app, limits)
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

interface Call {
  readonly config: Configuration
  sent(): boolean
  /** The status that came back; null if none did. */
  status(): number | null
  retryAfterSeconds(): number | null
  failure(): FetchFailure | null
  /** The `error` of the answer's JSON. */
  errorCode(): string | null
  /** The answer is empty, or JSON that speaks of no error. */
  confirms(): boolean
}

function configure(endpoints: OAuthEndpoints, app: OAuthApp, limits: TokenLimits): Call {
  const config = new Configuration(
    {
      issuer: endpoints.closeApiUrl,
      authorization_endpoint: `${endpoints.closeAppUrl}/oauth2/authorize/`,
      token_endpoint: `${endpoints.closeApiUrl}/oauth2/token/`,
      revocation_endpoint: `${endpoints.closeApiUrl}/oauth2/revoke/`,
    },
    app.clientId,
    {},
    ClientSecretPost(app.clientSecret),
  )
  config.timeout = undefined // each request has a limit of its own, below
  // The sandbox on this machine speaks http. Anywhere else the library refuses it.
  if (isLoopbackHost(new URL(endpoints.closeApiUrl).hostname)) allowInsecureRequests(config)
  let response: Response | null = null
  let failure: FetchFailure | null = null
  let sent = false
  let text = ''
  config[customFetch] = async (url, options) => {
    sent = true
    try {
      const { body, method, headers } = options
      const signal = requestLimit(limits.timeoutMs)
      // A redirect is an answer like any other and never followed.
      const redirect = 'manual'
      response = await fetch(url, { method, headers, redirect, body: body ?? null, signal })
      text = await limitedAnswer(response, limits.answerBytes).text()
      const { status } = response
      const readable = status < 300 ? readableAnswer(text) : null
      if (readable !== null) return Response.json(readable)
      return new Response(text === '' ? null : text, { status, headers: response.headers })
    } catch (error) {
      failure = fetchFailure(error)
      throw error
    }
  }
  return {
    config,
    sent: () => sent,
    status: () => response?.status ?? null,
    retryAfterSeconds: () => {
      const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN)
      return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) : null
    },
    failure: () => failure,
    errorCode: () => {
      const answer = parseObject(text)
      const code: unknown = answer === null ? null : Reflect.get(answer, 'error')
      return typeof code === 'string' ? code : null
    },
    confirms: () => {
      const answer = parseObject(text)
      return text.trim() === '' || (answer !== null && !('error' in answer))
    },
  }
}

/**
 * By status and the `error` code alone; descriptions are for people.
 * @see RFC 6749 section 5.2
 */
function judge(call: Call): TokenOutcome {
  const status = call.status()
  if (status === null) {
    return !call.sent() || call.failure() === 'not_sent'
      ? { kind: 'later', reached: false, notDone: true, retryAfterSeconds: null }
      : { kind: 'in_doubt', answered: false }
  }
  // A success that can't be read may have spent the token.
  if (status < 300) return { kind: 'in_doubt', answered: true }
  if (status === 429 || status >= 500) {
    const notDone = status === 429 || status === 503
    return { kind: 'later', reached: true, notDone, retryAfterSeconds: call.retryAfterSeconds() }
  }
  const code = call.errorCode()
  if (code === 'invalid_grant') return { kind: 'grant_refused' }
  if (code === 'invalid_client') return { kind: 'app_refused', speaksOfApp: true }
  const refusesApp = code === 'unauthorized_client' || status === 401
  return refusesApp ? { kind: 'app_refused', speaksOfApp: false } : { kind: 'refused' }
}
