/** 62 characters, in the order used by every generated id, key and token. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A 32-bit hash of the parts: the same parts give the same number. */
export function hash32(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const part of parts) {
    if (typeof part === 'number') {
      hash = Math.imul(hash ^ part, 0x01000193)
      hash ^= hash >>> 15
    } else {
      for (let at = 0; at < part.length; at += 1) {
        hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193)
      }
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** A repeatable stream of numbers (mulberry32), for sample data and never for real secrets. */
export class Random {
  #state: number

  constructor(...seed: readonly (string | number)[]) {
    this.#state = hash32(...seed)
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number, both bounds included. */
  whole(lowest: number, highest: number): number {
    return lowest + Math.floor(this.next() * (highest - lowest + 1))
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of the choices. */
  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.next() * choices.length)] ?? choices[0]
  }

  /** One of the choices, undefined when there is none. */
  pickAny<T>(choices: ArrayLike<T>): T | undefined {
    return choices[Math.floor(this.next() * choices.length)]
  }

  /** That many base62 characters. One number gives five of them: 62^5 is below 2^32. */
  base62(length: number): string {
    let text = ''
    while (text.length < length) {
      let number = Math.floor(this.next() * 916_132_832)
      for (let at = 0; at < 5 && text.length < length; at += 1) {
        text += BASE62.charAt(number % 62)
        number = Math.floor(number / 62)
      }
    }
    return text
  }
}
