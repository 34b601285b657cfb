export interface CatalogueEntry {
  /** Of HTTP. */
  readonly status: number
  /** The sentence shown when no better one is at hand. */
  readonly title: string
}
