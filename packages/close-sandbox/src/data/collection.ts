import type { JsonObject } from '../json.ts'

/** A small set of records in the order of their creation: statuses, custom fields, smart views, ... */
export class Collection {
  readonly #records = new Map<string, JsonObject>()

  get(id: string): JsonObject | undefined {
    return this.#records.get(id)
  }

  /** Adds the record, or puts it in place of the one with the same id. */
  put(id: string, record: JsonObject): void {
    this.#records.set(id, record)
  }

  remove(id: string): boolean {
    return this.#records.delete(id)
  }

  all(): JsonObject[] {
    return [...this.#records.values()]
  }
}
