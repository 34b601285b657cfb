import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LatchworkError } from '@latchwork/contract'
import type { Logger } from '../../logging/logger.ts'
import { clientAddress } from '../../settings/addresses.ts'
import type { Inbound, Outbound } from '../proxy/sides.ts'
import { readTarget, type Target, withParams } from '../proxy/target.ts'
import { linger } from '../proxy/upload.ts'
import type { Allowed, Denial } from '../rules/policy.ts'
import type { PassRow } from '../store/passes.ts'
import type { Admission, Admitted } from './admission.ts'
import type { Call, CallLog } from './call-log.ts'
import type { Guessing } from './guessing.ts'
import { type Asked, type HeldAnswer, HeldRequest, HeldResponse } from './held-call.ts'
import { LeadGate } from './lead-gate.ts'
import type { LeadViews } from './lead-views.ts'
import { readJsonBody } from './reading.ts'
import { apiPath, namesIn, shownPath } from './recorded.ts'
import { sendRefusal } from './refusal.ts'
import type { Sender } from './sending.ts'
import type { Left, PassShares } from './share.ts'
import { longAgoMs, requireStill } from './still.ts'
import { passToken } from './token.ts'

/** Below it Close's own addresses stand. */
export const gatewayPrefix = '/close/'

export interface GatewayParts {
  readonly admission: Admission
  readonly shares: PassShares
  readonly calls: CallLog
  readonly guessing: Guessing
  readonly sender: Sender
  readonly views: LeadViews
  /** Who is refused may go on with an upload for this long. */
  readonly lingerMs: number
  /** Whether a peer's `X-Forwarded-For` is believed. */
  readonly isTrusted: (address: string) => boolean
  readonly clock: { now(): number }
  readonly log: Pick<Logger, 'error'>
}

/** Who calls. */
export interface Caller {
  readonly address: string
  /** Left out: by Close's own API. */
  readonly via?: 'mcp'
  /** A person has confirmed the write. */
  readonly isConfirmed?: true
  /** Holds a write that a person has to confirm. Left out: it is refused. @throws {LatchworkError} */
  readonly hold?: (pass: PassRow) => Promise<void>
  /** Gives the pass, asked at the moment of use. @throws {LatchworkError} */
  admit(): Promise<Admitted>
}

/** What is known of a call so far. */
interface Known {
  pass: PassRow | null
  target: Target | null
  sent: boolean
  status: number | null
  bytesIn: number
  bytesOut: number
  code: string | null
  rule: string | null
}

/** Passes requests on to Close for those who hold a pass, as far as the pass allows. */
export class Gateway {
  readonly #parts: GatewayParts

  constructor(parts: GatewayParts) {
    this.#parts = parts
  }

  /** Answers a request below `gatewayPrefix`. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const address = clientAddress(request, this.#parts.isTrusted)
    const caller = { address, admit: () => this.admit(request.headers.authorization, address) }
    this.#serve(request, response, caller).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'a call of the gateway failed')
      response.destroy()
    })
  }

  /**
   * Makes a call that no request of HTTP stands for, by the same rules. An error is an answer here, too.
   * @param signal aborted when nobody waits for the answer any more
   */
  async ask(caller: Caller, asked: Asked, signal: AbortSignal): Promise<HeldAnswer> {
    const response = new HeldResponse()
    const leave = () => response.destroy()
    signal.addEventListener('abort', leave)
    try {
      await this.#serve(new HeldRequest(asked, gatewayPrefix.slice(0, -1)), response, caller)
      return await response.held()
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /**
   * The pass that a request brings, if it may be used now.
   * @throws {LatchworkError} `pass_needed`, `too_many_requests`; as `Admission.admit`
   */
  async admit(authorization: string | undefined, address: string): Promise<Admitted> {
    const { admission, guessing } = this.#parts
    const token = passToken(authorization)
    if (token === null) throw new LatchworkError('pass_needed')
    guessing.require(address)
    try {
      return await admission.admit(token)
    } catch (error) {
      if (error instanceof LatchworkError && error.code === 'pass_unknown') guessing.note(address)
      throw error
    }
  }

  async #serve(request: Inbound, response: Outbound, caller: Caller): Promise<void> {
    const { clock, log } = this.#parts
    const beganMs = clock.now()
    const known: Known = {
      ...{ pass: null, target: null, sent: false, status: null },
      ...{ bytesIn: 0, bytesOut: 0, code: null, rule: null },
    }
    try {
      await this.#pass(request, response, caller, known)
    } catch (thrown) {
      const requestId = randomUUID()
      const error = sendRefusal(response, thrown, requestId)
      if (error.status >= 500 && error !== thrown) log.error({ err: error.cause, requestId }, 'gateway')
      known.status = error.status
      known.code = error.code
      if (error.code === 'lead_unseen') {
        known.sent = false
        known.rule = 'a lead outside of the smart view'
      }
      linger(request, this.#parts.lingerMs)
    }
    if (known.pass !== null) this.#record(known.pass, known, request, caller, beganMs)
  }

  async #pass(request: Inbound, response: Outbound, caller: Caller, known: Known): Promise<void> {
    const { clock } = this.#parts
    const admitted = await caller.admit()
    const admittedMs = clock.now()
    known.pass = admitted.pass
    const read = readTarget(
      request.method ?? '',
      (request.url ?? '').slice(gatewayPrefix.length - 1),
      request.rawHeaders,
    )
    known.target = read
    if (!admitted.takes(caller.address)) throw new LatchworkError('pass_address')
    const target = read.paramsInBody ? withParams(read, (await readJsonBody(request))?.json) : read
    known.target = target
    const allowed = this.#decide(admitted, target, known)
    const gate =
      allowed.leads === null
        ? null
        : new LeadGate(this.#parts.views, admitted, allowed.leads, leftSignal(response))
    const body = allowed.looksAtBody
      ? await this.#bodyOf(request, admitted, allowed, gate, known)
      : (request.bytes ?? 'stream')
    await gate?.require()
    if (allowed.changes && admitted.pass.confirmWrites && caller.isConfirmed !== true) {
      await this.#hold(admitted.pass, caller, known)
      response.writeHead(202, { 'content-length': '0' })
      response.end()
      return
    }
    const share = await this.#parts.shares.take(admitted.pass)
    const { error, ...result } = await this.#parts.sender.send(admitted, {
      ...{ request, response, body, filter: allowed.cut },
      target: gate?.targetOf(target) ?? target,
      seeing: gate?.seeing ?? null,
      extraHeaders: share === null ? {} : shareHeaders(share),
      begins: async () => {
        if (clock.now() - admittedMs > longAgoMs) await requireStill(admitted, caller)
        known.sent = true
      },
    })
    known.status = result.status
    known.bytesIn = result.bytesIn
    known.bytesOut = result.bytesOut
    if (error !== null) throw error
    if (result.outcome !== 'answered') known.code = result.outcome
  }

  #decide({ policy }: Admitted, { method, path, query }: Target, known: Known): Allowed {
    const inApi = path.startsWith(`${apiPath}/`)
    const verdict = policy.decide(method, inApi ? path.slice(apiPath.length) : '', new URLSearchParams(query))
    if (verdict.denial === null) return verdict
    throw this.#denied(verdict.denial, known)
  }

  /** @returns what is sent: the same JSON, written again */
  async #bodyOf(
    request: Inbound,
    { policy }: Admitted,
    { operation, leads }: Allowed,
    gate: LeadGate | null,
    known: Known,
  ): Promise<Buffer> {
    const read = await readJsonBody(request)
    const denial = policy.bodyDenial(operation, read?.json)
    if (denial !== null) throw this.#denied(denial, known)
    if (gate !== null && leads?.body === 'search') {
      return Buffer.from(JSON.stringify(await gate.searchOf(read?.json as object))) // the rules allowed it
    }
    if (gate !== null && leads?.body === 'names') {
      const named = policy.namedIn(operation, read?.json)
      if ('code' in named) throw this.#denied(named, known)
      await gate.require(named)
    }
    return read?.bytes ?? Buffer.alloc(0)
  }

  #denied({ code, rule, message }: Denial, known: Known): LatchworkError {
    known.rule = rule
    return new LatchworkError(code, { message })
  }

  /** @throws {LatchworkError} `confirmation_needed`, `confirmations_full` */
  async #hold(pass: PassRow, { hold }: Caller, known: Known): Promise<void> {
    if (hold === undefined) {
      known.rule = 'a person confirms each write'
      throw new LatchworkError('confirmation_needed')
    }
    await hold(pass)
    // It is recorded when it is sent.
    known.pass = null
  }

  #record(pass: PassRow, known: Known, { method }: Inbound, { address, via }: Caller, beganMs: number): void {
    const { target, sent, status, bytesIn, bytesOut, code, rule } = known
    const call: Call = {
      at: beganMs,
      method: target?.method ?? (method ?? '').slice(0, 20),
      path: target === null ? '' : shownPath(target.path),
      query: target === null ? [] : namesIn(target.query),
      ...{ status, bytesIn, bytesOut, code, rule, address },
      via: via ?? null,
      ms: Math.max(0, Math.round(this.#parts.clock.now() - beganMs)),
      decision: sent ? 'allowed' : 'denied',
    }
    this.#parts.calls.note(pass, call)
  }
}

/** Aborted when the client leaves. */
function leftSignal(response: Outbound): AbortSignal {
  const left = new AbortController()
  const leave = () => left.abort(new LatchworkError('malformed_request'))
  if (response.destroyed) leave()
  else response.once('close', leave)
  return left.signal
}

/** @see https://developer.close.com/api/overview/rate-limits for the form */
function shareHeaders({ limit, remaining, resetSeconds }: Left): Record<string, string> {
  return { ratelimit: `limit=${limit}, remaining=${remaining}, reset=${resetSeconds.toFixed(3)}` }
}
