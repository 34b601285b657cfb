/** Row numbers in the order of a key, oldest first; equal keys by row number. */
export class SortedRows {
  readonly #keys: readonly number[]
  readonly #rows: number[]

  /** `keys[row]` is the sort key of a row; the caller removes a row before it changes its key. */
  constructor(keys: readonly number[], rows: Iterable<number>) {
    this.#keys = keys
    this.#rows = Array.from(sortByKey(keys, rows))
  }

  get length(): number {
    return this.#rows.length
  }

  /** The row at a position, counted from the oldest. */
  at(position: number): number | undefined {
    return this.#rows[position]
  }

  /** The first position whose (key, row) is not before the given one. */
  positionOf(key: number, row = -1): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isBefore(middle, key, row)) low = middle + 1
      else high = middle
    }
    return low
  }

  insert(row: number): void {
    this.#rows.splice(this.positionOf(this.#keys[row] ?? 0, row), 0, row)
  }

  remove(row: number): void {
    const position = this.positionOf(this.#keys[row] ?? 0, row)
    if (this.#rows[position] === row) this.#rows.splice(position, 1)
  }

  #isBefore(position: number, key: number, row: number): boolean {
    const other = this.#rows[position] ?? 0
    const otherKey = this.#keys[other] ?? 0
    return otherKey < key || (otherKey === key && other < row)
  }
}

function sortByKey(keys: readonly number[], rows: Iterable<number>): Uint32Array {
  return Uint32Array.from(rows).sort((left, right) => (keys[left] ?? 0) - (keys[right] ?? 0) || left - right)
}
