import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { Readable, Writable } from 'node:stream'
import type { Inbound, Outbound } from '../proxy/sides.ts'

/** A call that is made here, as a client of HTTP would write it. */
export interface Asked {
  readonly method: string
  /** Begins with `/api/v1`; with its query. */
  readonly url: string
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown
}

/** Of an answer that is held. */
const mostBytes = 8 * 1024 * 1024

export class HeldRequest extends Readable implements Inbound {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly complete = true
  readonly bytes: Buffer

  /** @param prefix of the gateway, without a slash at its end */
  constructor({ method, url, body }: Asked, prefix: string) {
    super()
    this.method = method
    this.url = prefix + url
    this.bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
    const length = String(this.bytes.length)
    this.headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': length }
    this.rawHeaders = Object.entries({ accept: 'application/json', ...this.headers }).flatMap(
      ([name, value]) => [name, String(value)],
    )
  }

  override _read(): void {
    if (this.bytes.length > 0) this.push(this.bytes)
    this.push(null)
  }
}

/** What came of a call. */
export interface HeldAnswer {
  readonly status: number
  /** In small letters; of several with one name the last one. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** `broken`: it stopped before its end. */
  readonly extent: 'whole' | 'broken' | 'too_large'
}

export class HeldResponse extends Writable implements Outbound {
  readonly socket = null
  headersSent = false
  #status = 0
  #headers: Record<string, string> = {}
  #parts: Buffer[] = []
  #bytes = 0
  #isTooLarge = false

  writeHead(status: number, headers: OutgoingHttpHeaders | OutgoingHttpHeader[]): void {
    this.headersSent = true
    this.#status = status
    const pairs = Array.isArray(headers)
      ? headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []))
      : Object.entries(headers)
    this.#headers = Object.fromEntries(
      pairs.map(([name, value]) => [String(name).toLowerCase(), String(value)]),
    )
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#bytes += chunk.length
    if (this.#bytes > mostBytes) {
      this.#isTooLarge = true
      this.#parts = []
      this.destroy()
    } else this.#parts.push(chunk)
    done()
  }

  /** What there is after its end. */
  async held(): Promise<HeldAnswer> {
    if (!this.closed) await new Promise((resolve) => this.once('close', resolve))
    const extent = this.#isTooLarge ? 'too_large' : this.writableFinished ? 'whole' : 'broken'
    return { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#parts), extent }
  }
}
