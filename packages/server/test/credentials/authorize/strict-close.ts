import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'

/** A request as it arrived. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** What the page of Close was asked for, by the code that it gave. */
interface Asked {
  readonly redirectUri: string
  readonly challenge: string
}

interface TokenAnswer {
  readonly token_type: string
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly scope: string
  readonly organization_id: string
}

/**
 * A Close that looks at every rule of the protocol and keeps all that it received. It has no page: `consent` gives the
 * code that the page would give.
 */
export class StrictClose {
  readonly received: Received[] = []
  /** Rules that a token request broke. */
  readonly faults: string[] = []
  /** Off: as a server that does not know of PKCE. */
  checksChallenge = true
  /** What it does to each good answer of the token endpoint. */
  reshape: (answer: TokenAnswer) => object = (answer) => answer
  /** What the token endpoint refuses everything with. */
  refusal: object | null = null
  readonly #codes = new Map<string, Asked>()
  readonly #server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request
      this.received.push({ method, url, headers, rawHeaders, body })
      const answer = this.#answer(method, url, body)
      response.writeHead(answer === null ? 400 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? this.refusal ?? { error: 'invalid_grant' }))
    })
  })

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  tokenRequests(): URLSearchParams[] {
    return this.received
      .filter(({ url }) => url.startsWith('/oauth2/token/'))
      .map(({ body }) => new URLSearchParams(body))
  }

  /** The callback's address after the person allowed it. */
  consent(authorizeUrl: string): string {
    const asked = new URL(authorizeUrl).searchParams
    const code = `code-${this.#codes.size + 1}`
    const redirectUri = asked.get('redirect_uri') ?? ''
    this.#codes.set(code, { redirectUri, challenge: asked.get('code_challenge') ?? '' })
    return `${redirectUri}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`
  }

  #answer(method: string, url: string, body: string): unknown {
    if (url.startsWith('/api/v1/me/')) return me
    if (!url.startsWith('/oauth2/token/')) return {}
    const form = new URLSearchParams(body)
    if (method !== 'POST' || url !== '/oauth2/token/') this.faults.push(`${method} ${url}`)
    if (this.refusal !== null) return null
    if (form.get('grant_type') === 'authorization_code' && !this.#redeems(form)) return null
    return this.reshape({
      token_type: 'Bearer',
      access_token: `access-${this.received.length}`,
      refresh_token: `refresh-${this.received.length}`,
      expires_in: 3600,
      scope: 'all.full_access offline_access',
      organization_id: 'orga_1',
    })
  }

  /** @see RFC 6749 section 4.1.3, RFC 7636 section 4.6 */
  #redeems(form: URLSearchParams): boolean {
    const asked = this.#codes.get(form.get('code') ?? '')
    const verifier = form.get('code_verifier') ?? ''
    if (asked === undefined) return false
    if (form.get('redirect_uri') !== asked.redirectUri) this.faults.push('another redirect_uri')
    if (!this.checksChallenge) return true
    if (!/^[\w.~-]{43,128}$/.test(verifier)) this.faults.push('no verifier')
    return createHash('sha256').update(verifier).digest('base64url') === asked.challenge
  }
}

const me = {
  id: 'user_1',
  email: 'wren@hollowoak.example',
  first_name: 'Wren',
  last_name: 'Hollowoak',
  organizations: [{ id: 'orga_1', name: 'Hollowoak' }],
}
