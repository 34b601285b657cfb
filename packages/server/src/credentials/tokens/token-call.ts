import { readWait, systemClock } from '@latchwork/close'
import type { Clock, OAuthServer } from '@latchwork/connectors'
import { isLoopbackHost } from '@latchwork/contract'
import { limitedAnswer } from '@latchwork/vault'
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
} from 'openid-client'
import { type FetchFailure, fetchFailure } from './fetch-failure.ts'
import { requestLimit } from './request-limit.ts'
import { type Grant, parseObject, readableAnswer } from './token-answer.ts'
import { keepWait, waitLeftMs } from './told-waits.ts'

/** An OAuth app's credentials. */
export interface OAuthApp {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * The outcome of a request to the token endpoint.
 * - `granted`: new tokens. They must be saved before anything else.
 * - `grant_refused`, `app_refused`, `refused`: a definite no, to the grant (or code), to the app, for another reason.
 *   `speaksOfApp`: the app's id and secret are refused, and so are all credentials with the same. Otherwise the fault
 *   may be this credential's own.
 * - `later`: nothing was sent, or the server asks to try later. `notDone`: it is certain that nothing was carried out.
 * - `in_doubt`: sent, but the answer does not say whether it was carried out.
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

/** The lease on a refresh is always longer than this. */
export const tokenTimeoutSeconds = 15

/** Limits on an answer: its size, and the time from sending to its last byte. */
export interface TokenLimits {
  readonly timeoutMs: number
  readonly answerBytes: number
}

/** Left out: two tokens and some words, and the machine's clock. */
export interface TokenOptions extends Partial<TokenLimits> {
  readonly clock?: Clock
}

const usualLimits: TokenLimits = { timeoutMs: tokenTimeoutSeconds * 1000, answerBytes: 256 * 1024 }

/** The longest that a server is believed. */
const longestWaitSeconds = 3600

/** One request to an OAuth server, and what is known of it afterwards. */
interface Call {
  readonly config: Configuration
  sent(): boolean
  /** For how long it would have had to wait; then it was not sent. */
  askedToWaitMs(): number
  /** The status of the answer; null if none came. */
  status(): number | null
  retryAfterSeconds(): number | null
  failure(): FetchFailure | null
  /** The `error` of the answer's JSON. */
  errorCode(): string | null
  /** The answer is empty, or JSON without an error. */
  confirms(): boolean
}

/** Prepares one request to an OAuth server, within limits. */
export function configure(server: OAuthServer, app: OAuthApp, options: TokenOptions): Call {
  const { clock = systemClock } = options
  const limits: TokenLimits = { ...usualLimits, ...options }
  const authenticate = server.clientAuthentication === 'basic' ? ClientSecretBasic : ClientSecretPost
  const config = new Configuration(
    {
      issuer: server.issuer,
      authorization_endpoint: server.authorizeUrl,
      token_endpoint: server.tokenUrl,
      ...(server.revokeUrl === undefined ? {} : { revocation_endpoint: server.revokeUrl }),
    },
    app.clientId,
    {},
    authenticate(app.clientSecret),
  )
  config.timeout = undefined // each request has a limit of its own, below
  // The sandbox on this machine speaks http. Anywhere else the library refuses it.
  const addresses = [server.tokenUrl, server.revokeUrl ?? server.tokenUrl]
  if (addresses.every((url) => isLoopbackHost(new URL(url).hostname))) allowInsecureRequests(config)
  let response: Response | null = null
  let failure: FetchFailure | null = null
  let sent = false
  let askedToWaitMs = 0
  let text = ''
  const retryAfterSeconds = (): number | null => {
    const seconds =
      response === null ? undefined : readWait(response.headers, Date.now(), response.status === 429)
    return seconds === undefined ? null : Math.min(seconds, longestWaitSeconds)
  }
  config[customFetch] = async (url, request) => {
    askedToWaitMs = waitLeftMs(server, app.clientId)
    if (askedToWaitMs > 0) throw new Error('the server told to wait')
    sent = true
    try {
      const { body, method, headers } = request
      const signal = requestLimit(limits.timeoutMs)
      // A redirect is an answer like any other, and is never followed.
      const redirect = 'manual'
      response = await fetch(url, { method, headers, redirect, body: body ?? null, signal })
      const asked = response.status === 429 || response.status >= 500 ? retryAfterSeconds() : null
      if (asked !== null) {
        // A limit is one app's; a failure is everybody's.
        keepWait(server, response.status === 429 ? app.clientId : null, asked * 1000, clock)
      }
      text = await limitedAnswer(response, limits.answerBytes).text()
      const { status } = response
      const readable = status < 300 ? readableAnswer(text, server.organizationField) : null
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
    askedToWaitMs: () => askedToWaitMs,
    retryAfterSeconds,
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
 * Judges by status and `error` code alone; descriptions are for people.
 * @see RFC 6749 section 5.2
 */
export function judge(call: Call): TokenOutcome {
  const status = call.status()
  if (call.askedToWaitMs() > 0) {
    const retryAfterSeconds = call.askedToWaitMs() / 1000
    return { kind: 'later', reached: true, notDone: true, retryAfterSeconds }
  }
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
