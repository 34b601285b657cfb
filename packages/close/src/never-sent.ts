/** Failures of `fetch` that happen before the first byte of a request leaves. Any other may have come after it. */
const codes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/**
 * What stands for the code of a `fetch` that a proxy refused: `PROXY_407`; null for any other failure. Node tells it by a
 * message alone, under a code that it also uses for requests on their way.
 */
export function proxyRefusal(error: object): string | null {
  if (!('message' in error) || typeof error.message !== 'string') return null
  const [, status] = /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling/.exec(error.message) ?? []
  return status === undefined ? null : `PROXY_${status}`
}

/** The status by which a proxy refused, of a text that has such a code. */
export function refusingStatus(text: string): string | null {
  return /\bPROXY_(\d{3})\b/.exec(text)?.[1] ?? null
}

/** Whether the code of a failed `fetch` says that nothing was sent. */
export function wasNeverSent(code: string): boolean {
  return codes.has(code) || /^PROXY_\d{3}$/.test(code)
}
