import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'

/** A request as the gateway takes it: one of HTTP, or one that was made here. */
export interface Inbound extends Readable {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  /** Whether all of it has come. */
  readonly complete: boolean
  /** Its body, where it is there as a whole, so that it can be sent twice. */
  readonly bytes?: Buffer
}

/** Where its answer goes. */
export interface Outbound extends Writable {
  readonly headersSent: boolean
  readonly socket: Socket | null
  writeHead(status: number, headers: OutgoingHttpHeaders | OutgoingHttpHeader[]): unknown
}
