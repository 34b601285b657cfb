import { matchesPath } from '../path-pattern.ts'

/** The kinds of faults. */
export type FaultKind =
  /** Answers with `status` (default 500), `body` and `headers`. */
  | 'status'
  /** Answers 200 with a body that is not JSON. */
  | 'nonsense'
  /** Never answers; the connection stays open. */
  | 'hang'
  /** Closes the connection without an answer. */
  | 'drop'
  /** Answers properly, `delayMs` later. */
  | 'delay'
  /** Answers, and closes the connection in the middle of the body. */
  | 'cut'
  /** Answers without the members named by `members`. */
  | 'omit'
  /** Answers with the first record of the list twice. */
  | 'twice'

/** A fault for the next requests that match. */
export interface FaultOptions {
  /** `token`, `revoke`, `authorize`, `api` (everything below /api/v1), or a path with `*` for any part. */
  readonly target: string
  /** Only this method; default any. */
  readonly method?: string
  /** Only requests whose body holds this text; default any. */
  readonly containing?: string
  readonly kind: FaultKind
  /** `after`: the request takes effect, then its answer is lost or damaged. Default `before`. */
  readonly when?: 'before' | 'after'
  /** How many requests it hits; default 1. */
  readonly times?: number
  /** Matching requests to let pass first; default 0. */
  readonly skip?: number
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly delayMs?: number
  /** Of the answer, for `omit`: such as `data`, `cursor`, `has_more`. */
  readonly members?: readonly string[]
}

/** A fault that is waiting for requests. */
export interface Fault extends FaultOptions {
  readonly id: string
  left: number
  toSkip: number
}

const TARGETS: Readonly<Record<string, string>> = {
  token: '/oauth2/token/',
  revoke: '/oauth2/revoke/',
  authorize: '/oauth2/authorize/',
  api: '/api/v1/**',
}

/** The ordered faults, played in the order in which they were added. */
export class Faults {
  #faults: Fault[] = []
  #number = 0

  add(options: FaultOptions): Fault {
    this.#number += 1
    const fault: Fault = {
      ...options,
      id: `fault_${this.#number}`,
      left: options.times ?? 1,
      toSkip: options.skip ?? 0,
    }
    this.#faults.push(fault)
    return fault
  }

  /** The fault for this request, which is then counted as played; null for none. */
  take(method: string, path: string, body: string): Fault | null {
    for (const fault of this.#faults) {
      if (fault.left === 0 || !matchesTarget(fault, method, path)) continue
      if (fault.containing !== undefined && !body.includes(fault.containing)) continue
      if (fault.toSkip > 0) {
        fault.toSkip -= 1
        continue
      }
      fault.left -= 1
      return fault
    }
    return null
  }

  /** The faults that still wait for requests. */
  pending(): readonly Fault[] {
    return this.#faults.filter(({ left }) => left > 0)
  }

  clear(): void {
    this.#faults = []
  }
}

function matchesTarget(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false
  return matchesPath(TARGETS[fault.target] ?? fault.target, path)
}
