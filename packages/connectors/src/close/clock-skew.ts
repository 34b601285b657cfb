/**
 * How far Close's clock is behind ours, learned from the `Date` of its answers. Being ahead is of no interest: it only
 * matters that a record made after a moment of ours is never taken for one made before it.
 * @see RFC 9110 section 6.6.1
 */
export class ClockSkew {
  #behindMs = 0

  /** @param date an answer's `Date` header, which is cut to whole seconds */
  observe(date: string | null, nowMs: number): void {
    const atMs = date === null ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(atMs)) this.#behindMs = Math.max(this.#behindMs, nowMs - atMs)
  }

  get behindMs(): number {
    return this.#behindMs
  }
}
