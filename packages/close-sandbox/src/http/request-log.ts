/** A handler's notes about its request. Never a secret. */
export interface LogNotes {
  apiKeyId: string | null
  userId: string | null
  organizationId: string | null
  clientId: string | null
  grantId: string | null
  grantType: string | null
  /** The start of a token's SHA-256. It distinguishes tokens and gives no access. */
  tokenFingerprint: string | null
  /** The kind of fault that was played on the request. */
  fault: string | null
  /** For how long the answer told to wait, in milliseconds; null where it did not. */
  askedToWaitMs: number | null
}

/** One request that the sandbox received. */
export interface LoggedRequest extends LogNotes {
  readonly number: number
  /** By the sandbox's clock, ISO 8601. */
  readonly time: string
  readonly method: string
  readonly path: string
  /** The query string as it came. */
  readonly query: string
  /** Null while it is being served, and when it was never answered. */
  status: number | null
  outcome: 'open' | 'answered' | 'dropped' | 'hanging' | 'abandoned'
}

const MAX_ENTRIES = 200_000

/** The requests received, oldest first; the control API's own are not in it. */
export class RequestLog {
  #requests: LoggedRequest[] = []
  #number = 0

  begin(method: string, path: string, query: string, nowMs: number): LoggedRequest {
    this.#number += 1
    const entry: LoggedRequest = {
      number: this.#number,
      time: new Date(nowMs).toISOString(),
      method,
      path,
      query,
      status: null,
      outcome: 'open',
      apiKeyId: null,
      userId: null,
      organizationId: null,
      clientId: null,
      grantId: null,
      grantType: null,
      tokenFingerprint: null,
      fault: null,
      askedToWaitMs: null,
    }
    this.#requests.push(entry)
    if (this.#requests.length > MAX_ENTRIES) this.#requests = this.#requests.slice(-MAX_ENTRIES / 2)
    return entry
  }

  all(): readonly LoggedRequest[] {
    return this.#requests
  }

  clear(): void {
    this.#requests = []
  }
}
