/** So many pages in a row must have been taken before larger ones are asked for again. */
const growAfter = 4

/** How many records are asked for at once: fewer where a page was too large, and by and by as many as before. */
export class PageSize {
  readonly #most: number
  #now: number
  #taken = 0

  constructor(most: number) {
    this.#most = most
    this.#now = most
  }

  get now(): number {
    return this.#now
  }

  /** A page of this size was taken. */
  taken(): void {
    this.#taken += 1
    if (this.#taken < growAfter || this.#now === this.#most) return
    this.#now = Math.min(this.#most, this.#now * 2)
    this.#taken = 0
  }

  /** A page of this size was too large. @returns false for one record, which cannot be halved */
  halve(): boolean {
    this.#taken = 0
    if (this.#now === 1) return false
    this.#now = Math.floor(this.#now / 2)
    return true
  }
}
