import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

/** A request as the token endpoint got it. */
export interface TokenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}
export type TokenAnswer = (response: ServerResponse) => void | Promise<void>

export interface TokenServer extends AsyncDisposable {
  readonly url: string
  readonly seen: TokenRequest[]
  /** How often a refresh without a refresh token was asked for, which asks only whether the endpoint answers. */
  probes: number
  /** The answer to that; a refusal at first. */
  probeAnswer: TokenAnswer
  /** One for each request; the last is given to all further ones. */
  answers: TokenAnswer[]
}

/** An OAuth server's token and revocation endpoints, which answer whatever a test wants. */
export async function startTokenServer(): Promise<TokenServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
    if (form.get('grant_type') === 'refresh_token' && !form.has('refresh_token')) {
      tokenServer.probes += 1
      await tokenServer.probeAnswer(response)
      return
    }
    tokenServer.seen.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      form,
    })
    const answer = tokenServer.answers.length > 1 ? tokenServer.answers.shift() : tokenServer.answers[0]
    if (answer === undefined) throw new Error('the test gave no answer')
    await answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const tokenServer: TokenServer = {
    url: `http://127.0.0.1:${portOf(server)}`,
    seen: [],
    probes: 0,
    probeAnswer: refusal('invalid_request'),
    answers: [],
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return tokenServer
}

export function portOf(listening: { address(): unknown }): number {
  const address = listening.address()
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port)
  throw new Error('the server has no port')
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): TokenAnswer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** A new pair, told apart by its number: `access-2` and `refresh-2`. */
export function pair(number: number, changes: Record<string, unknown> = {}): TokenAnswer {
  return json({
    token_type: 'Bearer',
    access_token: `access-${number}`,
    refresh_token: `refresh-${number}`,
    expires_in: 3600,
    scope: 'all.full_access offline_access',
    ...changes,
  })
}

/** An OAuth error. */
export function refusal(error: string, status = 400): TokenAnswer {
  return json({ error }, status)
}

/** The connection breaks after the request arrived. */
export const dropped: TokenAnswer = (response) => void response.destroy()

/** What else may be odd about an answer with good tokens: none of it may cost them, for there is no other copy. */
export const oddities: readonly (readonly [what: string, changes: Record<string, unknown>])[] = [
  ['a negative lifetime', { expires_in: -1 }],
  ['a lifetime of nothing', { expires_in: 0 }],
  ['a huge lifetime', { expires_in: 1e15 }],
  ['a lifetime in words', { expires_in: 'soon' }],
  ['a lifetime that is null', { expires_in: null }],
  ['no token type', { token_type: undefined }],
  ['a token type of its own', { token_type: 'MAC' }],
  ['a token type that is no text', { token_type: 7 }],
  ['a scope that is a list', { scope: ['all.full_access', 'offline_access'] }],
  ['a scope that is a number', { scope: 7 }],
  ['an organization that is a number', { organization_id: 7 }],
  ['an identity token that nobody asked for', { id_token: 'no.jwt.at-all' }],
]
