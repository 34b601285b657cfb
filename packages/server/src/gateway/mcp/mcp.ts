import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LatchworkError } from '@latchwork/contract'
import type { Logger } from '../../logging/logger.ts'
import { clientAddress } from '../../settings/addresses.ts'
import type { Admitted } from '../use/admission.ts'
import type { Gateway } from '../use/gateway.ts'
import { readJsonBody } from '../use/reading.ts'
import { sendRefusal } from '../use/refusal.ts'
import type { PassOfTool } from './tool.ts'

export const mcpPath = '/mcp'
/** RFC 9728 section 3.1: with the path of the resource, and without it. */
export const metadataPaths = [
  `/.well-known/oauth-protected-resource${mcpPath}`,
  '/.well-known/oauth-protected-resource',
] as const

/** Messages of one pass that are answered at once. */
const mostAtOnce = 10

export interface McpParts {
  readonly gateway: Pick<Gateway, 'admit' | 'ask'>
  /** Origin under which the server is reached. */
  readonly publicUrl: string
  readonly version: string
  readonly isTrusted: (address: string) => boolean
  readonly log: Pick<Logger, 'error'>
}

/** Tools for agents, by the Model Context Protocol: what a pass allows, through the gateway. */
export class Mcp {
  readonly #parts: McpParts
  readonly #busy = new Map<string, number>()

  constructor(parts: McpParts) {
    this.#parts = parts
  }

  /** Answers a request to `mcpPath`. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#serve(request, response).catch((thrown: unknown) => this.#refuse(request, response, thrown))
  }

  /** Says what protects `mcpPath`. @see RFC 9728 section 2 */
  describe(request: IncomingMessage, response: ServerResponse): void {
    const { publicUrl } = this.#parts
    const body = JSON.stringify({
      resource: publicUrl + mcpPath,
      resource_name: 'Latchwork',
      bearer_methods_supported: ['header'],
    })
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead) {
      this.#refuse(request, response, new LatchworkError('method_not_allowed'))
      return
    }
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gateway, isTrusted, publicUrl } = this.#parts
    const { origin, authorization } = request.headers
    // A page of another site, or one whose name was led to this address, has no business here.
    if (origin !== undefined && origin !== publicUrl) throw new LatchworkError('csrf_refused')
    const address = clientAddress(request, isTrusted)
    const admit = () => gateway.admit(authorization, address)
    const admitted = await admit()
    if (!admitted.takes(address)) throw new LatchworkError('pass_address')
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      throw new LatchworkError('method_not_allowed')
    }
    await this.#oneOfFew(admitted.pass.id, async () => {
      const read = await readJsonBody(request)
      if (read === undefined || Array.isArray(read.json)) throw new LatchworkError('malformed_json')
      const left = new AbortController()
      response.once('close', () => left.abort())
      const answer = await this.#answer(JSON.parse(read.bytes.toString()), request, {
        admitted,
        ask: (asked) => gateway.ask({ address, admit }, asked, left.signal),
      })
      response.writeHead(answer.status, {
        'cache-control': 'no-store',
        ...(answer.body === null ? {} : { 'content-type': 'application/json' }),
      })
      response.end(await answer.text())
    })
  }

  async #answer(
    message: unknown,
    { headers }: IncomingMessage,
    {
      admitted,
      ask,
    }: { admitted: Admitted; ask: (asked: Parameters<Gateway['ask']>[1]) => ReturnType<Gateway['ask']> },
  ): Promise<Response> {
    const { version, log } = this.#parts
    // It is large, and most servers are never asked.
    const [{ answerMessage }, { mayOf }] = await Promise.all([import('./protocol.ts'), import('./tool.ts')])
    const { pass, policy } = admitted
    const shown: PassOfTool = { rules: pass.rules, may: mayOf(policy), limits: limitWords(admitted) }
    const passed = new Headers()
    for (const name of ['accept', 'content-type', 'mcp-protocol-version']) {
      const value = headers[name]
      if (typeof value === 'string') passed.set(name, value)
    }
    return answerMessage(message, passed, { version, pass: shown, ask, log })
  }

  async #oneOfFew(passId: string, work: () => Promise<void>): Promise<void> {
    const busy = this.#busy.get(passId) ?? 0
    if (busy >= mostAtOnce) throw new LatchworkError('gateway_busy', { retryAfterSeconds: 1 })
    this.#busy.set(passId, busy + 1)
    try {
      await work()
    } finally {
      const left = (this.#busy.get(passId) ?? 1) - 1
      if (left > 0) this.#busy.set(passId, left)
      else this.#busy.delete(passId)
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    const requestId = randomUUID()
    const [metadata] = metadataPaths
    // RFC 6750 section 3.1: who sent none is told of no error.
    const fault = request.headers.authorization === undefined ? '' : ', error="invalid_token"'
    const challenge = `Bearer realm="Latchwork"${fault}, resource_metadata="${this.#parts.publicUrl}${metadata}"`
    const error = sendRefusal(response, thrown, requestId, challenge)
    if (error.status >= 500 && error !== thrown) this.#parts.log.error({ err: error.cause, requestId }, 'mcp')
    // What the client still sends is not read any more.
    if (!request.complete) response.once('finish', () => request.destroy())
  }
}

function limitWords({ pass: { expiresAt, limits } }: Admitted): string {
  const { perSecond, perDay } = limits
  return [
    ...(expiresAt === null ? [] : [`It ends at ${new Date(expiresAt).toISOString()}.`]),
    ...(perSecond === null ? [] : [`At most ${perSecond} calls a second.`]),
    ...(perDay === null ? [] : [`At most ${perDay} calls a day.`]),
  ].join(' ')
}
