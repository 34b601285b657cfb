import { parseMoment } from '../clock.ts'
import { type JsonObject, textOf } from '../json.ts'
import type { RowIds } from '../record-ids.ts'
import { SortedRows } from './sorted-rows.ts'

/** Seeded rows: only numbers, from which a record is made when somebody reads it. */
export interface SeededRows {
  readonly count: number
  /** Milliseconds per row for each date field by which rows can be sorted. The table owns the arrays. */
  readonly dates: Readonly<Record<string, number[]>>
  /** For children of leads: the lead's row per row, and the first row per lead (one more than leads). */
  readonly children: { readonly owner: Uint32Array; readonly first: Uint32Array } | null
  prefixOf(row: number): string
  /** The record's `_type`, or the table's name. */
  kindOf(row: number): string
  /** The whole record. Called again and again: it must give the same record every time. */
  record(row: number): JsonObject
}

const CACHED_RECORDS = 150_000

/**
 * The records of one type in one organization. A row is a number; rows below `seeded.count` are made on demand; changed
 * and inserted records are stored. Indexes by date and by lead follow every change.
 */
export class Table {
  readonly name: string
  readonly #ids: RowIds
  readonly #seeded: SeededRows
  readonly #leadRowOf: (leadId: string) => number | null
  readonly #stored = new Map<number, JsonObject>()
  readonly #dead = new Set<number>()
  readonly #insertedById = new Map<string, number>()
  /** Rows under a lead other than the one they were seeded under. */
  readonly #adopted = new Map<string, Set<number>>()
  readonly #sorted = new Map<string, SortedRows>()
  readonly #cache = new Map<number, JsonObject>()
  /** Rows that a search does not find before a moment, in milliseconds. */
  readonly #unsearchable = new Map<number, number>()
  #rows: number
  #issuedIds: number
  #version = 0

  constructor(
    name: string,
    ids: RowIds,
    seeded: SeededRows,
    leadRowOf: (leadId: string) => number | null = () => null,
  ) {
    this.name = name
    this.#ids = ids
    this.#seeded = seeded
    this.#leadRowOf = leadRowOf
    this.#rows = seeded.count
    this.#issuedIds = seeded.count
  }

  /** How many records there are now. */
  get count(): number {
    return this.#rows - this.#dead.size
  }

  /** Every change increases it. A result for a version holds as long as the version stays. */
  get version(): number {
    return this.#version
  }

  /** The date fields that have an index. */
  get dateFields(): readonly string[] {
    return Object.keys(this.#seeded.dates)
  }

  /** An unused id. */
  nextId(prefix: string): string {
    const id = `${prefix}_${this.#ids.suffixOf(this.#issuedIds)}`
    this.#issuedIds += 1
    return id
  }

  /** The row of a record that exists now. */
  rowOf(id: string): number | undefined {
    const row = this.#insertedById.get(id) ?? this.seededRowOf(id) ?? undefined
    return row === undefined || this.#dead.has(row) ? undefined : row
  }

  /** Whether the row's record exists now. */
  exists(row: number): boolean {
    return row < this.#rows && !this.#dead.has(row)
  }

  /** The seeded row with that id, whether or not it still exists. */
  seededRowOf(id: string): number | null {
    const line = id.indexOf('_')
    const row = this.#ids.rowOf(id.slice(line + 1))
    if (row === null || row >= this.#seeded.count) return null
    return this.#seeded.prefixOf(row) === id.slice(0, line) ? row : null
  }

  get(id: string): JsonObject | undefined {
    const row = this.rowOf(id)
    return row === undefined ? undefined : this.record(row)
  }

  record(row: number): JsonObject {
    const known = this.#stored.get(row) ?? this.#cache.get(row)
    if (known) return known
    const record = this.#seeded.record(row)
    if (this.#cache.size >= CACHED_RECORDS) this.#cache.clear()
    this.#cache.set(row, record)
    return record
  }

  /** The `_type` of a row, without making its record. */
  kindOf(row: number): string {
    const stored = this.#stored.get(row)
    if (stored) return textOf(stored, '_type') ?? this.name
    return this.#seeded.kindOf(row)
  }

  /** @throws Error when the record has no id, or one that is taken. */
  insert(record: JsonObject): number {
    const id = textOf(record, 'id')
    if (id === null) throw new Error(`A ${this.name} needs an id.`)
    if (this.rowOf(id) !== undefined) throw new Error(`The ${this.name} ${id} exists already.`)
    const row = this.#rows
    this.#rows += 1
    this.#insertedById.set(id, row)
    this.#keep(row, record)
    return row
  }

  replace(row: number, record: JsonObject): void {
    const oldLead = textOf(this.record(row), 'lead_id')
    if (oldLead !== null) this.#adopted.get(oldLead)?.delete(row)
    for (const index of this.#sorted.values()) index.remove(row)
    this.#keep(row, record)
  }

  remove(row: number): void {
    for (const index of this.#sorted.values()) index.remove(row)
    this.#dead.add(row)
    this.#version += 1
  }

  /** Keeps a row out of searches until that moment, as an index that is behind does. */
  keepFromSearch(row: number, untilMs: number): void {
    this.#unsearchable.set(row, untilMs)
    this.#version += 1
  }

  isSearchable(row: number, nowMs: number): boolean {
    return (this.#unsearchable.get(row) ?? Number.NEGATIVE_INFINITY) <= nowMs
  }

  /** The row's date in that indexed field, in milliseconds. */
  dateOf(field: string, row: number): number {
    return this.#seeded.dates[field]?.[row] ?? 0
  }

  /** All rows by an indexed date field, oldest first. Made at first use, kept up to date after. */
  inOrder(field: string): SortedRows {
    const existing = this.#sorted.get(field)
    if (existing) return existing
    const dates = this.#seeded.dates[field]
    if (!dates) throw new Error(`${this.name} has no index on ${field}.`)
    const index = new SortedRows(dates, this.rows())
    this.#sorted.set(field, index)
    return index
  }

  /** The rows whose record has that `lead_id`. */
  rowsOfLead(leadId: string): number[] {
    const rows: number[] = []
    const lead = this.#leadRowOf(leadId)
    if (lead !== null && this.#seeded.children) {
      const end = this.#seeded.children.first[lead + 1] ?? 0
      for (let row = this.#seeded.children.first[lead] ?? 0; row < end; row += 1) {
        const stored = this.#stored.get(row)
        if (!this.#dead.has(row) && (!stored || textOf(stored, 'lead_id') === leadId)) rows.push(row)
      }
    }
    for (const row of this.#adopted.get(leadId) ?? []) if (!this.#dead.has(row)) rows.push(row)
    return rows
  }

  /** Every row that exists now. */
  *rows(): Generator<number> {
    for (let row = 0; row < this.#rows; row += 1) if (!this.#dead.has(row)) yield row
  }

  #keep(row: number, record: JsonObject): void {
    this.#stored.set(row, record)
    this.#cache.delete(row)
    this.#version += 1
    for (const [field, dates] of Object.entries(this.#seeded.dates)) {
      dates[row] = parseMoment(textOf(record, field) ?? '') ?? 0
    }
    for (const index of this.#sorted.values()) index.insert(row)
    const leadId = textOf(record, 'lead_id')
    if (leadId !== null && !this.#isInPlace(row, leadId)) {
      const rows = this.#adopted.get(leadId) ?? new Set()
      this.#adopted.set(leadId, rows.add(row))
    }
  }

  #isInPlace(row: number, leadId: string): boolean {
    const owner = this.#seeded.children?.owner[row]
    return row < this.#seeded.count && owner !== undefined && owner === this.#leadRowOf(leadId)
  }
}
