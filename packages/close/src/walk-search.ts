import type { CloseClient } from './client.ts'
import { type CloseClock, systemClock } from './clock.ts'
import { Delivered, dateOf, type WalkDateField } from './delivered.ts'
import { CloseError, isCloseError } from './errors.ts'
import { PageSize } from './page-size.ts'
import type { SearchBody, SearchPage, SearchRow } from './search.ts'
import { closeTimestamp, parseCloseTimestamp } from './timestamps.ts'
import type { RequestOptions } from './transport.ts'
import {
  dateRange,
  otherDate,
  type PageOf,
  type Reading,
  type SearchPosition,
  type SearchWalk,
  walkBody,
} from './walk-query.ts'

export type SearchWalkOptions = RequestOptions & {
  clock?: CloseClock
  /**
   * Records changed less than this before now are read, but the position does not move past them: the search lags
   * behind, and may still show a record in its old place with its new date. Default 120,000.
   */
  settleMs?: number
  /** A cursor older than this is not used. Close's live for 30 seconds. Default 25,000. */
  maxCursorAgeMs?: number
  /** Objects that one cursor may be followed through. Close's limit is 10,000. */
  maxCursorObjects?: number
}

/** Never empty. Save `position` once the records are safe. */
export type WalkedPage = {
  records: SearchRow[]
  /** Records too large to be taken, by id and dates: they are passed over. */
  unread: SearchRow[]
  position: SearchPosition
}

type Step = { records: SearchRow[]; unread: SearchRow[]; boundMs: number | undefined }

/** One search, with all pages of its cursors. */
type Pass = {
  /**
   * The reason of its end. `whole`: Close says that there are no more records, or shows none. `advanced`: a later bound was found.
   * `tied`: a page holds nothing but records of the bound's millisecond. `expired`, `capped`: the cursor ended, by age
   * (or was left out of a full page), or by number of objects.
   */
  end: 'whole' | 'advanced' | 'tied' | 'expired' | 'capped'
  boundMs: number | undefined
  sawUnsettled: boolean
  /** Whether Close said in so many words that there are no more. */
  saidEnd: boolean
  /** Whether it brought a record, or a form of one, that was not delivered yet. */
  fresh: boolean
}

type Context = {
  search(body: SearchBody): Promise<SearchPage>
  walk: SearchWalk
  size: PageSize
  delivered: Delivered
  /** Those that are too large to be taken. */
  unreadIds: string[]
  clock: CloseClock
  signal: AbortSignal | undefined
  settleMs: number
  maxCursorAgeMs: number
  maxCursorObjects: number
}

// A pass without anything new is repeated up to this often. Then the walk fails.
const MAX_IDLE_PASSES = 5

// What Close calls the end is read again until nothing new comes: its cursor may count positions in a list that changes,
// and an answer may be cut short. Under endless edits this would not end. The next walk then finds what the last pass
// missed.
const MAX_VERIFYING_PASSES = 10

// Records that are left out of a search by their ids, at most: each is a condition.
const MAX_EXCLUDED = 2_000

/**
 * Reads any number of records by search, sorted by a date, without losing one.
 *
 * Every page is a new search from the date of the last settled record, inclusive. Delivered records are left out by id.
 * So neither an edit that moves a record nor a cursor that expires or ends can hide another record. If more records
 * share one millisecond than fit on a page, they are read by the other date. A cursor is followed only where no date
 * helps: through records that share both dates, and through those that changed just now. Where it ends too early, the
 * search itself leaves out what was delivered. Only a search without anything new is the end.
 *
 * A page that is too large is requested again in smaller ones, down to one record. A record that is too large by itself
 * is reported by its id.
 *
 * Promises: every record that exists throughout the walk (and matches) is delivered at least once, in the form that it
 * had at the begin of the walk or a newer one. None is delivered twice in one form. A record that is edited out of
 * `until` during the walk belongs to the next walk. A walk from the final position delivers records again that changed
 * in the last `settleMs`.
 *
 * Limit: no documented filter separates more than `maxCursorObjects` records that share the milliseconds of both
 * `date_created` and `date_updated`. The walk then fails with that reason.
 *
 * @throws CloseError those of `search`; `server_error` when Close ignores the sort or the filter, or at the limit
 * @see https://developer.close.com/api/resources/advanced-filtering
 */
export async function* walkSearch(
  client: Pick<CloseClient, 'search'>,
  walk: SearchWalk,
  options: SearchWalkOptions = {},
): AsyncGenerator<WalkedPage, void, undefined> {
  const requestOptions: RequestOptions = { priority: 'backfill', signal: options.signal }
  if (options.priority !== undefined) requestOptions.priority = options.priority
  const delivered = new Delivered(walk.dateField)
  const startMs = walk.from === undefined ? undefined : positionDate(walk.from)
  if (startMs !== undefined) for (const id of walk.from?.seenIds ?? []) delivered.addAt(id, startMs)
  const context: Context = {
    search: (body) => client.search(body, requestOptions),
    walk,
    size: new PageSize(walk.pageSize ?? 200),
    delivered,
    unreadIds: [],
    clock: options.clock ?? systemClock,
    signal: options.signal,
    settleMs: options.settleMs ?? 120_000,
    maxCursorAgeMs: options.maxCursorAgeMs ?? 25_000,
    maxCursorObjects: options.maxCursorObjects ?? 10_000,
  }
  for await (const step of read(context, { field: walk.dateField, startMs, within: [], nested: false })) {
    const boundMs = step.boundMs ?? 0
    const position = { value: closeTimestamp(boundMs), seenIds: delivered.idsAt(boundMs) }
    yield { records: step.records, unread: step.unread, position }
  }
}

async function* read(context: Context, reading: Reading): AsyncGenerator<Step, void, undefined> {
  const { clock, delivered, settleMs, signal } = context
  let boundMs = reading.startMs
  let excluded: string[] = []
  let idlePasses = 0
  let verifyingPasses = 0
  for (;;) {
    const pass: Pass = yield* readPass(context, reading, boundMs, excluded)
    const advanced = pass.boundMs !== boundMs
    const idle = !advanced && !pass.fresh
    boundMs = pass.boundMs
    idlePasses = idle ? idlePasses + 1 : 0
    if (advanced) {
      verifyingPasses = 0
      excluded = []
    }
    if (pass.end === 'whole') {
      // An answer that leaves its cursor or all records out says nothing about the end: it must say nothing new twice.
      if (idlePasses >= (pass.saidEnd ? 1 : 2) || verifyingPasses === MAX_VERIFYING_PASSES) return
      verifyingPasses += 1
    } else if (idlePasses > MAX_IDLE_PASSES) {
      throw unusable('its pages lead nowhere')
    } else if (pass.end === 'expired' && !advanced) {
      const known = delivered.ids()
      if (known.length <= MAX_EXCLUDED) excluded = known
      else await clock.sleep(settleMs, signal)
    } else if (pass.end === 'capped' && pass.sawUnsettled && !idle) {
      // So many records change right now that their order is not reliable yet.
      await clock.sleep(settleMs, signal)
    } else if (pass.end === 'tied' || pass.end === 'capped') {
      yield* readTies(context, reading, boundMs)
      boundMs = (boundMs ?? 0) + 1
    }
  }
}

/** Reads from the bound by cursor until the bound can advance, the records end, or the cursor does. */
async function* readPass(
  context: Context,
  reading: Reading,
  startMs: number | undefined,
  excluded: readonly string[],
): AsyncGenerator<Step, Pass, undefined> {
  const { clock, delivered } = context
  const pass = { boundMs: startMs, sawUnsettled: false, saidEnd: false, fresh: false }
  let cursor: string | undefined
  for (let requested = 0; ; ) {
    const found = await searchPage(context, { reading, startMs, cursor, excluded })
    if (found === undefined) return { ...pass, end: 'expired' }
    const { page, limit } = found
    requested += limit
    const receivedAtMs = clock.now()
    const rows = delivered.takeNew(page.data)
    const dates = finalDates(page.data, reading.field, startMs, receivedAtMs, context.settleMs)
    pass.sawUnsettled ||= dates.length < page.data.length
    pass.fresh ||= rows.length > 0
    // Where nothing was left out, a search begins with what it ended with: without that it was cut short, or all is gone.
    const mayBeEmpty = cursor !== undefined || excluded.length > 0
    pass.saidEnd = page.cursor === null && (page.data.length > 0 || mayBeEmpty)
    const lastMs = dates.at(-1)
    const advanced = lastMs !== undefined && (startMs === undefined || lastMs > startMs)
    if (advanced) {
      pass.boundMs = lastMs
      if (!reading.nested) delivered.forgetBefore(lastMs)
    }
    if (rows.length > 0) {
      const [records, unread] = found.isUnread ? [[], rows] : [rows, []]
      yield { records, unread, boundMs: pass.boundMs }
    }

    if (advanced) return { ...pass, end: 'advanced' }
    const hasCursor = typeof page.cursor === 'string'
    const isFull = page.data.length >= limit
    // At the limit an absent cursor does not mean that the records end.
    if (!hasCursor && requested >= context.maxCursorObjects) return { ...pass, end: 'capped' }
    const isTied = !pass.sawUnsettled && lastMs !== undefined && !reading.nested
    if (!hasCursor && !isFull) return { ...pass, end: 'whole' }
    if (isTied) return { ...pass, end: 'tied' }
    if (page.cursor === null) return { ...pass, end: 'whole' }
    if (requested + context.size.now > context.maxCursorObjects) return { ...pass, end: 'capped' }
    if (!hasCursor || clock.now() - receivedAtMs > context.maxCursorAgeMs) return { ...pass, end: 'expired' }
    cursor = page.cursor ?? undefined
  }
}

/** Reads what shares one millisecond of the walk's date, by the other date. */
async function* readTies(
  context: Context,
  reading: Reading,
  boundMs: number | undefined,
): AsyncGenerator<Step, void, undefined> {
  if (boundMs === undefined || reading.nested) {
    throw unusable(`more than ${context.maxCursorObjects} records share one moment of both dates`)
  }
  const within = [dateRange(context.walk.objectType, reading.field, boundMs, closeTimestamp(boundMs + 1))]
  const ties: Reading = { field: otherDate[reading.field], startMs: undefined, within, nested: true }
  for await (const step of read(context, ties)) yield { ...step, boundMs }
}

/**
 * The dates of the settled rows, in order. A row that has not settled may stand at an older place than its date says,
 * so its date is no bound for the rows after it. In case this machine's clock is late, now is at least the latest date
 * in the page.
 */
function finalDates(
  rows: readonly SearchRow[],
  field: WalkDateField,
  startMs: number | undefined,
  clockMs: number,
  settleMs: number,
): number[] {
  const shown = rows.flatMap((row) => dateOf(row, field) ?? [])
  const nowMs = Math.max(clockMs, ...shown)
  const dates = shown.filter((atMs) => atMs < nowMs - settleMs)
  const ordered = dates.every((atMs, index) => atMs >= (dates[index - 1] ?? startMs ?? atMs))
  if (!ordered) throw unusable('its records are not sorted and bounded by date as asked')
  return dates
}

type Found = { page: SearchPage; limit: number; isUnread: boolean }

/** One page, as large as Close gives it; undefined when its cursor has expired. */
async function searchPage(
  context: Context,
  from: Omit<PageOf, 'limit' | 'fields'>,
): Promise<Found | undefined> {
  const { walk, size, unreadIds } = context
  for (;;) {
    const limit = size.now
    const excluded = [...unreadIds, ...from.excluded]
    const ask = (fields: readonly string[]) =>
      context.search(walkBody(walk, { ...from, excluded, limit, fields }))
    try {
      const page = await ask(walk.fields)
      size.taken()
      return { page, limit, isUnread: false }
    } catch (error) {
      if (!isCloseError(error)) throw error
      const expired = error.code === 'invalid' && error.fieldErrors?.['cursor'] !== undefined
      if (from.cursor !== undefined && expired) return undefined
      if (error.code !== 'too_large') throw error
      if (size.halve()) continue
      const page = await ask([])
      unreadIds.push(...page.data.map(({ id }) => id))
      return { page, limit, isUnread: true }
    }
  }
}

function positionDate(position: SearchPosition): number {
  const atMs = parseCloseTimestamp(position.value)
  if (atMs !== undefined) return atMs
  throw new CloseError('invalid', 'The walk was not begun: from.value is not a date.', {
    fieldErrors: { 'from.value': 'must be an ISO 8601 date' },
  })
}

function unusable(why: string): CloseError {
  return new CloseError('server_error', `The search cannot be read without losing records: ${why}.`)
}
