import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { Connector, CredentialAccess } from '@latchwork/connectors'
import { type CheckResult, type FieldDefinition, type Identity, LatchworkError } from '@latchwork/contract'
import Provider from 'oidc-provider'
import type { OAuthApp } from '../../../src/credentials/tokens/token-call.ts'
import { publicUrl } from '../../running.ts'
import { remember } from '../../torture/oidc-peer.ts'

/** A request as its server got it. */
interface Received {
  readonly method: string
  readonly path: string
  readonly authorization: string
}

/**
 * A system that nobody has heard of, with an OAuth server that somebody else wrote: other addresses than Close's, an app
 * that authenticates by HTTP Basic, PKCE demanded, and refresh tokens that are good once.
 */
export class Meadow implements AsyncDisposable {
  readonly app: OAuthApp = { clientId: 'meadow-app', clientSecret: randomBytes(24).toString('hex') }
  readonly received: Received[] = []
  readonly url: string
  readonly #provider: Provider
  readonly #stop: () => void

  private constructor(url: string, stop: () => void) {
    this.url = url
    this.#stop = stop
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    this.#provider = new Provider(url, {
      adapter: remember(),
      clients: [
        {
          client_id: this.app.clientId,
          client_secret: this.app.clientSecret,
          redirect_uris: [`${publicUrl}/oauth/callback`],
          response_types: ['code'],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'client_secret_basic',
          id_token_signed_response_alg: 'ES256',
        },
      ],
      jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig' }] },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      pkce: { required: () => true },
      findAccount: (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
      issueRefreshToken: async () => true,
      rotateRefreshToken: true,
      ttl: { AccessToken: 3600, IdToken: 3600, RefreshToken: 86_400, Grant: 86_400 },
      routes: { token: '/gate/tokens', revocation: '/gate/ended', userinfo: '/whoami' },
      features: {
        devInteractions: { enabled: false },
        revocation: { enabled: true, allowedPolicy: async () => true },
      },
    })
  }

  static async start(): Promise<Meadow> {
    let answer: RequestListener = (_, response) => response.destroy()
    const server = createServer((request, response) => answer(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the meadow has no port')
    const meadow = new Meadow(`http://127.0.0.1:${address.port}`, () => {
      server.closeAllConnections()
      server.close()
    })
    const handle = meadow.#provider.callback()
    answer = (request, response) => {
      const { method = '', url: path = '', headers } = request
      meadow.received.push({ method, path, authorization: headers.authorization ?? '' })
      handle(request, response)
    }
    return meadow
  }

  /** What adding it to Latchwork takes. */
  get connector(): Connector {
    const { url } = this
    return {
      definition,
      oauth: {
        issuer: url,
        authorizeUrl: `${url}/gate/ask`,
        tokenUrl: `${url}/gate/tokens`,
        revokeUrl: `${url}/gate/ended`,
        clientAuthentication: 'basic',
        endByHand: 'Close the gate of the Meadow.',
      },
      check: (credential) => this.#check(credential),
      identify: async (credential) => {
        const { identity } = await this.#check(credential)
        if (identity === null) throw new LatchworkError('unreachable')
        return identity
      },
    }
  }

  /** The callback's address after the person allowed it, as the page at `authorizeUrl` would give it. */
  async consent(authorizeUrl: string): Promise<string> {
    const asked = new URL(authorizeUrl).searchParams
    const redirectUri = asked.get('redirect_uri') ?? ''
    const client = await this.#provider.Client.find(asked.get('client_id') ?? '')
    if (client === undefined || !client.redirectUriAllowed(redirectUri)) throw new Error('no such app')
    const scope = asked.get('scope') ?? ''
    const grant = new this.#provider.Grant({ accountId: 'shepherd', clientId: client.clientId })
    grant.addOIDCScope(scope)
    const code = new this.#provider.AuthorizationCode({
      accountId: 'shepherd',
      client,
      codeChallenge: asked.get('code_challenge') ?? '',
      codeChallengeMethod: asked.get('code_challenge_method') ?? '',
      grantId: await grant.save(),
      gty: 'authorization_code',
      redirectUri,
      scope,
    })
    const given = { code: await code.save(), state: asked.get('state') ?? '', iss: this.url }
    return `${redirectUri}?${new URLSearchParams(given)}`
  }

  async accepts(accessToken: string): Promise<boolean> {
    return (await fetch(`${this.url}/whoami`, { headers: { authorization: `Bearer ${accessToken}` } })).ok
  }

  async #check(credential: CredentialAccess): Promise<CheckResult & { identity: Identity | null }> {
    if (await this.accepts(await credential.accessToken())) {
      return { status: 'verified', identity: shepherd, reason: null }
    }
    const reason = { code: 'grant_rejected', message: 'The Meadow knows nobody by this token.' }
    return { status: 'failed', identity: null, reason }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop()
  }
}

const shepherd: Identity = {
  organizationId: 'flock_1',
  organizationName: 'The flock',
  userId: 'shepherd',
  userName: 'Shepherd',
  userEmail: 'shepherd@meadow.example',
}

const field = (name: string, kind: 'text' | 'secret', required: boolean): FieldDefinition => ({
  ...{ name, label: name, kind, required },
})

const definition: Connector['definition'] = {
  id: 'meadow',
  label: 'Meadow',
  description: 'Sheep.',
  icon: 'target',
  accountWord: 'flock',
  methods: [
    {
      id: 'oauth2',
      label: 'OAuth 2.0',
      summary: 'Through the gate.',
      bestFor: 'Sheep.',
      flow: 'oauth2',
      fields: [
        field('clientId', 'text', true),
        field('clientSecret', 'secret', true),
        field('scope', 'text', false),
      ],
      guide: { title: 'Make an app', steps: [], warnings: [], links: [] },
    },
  ],
  cures: {},
  source: null,
  destination: null,
}
