import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider'
import { exchangeCode, type Pair, type Peer, redirectUri } from './peer.ts'

/** In place of the library's memory, which forgets the oldest of a thousand tokens and complains of itself. */
export function remember(): (model: string) => Adapter {
  const all = new Map<string, AdapterPayload>()
  return (model) => {
    const key = (id: string) => `${model} ${id}`
    const findBy = async (field: 'uid' | 'userCode', value: string) =>
      [...all.values()].find((payload) => payload[field] === value)
    return {
      upsert: async (id, payload) => void all.set(key(id), payload),
      find: async (id) => all.get(key(id)),
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (userCode) => findBy('userCode', userCode),
      consume: async (id) => {
        const payload = all.get(key(id))
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id) => void all.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const [id, payload] of all) if (payload.grantId === grantId) all.delete(id)
      },
    }
  }
}

/** An OAuth server that somebody else wrote: it rotates refresh tokens, and ends a grant when a used one comes back. */
export async function startOidcPeer(): Promise<Peer> {
  let answer: RequestListener = (_, response) => response.destroy()
  const server = createServer((request, response) => answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the peer has no port')
  const url = `http://127.0.0.1:${address.port}`
  const app = { clientId: 'latchwork', clientSecret: randomBytes(24).toString('hex') }
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const provider = new Provider(url, {
    adapter: remember(),
    clients: [
      {
        client_id: app.clientId,
        client_secret: app.clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 3600, RefreshToken: 86_400, Grant: 86_400 },
    routes: { token: '/oauth2/token/', revocation: '/oauth2/revoke/', introspection: '/oauth2/introspect/' },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: async () => true },
      introspection: { enabled: true, allowedPolicy: async () => true },
    },
  })
  answer = provider.callback()
  const scope = 'offline_access'
  return {
    url,
    app,
    async authorize(): Promise<Pair> {
      const grant = new provider.Grant({ accountId: 'somebody', clientId: app.clientId })
      grant.addOIDCScope(scope)
      const grantId = await grant.save()
      const client = await provider.Client.find(app.clientId)
      if (client === undefined) throw new Error('the peer has no client')
      const code = new provider.AuthorizationCode({
        accountId: 'somebody',
        client,
        grantId,
        gty: 'authorization_code',
        redirectUri,
        scope,
      })
      return exchangeCode(url, app, await code.save())
    },
    async accepts(accessToken) {
      const form = { client_id: app.clientId, client_secret: app.clientSecret, token: accessToken }
      const body = new URLSearchParams(form)
      const response = await fetch(`${url}/oauth2/introspect/`, { method: 'POST', body })
      return ((await response.json()) as { active: boolean }).active // RFC 7662
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
