import { isDeepStrictEqual } from 'node:util'
import { type CloseClient, closeTimestamp } from '@latchwork/close'
import type { Batch, Json, WriteNotice } from '../interface.ts'
import { readBackfill } from './backfill.ts'
import { freshRange, type RangeState } from './backfill-position.ts'
import type { ClockSkew } from './clock-skew.ts'
import { CloseEvents, hasEvents } from './close-events.ts'
import type { DateRange } from './date-ranges.ts'
import { deletedAndMoved, existingIds } from './deleted-and-moved.ts'
import type { Filter } from './filter.ts'
import type { Searching } from './found-records.ts'
import { type Known, nothingKnown, readKnown, writeKnown } from './incremental-position.ts'
import { type FieldTypes, historyOf, withoutGone } from './known-columns.ts'
import { leftFilter } from './left-filter.ts'

/** What one reading is given. */
export interface Incremental extends Searching {
  readonly searchTypes: readonly string[]
  /** The values of the stream's parameters. */
  readonly parameters: Readonly<Record<string, string>>
  /** What they keep. `client` finds nothing else, */
  readonly filter: Filter
  /** and this one does. */
  readonly unfiltered: Pick<CloseClient, 'search' | 'events'>
  readonly clockSkew: ClockSkew
  readonly types: FieldTypes
  /** So long after a comparison of ids the next one is due; null: never. */
  readonly compareAfterMs: number | null
  /** All of these kinds, in ranges that are read side by side. */
  cut(searchTypes: readonly string[]): Promise<DateRange[]>
}

type Reading = Known & { readonly reading: NonNullable<Known['reading']> }

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/**
 * How far before the last reading's begin the next one looks: search and log lag, and clocks are set.
 * @see https://developer.close.com/resources/event-log/ which advises to read the last five minutes again
 */
const overlapMs = 5 * minuteMs
/** What is changed later than this after a reading has begun is for the next, or it would run after people for ever. */
const newestMs = minuteMs
/** How far back after Close's clock was set back. */
const steppedMs = dayMs
/**
 * Close's time is known so exactly, from answers that name whole seconds and take their time to come: a run may seem to
 * begin before the one before it.
 */
const inexactMs = minuteMs / 2
/** Close keeps its log for 30 days. */
const logMs = 29 * dayMs
/** So often ids are compared where nobody has said it. */
export const usualCompareMs: number = 7 * dayMs

/**
 * Reads what has changed since a state, and all that is not known yet.
 *
 * 1. Kinds that are not known are read as a whole, by creation date; the others by the date of their change, from where
 *    the last reading began, less an overlap.
 *    Of a column that was not read before the history is read too: `historyOf`.
 * 2. What belonged to a merged lead is read again: it may have moved without a change of its date.
 * 3. What the log says was deleted is looked for, and is a deletion if it is not found. So what was deleted and made again
 *    stands, and what search still shows goes with the next reading, which looks at the same moment again. What it says was
 *    created and has an old date is read too: it was deleted before, and is there again.
 * 4. What changed and is not what the stream's parameters keep is a deletion too. Where more than the record decides, as
 *    with a smart view, everything is read and compared each time.
 * 5. Where the log does not reach back, does not have a kind or may not be read, all ids are compared. What was read
 *    before the log begins is read as a whole again.
 *
 * What is deleted or moved while this goes on is for the next reading.
 */
export async function* readIncremental(
  parts: Incremental,
  position: Json | null,
): AsyncGenerator<Batch, void, undefined> {
  const { clock, clockSkew, refusedKinds, searchTypes } = parts
  const events = new CloseEvents(parts.client, parts.signal)
  await events.knock()
  const closeClock = { now: () => clockSkew.closeMs(clock.now()), sleep: clock.sleep.bind(clock) }
  const own = { ...parts, clock: closeClock }
  const known = await begun(own, position === null ? nothingKnown : readKnown(position))
  const { reading, deletedMs } = known
  const positionOf = (ranges: readonly RangeState[]) =>
    writeKnown({ ...known, reading: { ...reading, ranges } })
  const allRead = positionOf([])
  yield* readBackfill({ ...own, ranges: reading.ranges, positionOf })
  if (deletedMs !== null) {
    const sinceMs = lookFromMs(deletedMs, reading.begunMs)
    for await (const batch of deletedAndMoved(own, events, sinceMs)) yield { ...batch, position: allRead }
  }
  for (const [searchType, knownMs] of Object.entries(known.kinds)) {
    const sinceMs = lookFromMs(knownMs, reading.begunMs)
    for await (const batch of leftFilter(own, searchType, sinceMs)) yield { ...batch, position: allRead }
  }
  // What is refused now is still there.
  const isCompared =
    (own.filter.isFromOutside || isComparisonDue(known, own, events)) &&
    !searchTypes.some((type) => refusedKinds.has(type))
  const notices = [...refusedKinds.takeNotices(), ...unseen(known, own, events, isCompared)]
  const endOf = (compared: boolean) => writeKnown(ended(known, own, events, compared))
  yield {
    records: [],
    ...(isCompared && { existing: () => existingIds(own), heldPosition: endOf(false) }),
    ...(notices.length === 0 ? {} : { notices }),
    position: endOf(isCompared),
  }
}

/** The state with a reading under way. */
async function begun(parts: Incremental, state: Known): Promise<Reading> {
  const { reading } = state
  if (reading !== null) return takenUp({ ...state, reading }, parts)
  const history = historyOf(state.columns, parts.fields, parts.types)
  const begunMs = Math.floor(parts.clock.now())
  const parameters = decisive(parts.parameters)
  const isSame = isDeepStrictEqual(state.parameters, parameters)
  // Which leads were merged before the log begins, nobody can tell; nor what came without a change of its own.
  const isKnown = ([, atMs]: [string, number]) =>
    isSame && !history.isWhole && !parts.filter.isFromOutside && begunMs - atMs <= logMs
  const kinds = Object.fromEntries(Object.entries(state.kinds).filter(isKnown))
  const changed = parts.searchTypes.flatMap((searchType): RangeState[] => {
    const knownMs = kinds[searchType]
    if (knownMs === undefined) return []
    const from = closeTimestamp(lookFromMs(knownMs, begunMs))
    // What was changed before the clock was set back has a date to come.
    const end = isSetBack(knownMs, begunMs) ? {} : { until: closeTimestamp(begunMs + newestMs) }
    const { having } = history
    return [
      { ...freshRange({ searchType, from, ...end }), dateField: 'date_updated' },
      ...(having.length === 0 ? [] : [{ ...freshRange({ searchType }), having }]),
    ]
  })
  const others = await parts.cut(parts.searchTypes.filter((type) => kinds[type] === undefined))
  const ranges = [...changed, ...others.map(freshRange)]
  const comparedMs = isSame ? state.comparedMs : null
  return { ...state, kinds, parameters, comparedMs, columns: history.known, reading: { begunMs, ranges } }
}

/** The values that decide which records are kept. Each kind of record is known by itself. */
function decisive({ kinds: _, ...values }: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}

/** A reading under way, which may have lost columns since it was left. */
function takenUp(state: Reading, { fields }: Incremental): Reading {
  const { reading } = state
  const ranges = reading.ranges.flatMap((range): RangeState[] => {
    if (range.having === undefined) return [range]
    const having = range.having.filter((name) => fields.includes(name))
    return having.length === 0 ? [] : [{ ...range, having }]
  })
  return { ...state, columns: withoutGone(state.columns, fields), reading: { ...reading, ranges } }
}

/** Where to look from, if all before a moment is known. A clock that was set back gives old dates to new changes. */
function lookFromMs(knownMs: number, nowMs: number): number {
  return Math.max(0, isSetBack(knownMs, nowMs) ? nowMs - steppedMs : knownMs - overlapMs)
}

function isSetBack(knownMs: number, nowMs: number): boolean {
  return nowMs < knownMs - inexactMs
}

/** Whether the log does not tell all that was deleted. */
function isComparisonDue(
  { deletedMs, comparedMs, reading: { begunMs } }: Reading,
  { searchTypes, compareAfterMs }: Incremental,
  events: CloseEvents,
): boolean {
  // The place may hold what an earlier reading has left.
  if (deletedMs === null || comparedMs === null) return true
  if (begunMs - deletedMs > logMs) return true
  const isWhole = events.unread === null && searchTypes.every(hasEvents)
  return !isWhole && compareAfterMs !== null && begunMs - comparedMs > compareAfterMs
}

/** Where the next reading goes on. */
function ended(
  known: Reading,
  { searchTypes, refusedKinds }: Incremental,
  events: CloseEvents,
  isCompared: boolean,
): Known {
  const { kinds, deletedMs, comparedMs, reading } = known
  const { begunMs } = reading
  const times = searchTypes.flatMap((type): [string, number][] => {
    if (!refusedKinds.has(type)) return [[type, begunMs]]
    const before = kinds[type]
    return before === undefined ? [] : [[type, before]]
  })
  const isLogRead = deletedMs === null || (events.unread === null && begunMs - deletedMs <= logMs)
  return {
    ...known,
    kinds: Object.fromEntries(times),
    deletedMs: isCompared || isLogRead ? begunMs : deletedMs,
    comparedMs: isCompared ? begunMs : comparedMs,
    reading: null,
  }
}

/** What a person should know of deletions. */
function unseen(
  { deletedMs, reading }: Reading,
  { compareAfterMs }: Incremental,
  { unread }: CloseEvents,
  isCompared: boolean,
): WriteNotice[] {
  const notice = (message: string): WriteNotice => ({
    code: 'deletions_unseen',
    column: '',
    count: 1,
    message,
  })
  const notices: WriteNotice[] = []
  if (unread !== null) {
    const found =
      compareAfterMs === null
        ? 'are not found, since this flow never compares ids'
        : 'are found by comparing all ids, as often as this flow says'
    notices.push(notice(`Close refuses its event log: deleted records ${found}. ${unread.message}`))
  }
  if (!isCompared && deletedMs !== null && reading.begunMs - deletedMs > logMs) {
    notices.push(
      notice('Deleted records were not found: a kind of them is refused, so ids were not compared.'),
    )
  }
  return notices
}
