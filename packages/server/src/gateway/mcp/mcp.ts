import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { counted, LatchworkError } from '@latchwork/contract'
import type { Logger } from '../../logging/logger.ts'
import { clientAddress } from '../../settings/addresses.ts'
import type { Confirmations } from '../confirm/confirmations.ts'
import { linger } from '../proxy/upload.ts'
import type { PassRow } from '../store/passes.ts'
import type { Admitted } from '../use/admission.ts'
import type { Caller, Gateway } from '../use/gateway.ts'
import { readJsonBody } from '../use/reading.ts'
import { sendRefusal } from '../use/refusal.ts'
import type { Session } from './protocol.ts'
import { mayOf } from './tool.ts'

export const mcpPath = '/mcp'
/** RFC 9728 section 3.1: with the path of the resource, and without it. */
export const metadataPaths = [
  `/.well-known/oauth-protected-resource${mcpPath}`,
  '/.well-known/oauth-protected-resource',
] as const

/** A tool waits so long for a person, which is less than clients wait for a tool. */
const outcomeMs = 25_000

/** Who is refused may go on with a message for this long. */
const lingerMs = 2000

/** Messages of one pass that are answered at once. */
const mostAtOnce = 10

export interface McpParts {
  readonly gateway: Pick<Gateway, 'admit' | 'ask'>
  readonly confirmations: Pick<Confirmations, 'hold' | 'outcome'>
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
      const session = this.#session(admitted, { address, admit }, left.signal)
      const answer = await this.#answer(JSON.parse(read.bytes.toString()), request, session)
      response.writeHead(answer.status, {
        'cache-control': 'no-store',
        ...(answer.body === null ? {} : { 'content-type': 'application/json' }),
      })
      response.end(await answer.text())
    })
  }

  #session(admitted: Admitted, caller: Caller, signal: AbortSignal): Session {
    const { gateway, confirmations, version, log } = this.#parts
    const { pass, policy } = admitted
    return {
      ...{ version, log },
      pass: {
        rules: pass.rules,
        confirmWrites: pass.confirmWrites,
        may: (request) => mayOf(policy, request),
        limits: limitWords(admitted),
      },
      ask: async (asked) => {
        let write: string | null = null
        const hold = async (by: PassRow) => {
          write = await confirmations.hold(by, asked, caller.address)
        }
        const answer = await gateway.ask({ ...caller, via: 'mcp', hold }, asked, signal)
        return write === null ? answer : { write }
      },
      outcome: (write) => confirmations.outcome(pass.id, write, outcomeMs, signal),
    }
  }

  async #answer(message: unknown, { headers }: IncomingMessage, session: Session): Promise<Response> {
    // It is large, and most servers are never asked.
    const { answerMessage } = await import('./protocol.ts')
    const passed = new Headers()
    for (const name of ['accept', 'content-type', 'mcp-protocol-version']) {
      const value = headers[name]
      if (typeof value === 'string') passed.set(name, value)
    }
    return answerMessage(message, passed, session)
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
    linger(request, lingerMs)
  }
}

function limitWords({ pass: { expiresAt, limits } }: Admitted): string {
  const { perSecond, perDay } = limits
  return [
    ...(expiresAt === null ? [] : [`It ends at ${new Date(expiresAt).toISOString()}.`]),
    ...(perSecond === null ? [] : [`At most ${counted(perSecond, 'call')} a second.`]),
    ...(perDay === null ? [] : [`At most ${counted(perDay, 'call')} a day.`]),
  ].join(' ')
}
