import type { SearchRow } from './search.ts'
import { parseCloseTimestamp } from './timestamps.ts'

/** The dates by which a walk can be sorted. */
export type WalkDateField = 'date_updated' | 'date_created'

/** A row's date, cut to the millisecond: the finest that a search bound is known to compare. */
export function dateOf(row: SearchRow, field: WalkDateField): number | undefined {
  const text = row[field]
  return typeof text === 'string' ? parseCloseTimestamp(text) : undefined
}

/**
 * The delivered records that a walk could meet again: their ids and dates. The same id with another date is a newer
 * version of the record, which was not delivered yet.
 */
export class Delivered {
  readonly #field: WalkDateField
  readonly #dates = new Map<string, number | undefined>()

  constructor(field: WalkDateField) {
    this.#field = field
  }

  has(row: SearchRow): boolean {
    return this.#dates.has(row.id) && this.#dates.get(row.id) === dateOf(row, this.#field)
  }

  /** Those that were not delivered yet, each once; from now on they are. */
  takeNew(rows: readonly SearchRow[]): SearchRow[] {
    return rows.filter((row) => {
      if (this.has(row)) return false
      this.#dates.set(row.id, dateOf(row, this.#field))
      return true
    })
  }

  addAt(id: string, atMs: number): void {
    this.#dates.set(id, atMs)
  }

  /** Forgets what lies before a bound that will not be read again. */
  forgetBefore(boundMs: number): void {
    for (const [id, atMs] of this.#dates) if (atMs !== undefined && atMs < boundMs) this.#dates.delete(id)
  }

  /** All that it remembers. */
  ids(): string[] {
    return [...this.#dates.keys()]
  }

  idsAt(boundMs: number): string[] {
    return [...this.#dates].filter(([, atMs]) => atMs === boundMs).map(([id]) => id)
  }
}
