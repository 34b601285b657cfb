import { type RefreshReuse, startSandbox } from 'close-sandbox'
import { startOidcPeer } from './oidc-peer.ts'
import { exchangeCode, type Peer, redirectUri } from './peer.ts'

export interface PeerKind {
  readonly name: 'sandbox' | 'oidc-provider'
  /** What becomes of a refresh token that comes a second time: refused, its grant revoked as well, or forgiven. */
  readonly onReuse: 'refuses' | 'revokes' | 'forgives'
  start(seed: number): Promise<Peer>
}

const sandbox = (onReuse: PeerKind['onReuse'], reuse: RefreshReuse): PeerKind => ({
  name: 'sandbox',
  onReuse,
  start: (seed) => startSandboxPeer(reuse, seed),
})

export const peerKinds: readonly PeerKind[] = [
  sandbox('refuses', { mode: 'refuse' }),
  sandbox('revokes', { mode: 'revoke_family' }),
  sandbox('forgives', { mode: 'grace', seconds: 3600 }),
  { name: 'oidc-provider', onReuse: 'revokes', start: startOidcPeer },
]

async function startSandboxPeer(refreshReuse: RefreshReuse, seed: number): Promise<Peer> {
  const { apiUrl, oauthApps, control, close } = await startSandbox({
    leads: 1,
    refreshReuse,
    seed,
    redirectUris: [redirectUri],
  })
  const [app] = oauthApps
  if (app === undefined) throw new Error('the sandbox has no app')
  const { clientId, clientSecret } = app
  return {
    url: apiUrl,
    app: { clientId, clientSecret },
    authorize: () => exchangeCode(apiUrl, app, control.authorize({ clientId, redirectUri })),
    async accepts(accessToken) {
      const headers = { authorization: `Bearer ${accessToken}` }
      return (await fetch(`${apiUrl}/api/v1/me/`, { headers })).ok
    },
    [Symbol.asyncDispose]: close,
  }
}
