import { z } from 'zod'
import type { OAuthApp } from '../../src/credentials/tokens/token-call.ts'

/** Registered with every peer, and never called. */
export const redirectUri = 'https://localhost:8443/oauth/callback'

const pairSchema = z.object({ access_token: z.string(), refresh_token: z.string() })

export interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
}

/** An OAuth server with one app, seen from outside. Tokens come from `/oauth2/token/` and end at `/oauth2/revoke/`. */
export interface Peer extends AsyncDisposable {
  readonly url: string
  readonly app: OAuthApp
  /** A new grant's first pair. */
  authorize(): Promise<Pair>
  accepts(accessToken: string): Promise<boolean>
}

/** The first pair of the grant that a code stands for. */
export async function exchangeCode(url: string, app: OAuthApp, code: string): Promise<Pair> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: redirectUri,
    code,
  })
  const answer = await fetch(`${url}/oauth2/token/`, { method: 'POST', body })
  const pair = pairSchema.parse(await answer.json())
  return { accessToken: pair.access_token, refreshToken: pair.refresh_token }
}
