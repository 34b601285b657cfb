import {
  type CloseClient,
  parseCloseTimestamp,
  type SearchRow,
  type WalkDateField,
  type WalkedPage,
  walkSearch,
} from '@latchwork/close'
import type { DataRecord } from '@latchwork/contract'
import type { Batch, Clock, Json, UnreadRecord } from '../interface.ts'
import type { RangeState } from './backfill-position.ts'
import { havingOne } from './known-columns.ts'
import { type Lane, readSideBySide } from './read-side-by-side.ts'
import type { RefusedKinds } from './refused-kinds.ts'
import { recordOf, tooLargeRecord } from './search-rows.ts'

/** Ranges read at once, at most. The rate budget decides how many requests are under way. */
const rangesAtOnce = 8

export interface Backfill {
  readonly client: Pick<CloseClient, 'search'>
  readonly fields: readonly string[]
  readonly ranges: readonly RangeState[]
  /** The position where these ranges are left. */
  readonly positionOf: (left: readonly RangeState[]) => Json
  /** Kinds that are passed over where Close refuses them. */
  readonly refusedKinds: RefusedKinds
  readonly pageSize: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Reads all records of the ranges. By the date of their creation each comes once: an edit does not move a record in that
 * order, so nothing can slip behind the reader. By the date of their change each comes once in each form: an edit moves it
 * to the end. What is created meanwhile stands at the end and is read too.
 * Ranges are read side by side; each page's position says how far every range has come.
 */
export async function* readBackfill(backfill: Backfill): AsyncGenerator<Batch, void, undefined> {
  const { refusedKinds } = backfill
  const stopped = new AbortController()
  const signal = AbortSignal.any([backfill.signal, stopped.signal])
  const lanes = backfill.ranges.map((range) => new RangeLane(range, { ...backfill, signal }))
  const left = new Set(lanes)
  try {
    for await (const { lane, item } of readSideBySide<WalkedPage, RangeLane>(lanes, rangesAtOnce)) {
      if (item === null) left.delete(lane)
      const taken = item === null ? nothing : lane.take(item)
      const notices = refusedKinds.takeNotices()
      if (taken.records.length + taken.refused.length + notices.length === 0) continue
      let isWanted = false
      try {
        yield {
          records: taken.records,
          ...(taken.refused.length === 0 ? {} : { refused: taken.refused }),
          ...(notices.length === 0 ? {} : { notices }),
          position: backfill.positionOf([...left].map((other) => other.state)),
        }
        isWanted = true
      } finally {
        // A reader that leaves does not wait for pages under way.
        if (!isWanted) stopped.abort()
      }
    }
  } finally {
    stopped.abort()
  }
}

class RangeLane implements Lane<WalkedPage> {
  /** The position after the pages that were taken from this lane. */
  state: RangeState
  readonly #backfill: Backfill

  constructor(state: RangeState, backfill: Backfill) {
    this.state = state
    this.#backfill = backfill
  }

  async *open(): AsyncGenerator<WalkedPage, void, undefined> {
    const { client, fields, pageSize, clock, signal, refusedKinds } = this.#backfill
    const { searchType, dateField, from, until, having } = this.state
    if (refusedKinds.has(searchType)) return
    const query = having && havingOne(having)
    const walk = { objectType: searchType, dateField, from, until, fields, pageSize, query }
    try {
      yield* walkSearch(client, walk, { clock, signal, priority: 'backfill' })
    } catch (error) {
      refusedKinds.passOver(searchType, error)
    }
  }

  /** What of a page was not delivered before; moves the state on. */
  take({ records, unread, position }: WalkedPage): { records: DataRecord[]; refused: UnreadRecord[] } {
    const { later, dateField } = this.state
    const isNew = (row: SearchRow) =>
      !Object.hasOwn(later, row.id) || later[row.id] !== dateMs(row, dateField)
    const fresh = records.filter(isNew)
    const tooLarge = unread.filter(isNew)
    const boundMs = parseCloseTimestamp(position.value) ?? 0
    const taken = [...fresh, ...tooLarge].map((row) => [row.id, dateMs(row, dateField)] as const)
    const young = [...Object.entries(later), ...taken]
    this.state = {
      ...this.state,
      from: position,
      later: Object.fromEntries(young.filter(([, atMs]) => atMs > boundMs)),
    }
    return {
      records: fresh.map((row) => recordOf(row, this.#backfill.fields)),
      refused: tooLarge.map(tooLargeRecord),
    }
  }
}

const nothing = { records: [], refused: [] }

function dateMs(row: SearchRow, field: WalkDateField): number {
  const text = row[field]
  return typeof text === 'string' ? (parseCloseTimestamp(text) ?? 0) : 0
}
