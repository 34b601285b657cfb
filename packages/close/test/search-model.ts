import { CloseError, type SearchRow } from '@latchwork/close'
import type { SearchBody, SearchPage } from '../src/search.ts'
import type { ManualClock } from './manual-clock.ts'

export type ModelRecord = { id: string; created: string; updated: string; bytes?: number }

export type ModelOptions = {
  clock: ManualClock
  /** Uniform in [0, 1), repeatable. */
  random: () => number
  /** `snapshot`: a cursor reads on in the list as it was. `offset`: it counts places in the list as it is now. */
  cursors: 'snapshot' | 'offset'
  maxCursorObjects: number
  /** An edit moves a record to its new place this much later, although the record shows its new date at once. */
  indexLagMs: number
  /** What else happens around each search: edits, time. */
  beforeSearch: (model: SearchModel) => void
}

/** An answer is this large at most, where records have a size. */
const mostBytes = 100

type Stored = ModelRecord & { indexedUpdated: string; reindexAtMs: number }
type Cursor = { ids: string[]; offset: number; expiresAtMs: number; served: number }

/**
 * The documented behaviour of `POST /data/search/`, and what is not documented left to chance: the order of equal
 * dates, and what a cursor means.
 */
export class SearchModel {
  readonly records = new Map<string, Stored>()
  readonly #options: ModelOptions
  readonly #cursors = new Map<string, Cursor>()
  searches = 0
  /** How often a cursor was used that had expired. */
  expired = 0

  constructor(records: readonly ModelRecord[], options: ModelOptions) {
    this.#options = options
    for (const record of records) {
      this.records.set(record.id, { ...record, indexedUpdated: record.updated, reindexAtMs: 0 })
    }
  }

  /** Edits a record now. */
  touch(id: string): void {
    const record = this.records.get(id)
    if (record === undefined) return
    const nowMs = this.#options.clock.now()
    record.updated = new Date(nowMs).toISOString().replace('Z', '123+00:00')
    record.reindexAtMs = nowMs + this.#options.indexLagMs
  }

  search = async (body: SearchBody): Promise<SearchPage> => {
    this.searches += 1
    if (this.searches > 5_000) throw new Error('the walk does not end')
    this.#options.beforeSearch(this)
    const cursor = body.cursor === undefined ? undefined : this.#take(body.cursor)
    const limit = body._limit ?? 100
    const ids =
      cursor !== undefined && this.#options.cursors === 'snapshot' ? cursor.ids : this.#matching(body)
    const offset = cursor?.offset ?? 0
    const served = (cursor?.served ?? 0) + limit
    const page = ids.slice(offset, offset + limit)
    const isWhole = body._fields?.['lead']?.includes('name') === true
    const bytes = page.reduce((sum, id) => sum + (this.records.get(id)?.bytes ?? 0), 0)
    if (isWhole && bytes > mostBytes) throw new CloseError('too_large', 'no', { status: 200 })
    const data = page.map((id) => this.#row(id))
    const ended = offset + limit >= ids.length || served >= this.#options.maxCursorObjects
    return { data, cursor: ended ? null : this.#keep(ids, offset + limit, served) }
  }

  #keep(ids: string[], offset: number, served: number): string {
    const name = `cursor${this.searches}`
    this.#cursors.set(name, { ids, offset, served, expiresAtMs: this.#options.clock.now() + 30_000 })
    return name
  }

  #take(name: string): Cursor {
    const cursor = this.#cursors.get(name)
    if (cursor === undefined || cursor.expiresAtMs < this.#options.clock.now()) {
      this.expired += 1
      throw new CloseError('invalid', 'no', { status: 400, fieldErrors: { cursor: 'Expired cursor' } })
    }
    return cursor
  }

  #row(id: string): SearchRow {
    const record = this.records.get(id)
    if (record === undefined) throw new Error('the model deletes nothing')
    return { __object_type: 'lead', id, date_created: record.created, date_updated: record.updated }
  }

  #matching(body: SearchBody): string[] {
    const nowMs = this.#options.clock.now()
    for (const record of this.records.values()) {
      if (record.reindexAtMs <= nowMs) record.indexedUpdated = record.updated
    }
    const sort = body.sort?.[0]?.field
    if (sort?.type !== 'regular_field') throw new Error('the model sorts by a date')
    const dateOf = (record: Stored, field: string): number =>
      Date.parse(field === 'date_created' ? record.created : record.indexedUpdated)
    const nodes = body.query.type === 'and' ? body.query.queries : []
    const matches = (record: Stored): boolean =>
      nodes.every((node) => {
        if (node.type === 'id') return (node.value === record.id) !== (node.negate === true)
        if (node.type !== 'field_condition' || node.condition.type !== 'moment_range') return true
        if (node.field.type !== 'regular_field') return true
        const { on_or_after, before } = node.condition
        const atMs = dateOf(record, node.field.field_name)
        return (
          (on_or_after === undefined || atMs >= Date.parse(String(on_or_after['value']))) &&
          (before === undefined || atMs < Date.parse(String(before['value'])))
        )
      })
    return [...this.records.values()]
      .filter(matches)
      .map((record) => ({
        id: record.id,
        atMs: dateOf(record, sort.field_name),
        // Equal dates come in an order that changes from search to search, but not from page to page of a list
        // that is counted by places.
        tie: this.#options.cursors === 'offset' ? hash(record.id) : this.#options.random(),
      }))
      .sort((left, right) => left.atMs - right.atMs || left.tie - right.tie)
      .map(({ id }) => id)
  }
}

function hash(id: string): number {
  let value = 7
  for (const character of id) value = (value * 31 + character.charCodeAt(0)) % 1_000_003
  return value
}
