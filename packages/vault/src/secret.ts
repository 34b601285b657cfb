import { createHash, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

const mask = '[secret]'

/**
 * A string that does not leave by accident: printing, logging, serialising or joining it gives `[secret]`.
 * Only `reveal()` gives the plaintext, so that a search for that word finds every place that has it in hand.
 */
export class Secret {
  readonly #plaintext: string

  constructor(plaintext: string) {
    this.#plaintext = plaintext
  }

  reveal(): string {
    return this.#plaintext
  }

  /** Takes the same time wherever the two differ, and whatever their lengths. */
  equals(other: Secret): boolean {
    return timingSafeEqual(digest(this.#plaintext), digest(other.reveal()))
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [Symbol.toPrimitive](): string {
    return mask
  }

  [inspect.custom](): string {
    return mask
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
