import type { JsonObject } from '../json.ts'

/** A small set of records in the order of their creation: statuses, custom fields, smart views, ... */
export class Collection {
  readonly #records = new Map<string, JsonObject>()
  #numbers = 0

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

  /** Counts what is added, so that each new record gets an id of its own. */
  nextNumber(): number {
    this.#numbers += 1
    return this.#numbers
  }
}
