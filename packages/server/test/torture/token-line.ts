import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { jitter } from '../../src/jobs/jitter.ts'

/** Answers come up to so much later, each by the seed. */
const longestDelayMs = 10

const renewedSchema = z.object({ refresh_token: z.string() })

interface Hold {
  readonly held: PromiseWithResolvers<void>
  readonly released: PromiseWithResolvers<void>
}

/**
 * The way to a peer, as a proxy. It knows each credential's refresh tokens by their descent, counts what is sent for
 * whom, and keeps back an answer, which the peer has given by then, until it is let go.
 */
export class TokenLine implements AsyncDisposable {
  readonly url: string
  readonly #peerUrl: string
  readonly #seed: number
  readonly #server: Server
  readonly #credentials = new Map<string, string>()
  readonly #requests = new Map<string, number>()
  readonly #holds = new Map<string, Hold>()
  readonly #held = new Map<string, Hold>()

  private constructor(server: Server, url: string, peerUrl: string, seed: number) {
    this.#server = server
    this.url = url
    this.#peerUrl = peerUrl
    this.#seed = seed
  }

  static async open(peerUrl: string, seed: number): Promise<TokenLine> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the line has no port')
    const line = new TokenLine(server, `http://127.0.0.1:${address.port}`, peerUrl, seed)
    server.on('request', (request, response) => {
      line.#pass(request, response).catch(() => response.destroy())
    })
    return line
  }

  /** From now on, what is sent with this token or one that descends from it belongs to the credential. */
  follow(credentialId: string, refreshToken: string): void {
    this.#credentials.set(refreshToken, credentialId)
  }

  /** Refreshes sent for a credential so far. */
  requests(credentialId: string): number {
    return this.#requests.get(credentialId) ?? 0
  }

  /** Keeps back the credential's next answer. Resolves when the peer has given it. */
  async hold(credentialId: string): Promise<void> {
    const hold = { held: Promise.withResolvers<void>(), released: Promise.withResolvers<void>() }
    this.#holds.set(credentialId, hold)
    await hold.held.promise
  }

  release(credentialId: string): void {
    this.#held.get(credentialId)?.released.resolve()
    this.#held.delete(credentialId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString()
    const refreshToken = new URLSearchParams(body).get('refresh_token')
    const credentialId = refreshToken === null ? undefined : this.#credentials.get(refreshToken)
    if (credentialId !== undefined) this.#requests.set(credentialId, this.requests(credentialId) + 1)
    const answer = await fetch(`${this.#peerUrl}${request.url}`, {
      method: request.method ?? 'POST',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body,
    })
    const text = await answer.text()
    if (credentialId !== undefined) {
      if (answer.ok) this.follow(credentialId, renewedSchema.parse(JSON.parse(text)).refresh_token)
      await sleep(jitter(`${this.#seed} ${credentialId} ${this.requests(credentialId)}`) * longestDelayMs)
      const hold = this.#holds.get(credentialId)
      if (hold !== undefined) {
        this.#holds.delete(credentialId)
        this.#held.set(credentialId, hold)
        hold.held.resolve()
        await hold.released.promise
      }
    }
    const contentType = answer.headers.get('content-type') ?? 'application/json'
    response.writeHead(answer.status, { 'content-type': contentType }).end(text)
  }
}
