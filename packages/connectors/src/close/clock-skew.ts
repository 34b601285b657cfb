/**
 * How far Close's clock is behind ours, learned from the `Date` of its answers. What counts is the most that it was: it
 * only matters that a record made after a moment of ours is never taken for one made before it.
 * @see RFC 9110 section 6.6.1
 */
export class ClockSkew {
  #mostMs = Number.NEGATIVE_INFINITY

  /** @param date an answer's `Date` header, which is cut to whole seconds */
  observe(date: string | null, nowMs: number): void {
    const atMs = date === null ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(atMs)) this.#mostMs = Math.max(this.#mostMs, nowMs - atMs)
  }

  /** Where it is ahead: 0. */
  get lagMs(): number {
    return Math.max(0, this.#mostMs)
  }

  /** Close's time at a moment of ours, or a little before it; ours as long as Close has not told. */
  closeMs(nowMs: number): number {
    return Number.isFinite(this.#mostMs) ? nowMs - this.#mostMs : nowMs
  }
}
