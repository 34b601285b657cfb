import type { Table } from './table.ts'

const REMEMBERED = 40

/**
 * Results per table that hold until the table changes. Sorting 100,000 rows by name for every page would take seconds;
 * with this it happens once for each change.
 */
export class TableMemo<T> {
  readonly #results = new WeakMap<Table, { version: number; readonly byKey: Map<string, T> }>()

  get(table: Table, key: string, compute: () => T): T {
    let results = this.#results.get(table)
    if (!results || results.version !== table.version || results.byKey.size >= REMEMBERED) {
      results = { version: table.version, byKey: new Map() }
      this.#results.set(table, results)
    }
    const known = results.byKey.get(key)
    if (known !== undefined) return known
    const value = compute()
    results.byKey.set(key, value)
    return value
  }
}
