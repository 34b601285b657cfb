import { CloseError } from './errors.ts'

/** The authentication of a request: an API key or an OAuth access token. */
export type CloseAuth = { type: 'api_key'; apiKey: string } | { type: 'bearer'; accessToken: string }

const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/**
 * The value of the `Authorization` header. An API key is the user name of HTTP Basic, with an empty password.
 *
 * @throws CloseError `unauthorized` if the secret has characters that no key or token has, so that nobody can inject
 * text into the header
 * @see https://developer.close.com/api/overview/api-key-authentication
 * @see RFC 7617 section 2 (Basic), RFC 6750 section 2.1 (Bearer)
 */
export function authorizationHeader(auth: CloseAuth): string {
  const secret = auth.type === 'api_key' ? auth.apiKey : auth.accessToken
  if (!VISIBLE_ASCII.test(secret) || (auth.type === 'api_key' && secret.includes(':'))) {
    const thing = auth.type === 'api_key' ? 'API key' : 'access token'
    throw new CloseError(
      'unauthorized',
      `The ${thing} is empty or holds characters that it cannot have. Copy it again.`,
    )
  }
  return auth.type === 'api_key' ? `Basic ${btoa(`${secret}:`)}` : `Bearer ${secret}`
}

/** Every form in which the secret could be echoed back by a server; for blanking messages. */
export function secretForms(auth: CloseAuth): string[] {
  return auth.type === 'api_key' ? [btoa(`${auth.apiKey}:`), auth.apiKey] : [auth.accessToken]
}

/** Whether both authenticate with the same secret. */
export function sameAuth(left: CloseAuth, right: CloseAuth): boolean {
  return authorizationHeader(left) === authorizationHeader(right)
}
