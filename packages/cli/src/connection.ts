import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { text as readAll } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'
import { type FetchLike, isLoopbackHost, systemCode } from '@latchwork/contract'

/** Longer than the server waits for Close at most. */
const answerTimeoutMs = 120_000
const handshakeTimeoutMs = 15_000

/** The reason why no answer came; `code` is Node's or OpenSSL's. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: string

  constructor(cause: unknown) {
    super('no answer', { cause })
    this.code = systemCode(cause) ?? 'unknown'
  }

  /** The certificate comes from nobody who is trusted. */
  get untrusted(): boolean {
    return [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ].includes(this.code)
  }

  /** The certificate has another fault: it has expired, or it is for another machine. */
  get badCertificate(): boolean {
    return /^(CERT_|ERR_TLS_CERT_)/.test(this.code)
  }
}

export interface Outgoing {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * Sends a request over https. If `certificate` is given, only that is trusted. Resolves when the head of the answer is
 * there. Node's own `fetch` takes no certificate.
 * @param timeoutMs how long a silence may last
 * @throws {ConnectionError}
 */
export async function send(
  url: string,
  { method, headers, body }: Outgoing,
  certificate: string | null,
  signal: AbortSignal,
  timeoutMs = answerTimeoutMs,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method,
    headers: { ...headers, 'user-agent': 'latchwork' },
    timeout: timeoutMs,
    signal,
    ...direct(new URL(url).hostname),
    // Partial, since the certificate that a person compared is trusted whoever issued it.
    ...(certificate === null ? {} : { ca: certificate, allowPartialTrustChain: true }),
  }
  try {
    return await new Promise((resolve, reject) => {
      const sent = request(url, options, resolve)
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
      sent.on('error', reject)
      sent.end(body)
    })
  } catch (error) {
    throw new ConnectionError(error)
  }
}

/**
 * `send` in the form of `fetch`, for the API client.
 * @param onFailure called with the reason if no answer came
 */
export function createFetch(
  certificate: string | null,
  signal: AbortSignal,
  onFailure: (failure: ConnectionError) => void,
): FetchLike {
  return async (url, outgoing) => {
    try {
      const response = await send(url, outgoing, certificate, signal)
      response.setEncoding('utf8')
      return { status: response.statusCode ?? 0, text: () => readAll(response) }
    } catch (error) {
      if (error instanceof ConnectionError) onFailure(error)
      throw error
    }
  }
}

/** This machine is never behind a proxy. Anything else goes by Node's own agent, which knows the outbound one. */
function direct(host: string): Pick<RequestOptions, 'agent'> {
  return isLoopbackHost(host) ? { agent: false } : {}
}

/** A certificate and the fingerprint by which people compare it. */
export interface SeenCertificate {
  readonly pem: string
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string
}

export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256
}

/**
 * The certificate that the server at `url` shows, for a person to compare. Nothing is sent to the server.
 * @throws {ConnectionError}
 */
export async function seeCertificate(url: string): Promise<SeenCertificate> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const raw = await new Promise<Buffer>((resolve, reject) => {
    const asking = request({
      host,
      port: port === '' ? 443 : Number(port),
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      timeout: handshakeTimeoutMs,
      rejectUnauthorized: false, // only read here, not trusted
      ...direct(hostname),
    })
    asking.on('timeout', () => asking.destroy(new Error('no answer in time')))
    asking.on('error', reject)
    asking.on('socket', (socket) => {
      const look = () => {
        if (socket instanceof TLSSocket) resolve(socket.getPeerCertificate().raw)
        asking.destroy()
      }
      // Through a proxy it comes when it is secure already.
      if (socket instanceof TLSSocket && socket.getProtocol() !== null && !socket.connecting) look()
      else socket.on('secureConnect', look)
    })
  }).catch((error: unknown) => {
    throw new ConnectionError(error)
  })
  const certificate = new X509Certificate(raw)
  return { pem: certificate.toString(), fingerprint: certificate.fingerprint256 }
}
