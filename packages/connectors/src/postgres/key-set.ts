import { hash } from 'node:crypto'

const firstSize = 1024

/**
 * Many keys in 8 bytes each: their hashes. Two keys of one hash are one in 10^13 among a million, and then a key that is
 * not there seems to be: a deleted record stays, never the reverse.
 */
export class KeySet {
  #hashes = new BigUint64Array(firstSize)
  #size = 0
  #isSorted = true

  add(key: string): void {
    if (this.#size === this.#hashes.length) {
      const larger = new BigUint64Array(this.#size * 2)
      larger.set(this.#hashes)
      this.#hashes = larger
    }
    this.#hashes[this.#size] = hashOf(key)
    this.#size += 1
    this.#isSorted = false
  }

  has(key: string): boolean {
    const hashes = this.#hashes.subarray(0, this.#size)
    if (!this.#isSorted) hashes.sort()
    this.#isSorted = true
    const wanted = hashOf(key)
    let [low, high] = [0, hashes.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((hashes[middle] ?? 0n) < wanted) low = middle + 1
      else high = middle
    }
    return hashes[low] === wanted
  }
}

function hashOf(key: string): bigint {
  return hash('sha1', key, 'buffer').readBigUInt64LE(0)
}
