import { passTokenPrefix } from '@latchwork/contract'

const longest = 200

/** A text without the tokens in it: clients write them into addresses and records. */
export function withoutTokens(text: string): string {
  return text.replaceAll(/lwp_[\w-]+/g, `${passTokenPrefix}…`)
}

/**
 * The token that a request brings, as Close takes an API key or an access token: as the user name of Basic
 * authentication, or as a bearer token. Null: none that looks like one of a pass.
 * @see RFC 7617 section 2, RFC 6750 section 2.1
 */
export function passToken(authorization: string | undefined): string | null {
  if (authorization === undefined || authorization.length > 2 * longest) return null
  const [, scheme = '', value = ''] = /^(basic|bearer) +([\w.~+/=-]+)$/i.exec(authorization) ?? []
  const token = scheme.toLowerCase() === 'basic' ? userNameOf(value) : value
  return token.startsWith(passTokenPrefix) && token.length <= longest ? token : null
}

/** What stands before the colon. The password is not looked at: Close wants it empty, and some clients send a word. */
function userNameOf(encoded: string): string {
  const [name = ''] = Buffer.from(encoded, 'base64').toString('latin1').split(':')
  return name
}
