/**
 * How far Close's clock is behind ours, learned from the `Date` of its answers. Being ahead is of no interest: it only
 * matters that a record made after a moment of ours is never taken for one made before it.
 * @see RFC 9110 section 6.6.1
 */
export class ClockSkew {
  #lagMs = 0

  /** @param date an answer's `Date` header, which is cut to whole seconds */
  observe(date: string | null, nowMs: number): void {
    const atMs = date === null ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(atMs)) this.#lagMs = Math.max(this.#lagMs, nowMs - atMs)
  }

  get lagMs(): number {
    return this.#lagMs
  }
}
