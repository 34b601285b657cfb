import {
  type CloseClient,
  parseCloseTimestamp,
  type SearchRow,
  type WalkedPage,
  walkSearch,
} from '@latchwork/close'
import type { DataRecord } from '@latchwork/contract'
import type { Clock, SourcePage } from '../interface.ts'
import { type RangeState, writePosition } from './backfill-position.ts'
import { type Lane, readSideBySide } from './read-side-by-side.ts'

/** Ranges read at once. The rate budget decides how many requests are under way. */
const rangesAtOnce = 6

export interface Backfill {
  readonly client: Pick<CloseClient, 'search'>
  readonly fields: readonly string[]
  readonly ranges: readonly RangeState[]
  readonly pageSize: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Reads all records of the ranges, each once, by the date of their creation: an edit does not move a record in that
 * order, so nothing can slip behind the reader. What is created while it reads stands at the end and is read too.
 * Ranges are read side by side; each page's position says how far every range has come.
 */
export async function* readBackfill(backfill: Backfill): AsyncGenerator<SourcePage, void, undefined> {
  const stopped = new AbortController()
  const signal = AbortSignal.any([backfill.signal, stopped.signal])
  const lanes = backfill.ranges.map((range) => new RangeLane(range, { ...backfill, signal }))
  const left = new Set(lanes)
  try {
    for await (const { lane, item } of readSideBySide<WalkedPage, RangeLane>(lanes, rangesAtOnce)) {
      if (item === null) {
        left.delete(lane)
        continue
      }
      const records = lane.take(item)
      if (records.length === 0) continue
      let isWanted = false
      try {
        yield { records, position: writePosition([...left].map((other) => other.state)) }
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

  open(): AsyncGenerator<WalkedPage, void, undefined> {
    const { client, fields, pageSize, clock, signal } = this.#backfill
    const { searchType, from, until } = this.state
    const walk = { objectType: searchType, dateField: 'date_created', from, until, fields, pageSize } as const
    return walkSearch(client, walk, { clock, signal, priority: 'backfill' })
  }

  /** The records of a page that were not delivered before; moves the state on. */
  take({ records, position }: WalkedPage): DataRecord[] {
    const { later } = this.state
    const fresh = records.filter((row) => !Object.hasOwn(later, row.id))
    const boundMs = parseCloseTimestamp(position.value) ?? 0
    const young = [...Object.entries(later), ...fresh.map((row) => [row.id, createdMs(row)] as const)]
    this.state = {
      ...this.state,
      from: position,
      later: Object.fromEntries(young.filter(([, atMs]) => atMs > boundMs)),
    }
    return fresh.map((row) => recordOf(row, this.#backfill.fields))
  }
}

function createdMs(row: SearchRow): number {
  const text = row['date_created']
  return typeof text === 'string' ? (parseCloseTimestamp(text) ?? 0) : 0
}

/** The fields that were asked for and are there. A record has only those that its kind has. */
function recordOf(row: SearchRow, fields: readonly string[]): DataRecord {
  return Object.fromEntries(
    fields.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]]),
  )
}
