/** What members have under way of a kind that is shared among them, over all processes. */
export interface ShareStore {
  /**
   * Takes a place. Of several that ask at once only as many get one as there are.
   * @param limits most at once, and most begun within a minute
   * @param ttlMs a place that was not given back (its process died) is free again after this
   * @returns which limit is reached, or null: the place is taken
   */
  take(
    place: { readonly id: string; readonly memberId: string; readonly kind: string },
    limits: { readonly atOnce: number; readonly perMinute: number },
    ttlMs: number,
  ): Promise<'atOnce' | 'perMinute' | null>
  giveBack(id: string): Promise<void>
  /** Forgets what has ended and was begun more than a minute ago. */
  sweep(): Promise<void>
}
