export interface CatalogueEntry {
  /** Of HTTP. */
  readonly status: number
  /** The sentence shown when no better one is at hand. */
  readonly title: string
  /** It passes by itself: what met it may wait and go on. Left out: it will not pass without somebody doing something. */
  readonly away?: true
}
