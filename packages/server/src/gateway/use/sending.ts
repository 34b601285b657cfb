import type { Budget } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import { type Forwarded, forward } from '../proxy/forward.ts'
import type { Cut } from '../proxy/record-cut.ts'
import type { Inbound, Outbound } from '../proxy/sides.ts'
import type { Seeing } from '../proxy/sieve.ts'
import type { Target } from '../proxy/target.ts'
import type { Upstream } from '../proxy/upstream.ts'
import type { Admitted } from './admission.ts'
import { type Asked, type HeldAnswer, HeldRequest, HeldResponse } from './held-call.ts'
import { type CallPermit, permitFor } from './permit.ts'
import { apiPath } from './recorded.ts'

export interface SenderParts {
  /** What Close allows an organization, shared with all that acts for it. */
  readonly budgetOf: (organization: string) => Budget
  /** The Close API. Nothing is sent anywhere else. */
  readonly upstream: Upstream
  /** Stands before the paths of Close in the addresses of the gateway. */
  readonly prefix: string
}

export interface Sending {
  readonly request: Inbound
  readonly response: Outbound
  readonly target: Target
  /** `stream`: as the client sends it. */
  readonly body: Buffer | 'stream'
  readonly filter: Cut | null
  readonly seeing: Seeing | null
  readonly extraHeaders: Readonly<Record<string, string>>
  /** Called when its turn has come. It is not sent if this throws. */
  begins?(): Promise<void>
}

/** Sends requests on to Close in their turn, with the credential of a pass. */
export class Sender {
  readonly #parts: SenderParts

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /**
   * Sends a request, and the answer back.
   * @throws {LatchworkError} `upstream_limit`, and as `begins` and `Admitted.authorize`
   */
  async send(admitted: Admitted, { begins, seeing, ...sending }: Sending): Promise<Forwarded> {
    const { upstream, prefix } = this.#parts
    const permit = await this.#permit(admitted, sending.target, sending.response)
    await begins?.().catch((error: unknown) => {
      permit.release()
      throw error
    })
    return forward({
      ...{ ...sending, upstream, prefix },
      authorize: admitted.authorize,
      rejected: admitted.rejected,
      observe: permit.observe,
      seeing: seeing && {
        member: seeing.member,
        seen: (leads) => {
          // Its answer has begun: what is asked now need not wait for its end.
          permit.release()
          return seeing.seen(leads)
        },
      },
    }).finally(permit.release)
  }

  /**
   * Asks Close something of our own, which is neither recorded nor taken of the pass's share.
   * @param asked below `/api/v1`
   * @throws {LatchworkError} as `send`, and what came between
   */
  async ask(admitted: Admitted, { method, url, body }: Asked, signal: AbortSignal): Promise<HeldAnswer> {
    const request = new HeldRequest({ method, url, body }, '')
    const response = new HeldResponse()
    const leave = () => response.destroy()
    signal.addEventListener('abort', leave)
    try {
      if (signal.aborted) throw new LatchworkError('malformed_request')
      const [path = '', query = ''] = url.split('?')
      const target = { method, path: apiPath + path, query, hasBody: body !== undefined, paramsInBody: false }
      const whole = { filter: null, seeing: null, extraHeaders: {} }
      const { error } = await this.send(admitted, {
        request,
        response,
        target,
        body: request.bytes,
        ...whole,
      })
      if (error !== null) throw error
      return await response.held()
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  async #permit(
    { pass, credential, bucket }: Admitted,
    { method, path }: Target,
    response: Outbound,
  ): Promise<CallPermit> {
    const organization = credential.identity?.organizationId ?? credential.id
    const left = new AbortController()
    const leave = () => left.abort(new LatchworkError('malformed_request'))
    response.once('close', leave)
    try {
      const asked = { method, path: path.slice(apiPath.length), key: await bucket(), passId: pass.id }
      return await permitFor(this.#parts.budgetOf(organization), { ...asked, signal: left.signal })
    } finally {
      response.off('close', leave)
    }
  }
}
