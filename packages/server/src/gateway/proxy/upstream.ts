import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** How long things may take, and how large they may be. */
export interface ForwardLimits {
  readonly connectMs: number
  /** From the end of a request to the beginning of its answer. */
  readonly headersMs: number
  /** Without a byte, from the client or from Close, or without the client taking one. */
  readonly idleMs: number
  /** A client that is answered before its upload ends may go on with it for this long. */
  readonly lingerMs: number
  /** Of an answer. */
  readonly headerBytes: number
  /** Of a request. */
  readonly bodyBytes: number
  readonly atOnce: number
}

const forwardLimits: ForwardLimits = {
  connectMs: 10_000,
  headersMs: 60_000,
  idleMs: 30_000,
  lingerMs: 2_000,
  headerBytes: 32 * 1024,
  bodyBytes: 100 * 1024 * 1024,
  atOnce: 1_000,
}

/** The only place that requests go to. */
export interface Upstream {
  readonly origin: URL
  readonly limits: ForwardLimits
  readonly dispatcher: Dispatcher
  /** How many requests are under way. */
  active: number
  /** Ends all that is under way. */
  close(): Promise<void>
}

/**
 * @param origin of the Close API
 * @param env names the proxies on the way out, as for all other requests
 */
export function openUpstream(
  origin: URL,
  env: NodeJS.ProcessEnv,
  changes: Partial<ForwardLimits> = {},
): Upstream {
  const limits = { ...forwardLimits, ...changes }
  // Certificates are checked whatever the environment says.
  const tls = { rejectUnauthorized: true }
  const options = {
    connect: { ...tls, timeout: limits.connectMs },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: limits.headerBytes,
    connections: limits.atOnce,
    pipelining: 1,
    allowH2: false,
  }
  const httpsProxy = env['https_proxy'] || env['HTTPS_PROXY'] || undefined
  const httpProxy = env['http_proxy'] || env['HTTP_PROXY'] || undefined
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? ''
  const isDirect = (httpsProxy ?? httpProxy) === undefined
  const dispatcher = isDirect
    ? new Pool(origin.origin, options)
    : new EnvHttpProxyAgent({
        ...options,
        ...(httpsProxy === undefined ? {} : { httpsProxy }),
        ...(httpProxy === undefined ? {} : { httpProxy }),
        ...{ noProxy, requestTls: tls, proxyTls: tls },
      })
  return {
    origin: new URL(origin.origin),
    limits,
    dispatcher,
    active: 0,
    close: () => dispatcher.destroy(),
  }
}
