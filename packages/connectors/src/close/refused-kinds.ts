import { type CloseError, isCloseError } from '@latchwork/close'
import type { WriteNotice } from '../interface.ts'

/** Kinds of record that Close refuses to this credential, by its user's role or the organization's plan. */
export class RefusedKinds {
  readonly #kinds: readonly string[]
  readonly #errors = new Map<string, CloseError>()
  readonly #untold: WriteNotice[] = []

  /** @param kinds all that are to be read */
  constructor(kinds: readonly string[]) {
    this.#kinds = kinds
  }

  /** @throws the refusal if no kind is left */
  has(kind: string): boolean {
    const error = this.#errors.get(kind)
    if (error !== undefined && this.#errors.size === this.#kinds.length) throw error
    return error !== undefined
  }

  /** Goes on without a kind. @throws the error if it is no such refusal, or if no kind is left */
  passOver(kind: string, error: unknown): void {
    if (!isCloseError(error) || (error.code !== 'forbidden' && error.code !== 'plan_limit')) throw error
    if (!this.#errors.has(kind)) {
      const message = `${kind} was not read: ${error.message}`
      this.#untold.push({ code: 'kind_refused', column: kind, count: 1, message })
    }
    this.#errors.set(kind, error)
    if (this.#errors.size === this.#kinds.length) throw error
  }

  /** What was not told yet. */
  takeNotices(): WriteNotice[] {
    return this.#untold.splice(0)
  }
}
