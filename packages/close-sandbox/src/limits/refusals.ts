import { matchesPath } from '../path-pattern.ts'

/** A standing refusal: the plan or the role of an organization does not cover a part of the API. */
export interface Refusal {
  /** Path pattern: `*` for one part, `**` for any number of them; for example `/api/v1/playbook/**`. */
  readonly path: string
  /** Default any. */
  readonly method?: string
  /** 402: the plan's limit is reached. 403: not allowed. */
  readonly status: 402 | 403
  /** The text of the answer. */
  readonly error?: string
  /** Default: every organization. */
  readonly organizationId?: string
}

/** What the API refuses until it is told otherwise. */
export class Refusals {
  #refusals: Refusal[] = []

  add(refusal: Refusal): void {
    this.#refusals.push(refusal)
  }

  clear(): void {
    this.#refusals = []
  }

  /** The refusal of a request of that organization. */
  of(method: string, path: string, organizationId: string): Refusal | undefined {
    return this.#refusals.find(
      (refusal) =>
        (refusal.method === undefined || refusal.method.toUpperCase() === method) &&
        (refusal.organizationId === undefined || refusal.organizationId === organizationId) &&
        matchesPath(refusal.path, path),
    )
  }
}
