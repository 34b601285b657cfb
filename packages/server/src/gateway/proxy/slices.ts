/** The parts of some bytes that are given out, in order. What stands side by side is one part. */
export class Slices {
  readonly #bytes: Buffer
  /** Pairs of positions. */
  readonly #pairs: number[] = []

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  keep(from: number, to: number): void {
    const pairs = this.#pairs
    if (pairs.length > 0 && pairs[pairs.length - 1] === from) pairs[pairs.length - 1] = to
    else pairs.push(from, to)
  }

  /** Of all that is kept. */
  get length(): number {
    let length = 0
    for (let index = 0; index < this.#pairs.length; index += 2) {
      length += (this.#pairs[index + 1] ?? 0) - (this.#pairs[index] ?? 0)
    }
    return length
  }

  /** @returns how to forget what is kept from now on */
  mark(): () => void {
    const { length } = this.#pairs
    const last = this.#pairs[length - 1]
    return () => {
      this.#pairs.length = length
      if (last !== undefined) this.#pairs[length - 1] = last
    }
  }

  /** Copied only if it is not one part. */
  gather(): Buffer {
    const pairs = this.#pairs
    if (pairs.length === 0) return Buffer.alloc(0)
    if (pairs.length === 2) return this.#bytes.subarray(pairs[0], pairs[1])
    const out = Buffer.allocUnsafe(this.length)
    let at = 0
    for (let index = 0; index < pairs.length; index += 2) {
      at += this.#bytes.copy(out, at, pairs[index], pairs[index + 1])
    }
    return out
  }
}
