import { closeTimestamp, parseCloseTimestamp, type SearchRow } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../../checkpoint-part.ts'
import type { Json } from '../../interface.ts'
import type { ReadRows } from './reader.ts'

/** Moments as Close's filters take them; both belong to the window. Open where left out. */
export interface Window {
  readonly from?: string
  readonly until?: string
}

/** A list with the newest first, which takes a window of one of its dates. */
export interface DatedList {
  readonly dateField: 'date_created' | 'date_updated'
  /** The first page of a window. */
  page(window: Window): Promise<{ readonly rows: readonly SearchRow[]; readonly isLast: boolean }>
  /** All records of a window that is no longer than some milliseconds. */
  whole(window: Window): Promise<readonly SearchRow[]>
  /** How much later than its date says a record may appear in the list. */
  readonly lagMs: number
}

/** The parameters of a request, those of a window among them. Of two lower bounds the later one is sent. */
export function within(
  query: Readonly<Record<string, string>>,
  window: Readonly<Record<string, string>>,
): Record<string, string> {
  const narrower = Object.entries(window).map(([name, bound]): [string, string] => {
    const given = query[name]
    const isOutside =
      given !== undefined && (parseCloseTimestamp(given) ?? 0) > (parseCloseTimestamp(bound) ?? 0)
    return [name, isOutside ? given : bound]
  })
  return { ...query, ...Object.fromEntries(narrower) }
}

/** The list is read from its beginning so often at most. */
const maxDescents = 5

const stateSchema = z.strictObject({
  /** How often the list was read down to its end, or to where the reading before began. */
  descents: z.int().nonnegative(),
  /** The window that is being read (ms); null where it is open. */
  fromMs: z.number().nullable(),
  untilMs: z.number().nullable(),
  /** The newest date that was met in this descent (ms). */
  newestMs: z.number().nullable(),
  /** Dates of the delivered records that can be met again, by id. */
  delivered: z.record(z.string(), z.string()),
})
type State = z.infer<typeof stateSchema>

/**
 * Reads a list from the newest record to the oldest. Every page is the first page of a window that ends with the last
 * record before it, that one included, so that neither a record that goes nor one that comes moves the others. Records
 * that share a moment beyond a page are read as a window of their own. Then what is newer than the begin, less the lag,
 * is read again, until nothing new is there: a record that got a new date meanwhile is met there.
 *
 * @throws LatchworkError `upstream_error` where the list is not sorted and bounded as asked
 */
export async function* readDated(
  list: DatedList,
  position: Json | null,
): AsyncGenerator<ReadRows, void, undefined> {
  let state: State =
    position === null
      ? { descents: 0, fromMs: null, untilMs: null, newestMs: null, delivered: {} }
      : readCheckpointPart(stateSchema, position)
  let isFresh = true
  while (state.descents < maxDescents) {
    const { rows, isLast } = await list.page(windowOf(state))
    const dates = datesOf(list, state, rows)
    const lastMs = dates.at(-1) ?? null
    const isTied = !isLast && lastMs !== null && state.untilMs !== null && lastMs + 1 >= state.untilMs
    const taken = isTied ? [...rows, ...(await list.whole(around(lastMs)))] : rows
    const fresh = newOf(list, state, taken)
    isFresh ||= fresh.length > 0
    state = { ...state, newestMs: state.newestMs ?? dates[0] ?? null }
    const delivered = {
      ...state.delivered,
      ...Object.fromEntries(fresh.map((row) => [row.id, dateText(list, row)])),
    }
    if (isLast || lastMs === null) {
      state = isFresh ? nextDescent(list, { ...state, delivered }) : { ...state, descents: maxDescents }
      isFresh = false
    } else {
      const untilMs = isTied ? lastMs - 1 : lastMs + 1
      state = forget(list, { ...state, untilMs, delivered })
    }
    if (fresh.length > 0) yield { rows: fresh, position: state }
  }
}

function windowOf({ fromMs, untilMs }: Pick<State, 'fromMs' | 'untilMs'>): Window {
  return {
    ...(fromMs === null ? {} : { from: closeTimestamp(fromMs) }),
    ...(untilMs === null ? {} : { until: closeTimestamp(untilMs) }),
  }
}

/** A moment, and what may lie within its millisecond or before it: dates are finer than the bounds. */
const around = (atMs: number): Window => windowOf({ fromMs: atMs - 1, untilMs: atMs + 1 })

function nextDescent(list: DatedList, state: State): State {
  const newest = state.newestMs ?? state.fromMs
  const fromMs = newest === null ? null : newest - list.lagMs
  return forget(list, { ...state, descents: state.descents + 1, fromMs, untilMs: null, newestMs: null })
}

/** Keeps what stands at the bound, and what the next descent will meet. */
function forget(list: DatedList, state: State): State {
  const boundMs = state.untilMs ?? Number.POSITIVE_INFINITY
  const againMs = (state.newestMs ?? state.fromMs ?? Number.NEGATIVE_INFINITY) - list.lagMs
  const isRetained = (atMs: number) => atMs >= againMs || (atMs >= boundMs - 2 && atMs <= boundMs + 2)
  const delivered = Object.entries(state.delivered).filter(([, text]) =>
    isRetained(parseCloseTimestamp(text) ?? 0),
  )
  return { ...state, delivered: Object.fromEntries(delivered) }
}

/** Each record that was not delivered with this date yet. */
function newOf(list: DatedList, { delivered }: State, rows: readonly SearchRow[]): SearchRow[] {
  const each = new Map(rows.map((row) => [row.id, row]))
  const isKnown = (row: SearchRow) =>
    Object.hasOwn(delivered, row.id) && delivered[row.id] === dateText(list, row)
  return [...each.values()].filter((row) => !isKnown(row))
}

function dateText({ dateField }: DatedList, row: SearchRow): string {
  const text = row[dateField]
  return typeof text === 'string' ? text : ''
}

/** In ms. @throws LatchworkError where they are not the newest of the window first: nothing else says where to go on */
function datesOf(list: DatedList, { fromMs, untilMs }: State, rows: readonly SearchRow[]): number[] {
  const dates = rows.map((row) => parseCloseTimestamp(dateText(list, row)) ?? Number.NaN)
  const mostMs = untilMs ?? Number.POSITIVE_INFINITY
  const isAsAsked = dates.every(
    (atMs, index) => atMs <= (dates[index - 1] ?? mostMs) && atMs >= (fromMs ?? atMs),
  )
  if (isAsAsked) return dates
  throw new LatchworkError('upstream_error', {
    message: `Close's list is not sorted and bounded by ${list.dateField} as asked, so it can't be read without losing records.`,
  })
}
