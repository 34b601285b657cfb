import { BASE62, hash32, Random } from './random.ts'

/** Suffix lengths of Close ids: classic objects and newer ones. */
export const CLASSIC_LENGTH = 43
export const NEWER_LENGTH = 22

const DIGITS = 6
const VALUES = new Map([...BASE62].map((character, value) => [character, value]))

/**
 * Ids that look random and contain the number of their row, so that 100,000 seeded leads and their children need no id
 * in memory until somebody reads them.
 */
export class RowIds {
  readonly #seed: number
  readonly #length: number
  readonly #mask: number
  readonly #factor: number
  readonly #inverse: number

  constructor(seed: string, length: number = CLASSIC_LENGTH) {
    this.#seed = hash32(seed)
    this.#length = length
    this.#mask = hash32(seed, 'mask')
    this.#factor = (hash32(seed, 'factor') | 1) >>> 0
    this.#inverse = inverse32(this.#factor)
  }

  /** The id's part after the prefix, for that row. */
  suffixOf(row: number): string {
    let number = Math.imul((row ^ this.#mask) >>> 0, this.#factor) >>> 0
    let digits = ''
    for (let at = 0; at < DIGITS; at += 1) {
      digits += BASE62.charAt(number % 62)
      number = Math.floor(number / 62)
    }
    return digits + new Random(this.#seed, row).base62(this.#length - DIGITS)
  }

  /** The row in the suffix, or null when it was not made by this object. */
  rowOf(suffix: string): number | null {
    if (suffix.length !== this.#length) return null
    let number = 0
    for (let at = DIGITS - 1; at >= 0; at -= 1) {
      const value = VALUES.get(suffix.charAt(at))
      if (value === undefined) return null
      number = number * 62 + value
    }
    if (number > 0xffffffff) return null
    const row = (Math.imul(number, this.#inverse) ^ this.#mask) >>> 0
    return this.suffixOf(row) === suffix ? row : null
  }
}

/** An id for something that exists once: the same seed and name give the same id. */
export function fixedId(prefix: string, seed: string, name: string, length: number = CLASSIC_LENGTH): string {
  return `${prefix}_${new Random(seed, prefix, name).base62(length)}`
}

/** The inverse of an odd number modulo 2^32 (Newton's iteration doubles the right bits each time). */
function inverse32(odd: number): number {
  let inverse = odd
  for (let step = 0; step < 5; step += 1) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse))
  }
  return inverse >>> 0
}
