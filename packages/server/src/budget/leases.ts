import {
  type BucketsState,
  GroupBuckets,
  newBucketsState,
  type RateObservation,
  type RequestPriority,
} from '@latchwork/close'

/** What all processes know of one endpoint group of an organization. Times: ms since 1970 by the database's clock. */
export interface GroupRow {
  readonly buckets: BucketsState
  /** Processes, by a name of their own. */
  readonly holders: Record<string, Holder>
  /** When it was last changed: time never goes back. */
  nowMs: number
}

interface Holder {
  /** Without a word of it until then its process is dead. */
  until: number
  readonly keys: Record<string, Held>
}

/** What one process holds of one key. */
interface Held {
  /** Permits, whether they are in use or not. */
  permits: number
  /** Permits taken in the window that began then. */
  taken: number
  windowBeganMs: number
  /** How many consumers ask here. */
  consumers: number
  wantsUntilMs: number
}

/** At least so many leases share a window. */
const leasesOfWindow = 4
/** So long a process that asked counts among those who share a window. */
const wantMs = 1_000

export interface LeaseRequest {
  readonly holder: string
  readonly leaseMs: number
  /** Requests that are over, with what was said; without an answer nothing is. */
  readonly reports: readonly Report[]
  /** Permits that were not used. */
  readonly returns: readonly { readonly key: string; readonly takenAtMs: number; readonly count: number }[]
  readonly wants: readonly Want[]
}

export interface Report {
  readonly key: string
  readonly takenAtMs: number
  readonly atMs: number
  count: number
  readonly observation: RateObservation | undefined
}

export interface Want {
  readonly key: string
  /** Permits. */
  readonly size: number
  readonly priority: RequestPriority
  readonly consumers: number
}

export interface Leased {
  readonly key: string
  readonly granted: number
  /** Null: the window's end is not known. */
  readonly endsMs: number | null
  /** Null: once an answer has come. */
  readonly opensAtMs: Readonly<Record<RequestPriority, number | null>>
  readonly heldUntilMs: number
}

export interface LeaseAnswer {
  readonly nowMs: number
  readonly leased: readonly Leased[]
  /** What the other processes must hear. */
  readonly news: News | null
}

export interface News {
  /** Until when nothing may be sent; without a key by nobody. */
  readonly holds: readonly { readonly key: string | null; readonly untilMs: number }[]
}

export function newGroupRow(): GroupRow {
  return { buckets: newBucketsState(), holders: {}, nowMs: 0 }
}

/** Changes the row by what one process tells and asks for. */
export function settle(row: GroupRow, request: LeaseRequest, clockMs: number): LeaseAnswer {
  const nowMs = Math.max(clockMs, row.nowMs)
  row.nowMs = nowMs
  const buckets = new GroupBuckets(row.buckets)
  const closedBefore = wantedByOthers(row, request.holder, nowMs).filter(
    (each) => !isOpen(buckets, each, nowMs),
  )
  const heldBefore = holdsOf(row.buckets)
  takeFromTheDead(row, buckets, request.holder, nowMs)
  row.holders[request.holder] ??= { until: 0, keys: {} }
  const holder = row.holders[request.holder] ?? { until: 0, keys: {} }
  holder.until = nowMs + request.leaseMs

  for (const { key, takenAtMs, atMs, count, observation } of request.reports) {
    for (let done = 0; done < count; done++) {
      if (!giveUp(holder, key)) buckets.readmit(key)
      buckets.release(key, observation, takenAtMs, atMs)
    }
  }
  for (const { key, takenAtMs, count } of request.returns) {
    for (let done = 0; done < count; done++) if (giveUp(holder, key)) buckets.giveBack(key, takenAtMs)
  }
  const leased = request.wants.map((want) => lease(row, buckets, holder, want, nowMs))
  for (const [key, held] of Object.entries(holder.keys)) {
    if (held.permits === 0 && held.wantsUntilMs <= nowMs) delete holder.keys[key]
  }

  const holds = holdsOf(row.buckets).filter(
    ({ key, untilMs }) => untilMs > (heldBefore.find((each) => each.key === key)?.untilMs ?? 0),
  )
  const opened = closedBefore.some((each) => isOpen(buckets, each, nowMs))
  return { nowMs, leased, news: holds.length > 0 || opened ? { holds } : null }
}

function lease(row: GroupRow, buckets: GroupBuckets, holder: Holder, want: Want, nowMs: number): Leased {
  const { key } = want
  const held = holder.keys[key] ?? { permits: 0, taken: 0, windowBeganMs: 0, consumers: 0, wantsUntilMs: 0 }
  holder.keys[key] = held
  held.consumers = want.consumers
  held.wantsUntilMs = nowMs + wantMs
  let most = 1
  let granted = 0
  while (granted < most && buckets.opensAtMs(want) <= nowMs) {
    buckets.take(key, nowMs)
    granted += 1
    // The first one may have begun a window.
    if (granted === 1) most = Math.min(want.size, quotaOf(row, buckets, held, key, nowMs))
  }
  held.taken += granted
  held.permits += granted
  const { windowEndsMs } = buckets.shareOf(key)
  return {
    key,
    granted,
    endsMs: finite(windowEndsMs),
    opensAtMs: {
      interactive: finite(buckets.opensAtMs({ key, priority: 'interactive' })),
      backfill: finite(buckets.opensAtMs({ key, priority: 'backfill' })),
    },
    heldUntilMs: buckets.heldUntilMs(key),
  }
}

/**
 * The process' part of the window, by the consumers that ask there; and a part of what others leave. It is given in
 * several leases, since who asks first does not know yet who else will.
 */
function quotaOf(row: GroupRow, buckets: GroupBuckets, held: Held, key: string, nowMs: number): number {
  const { limit, left, windowBeganMs } = buckets.shareOf(key)
  if (held.windowBeganMs !== windowBeganMs) held.taken = 0
  held.windowBeganMs = windowBeganMs
  if (limit === Number.POSITIVE_INFINITY) return limit
  const asking = Object.values(row.holders).map(({ keys }) => keys[key])
  const counts = asking.map((each) => (each === undefined || each.wantsUntilMs <= nowMs ? 0 : each.consumers))
  const part = held.consumers / counts.reduce((sum, count) => sum + count, 0)
  const own = Math.ceil(limit * part) - held.taken
  return own > 0 ? Math.min(own, Math.ceil(limit / leasesOfWindow)) : Math.ceil(((left + 1) * part) / 2)
}

function takeFromTheDead(row: GroupRow, buckets: GroupBuckets, but: string, nowMs: number): void {
  for (const [name, { until, keys }] of Object.entries(row.holders)) {
    if (until > nowMs || name === but) continue
    for (const [key, { permits, windowBeganMs }] of Object.entries(keys)) {
      for (let done = 0; done < permits; done++) buckets.giveBack(key, windowBeganMs)
    }
    delete row.holders[name]
  }
}

/** False if the process was taken for dead meanwhile. */
function giveUp(holder: Holder, key: string): boolean {
  const held = holder.keys[key]
  if (held === undefined || held.permits === 0) return false
  held.permits -= 1
  return true
}

function wantedByOthers(
  row: GroupRow,
  holder: string,
  nowMs: number,
): { key: string; priority: RequestPriority }[] {
  return Object.entries(row.holders).flatMap(([name, { keys }]) =>
    name === holder
      ? []
      : Object.entries(keys).flatMap(([key, { wantsUntilMs }]) =>
          wantsUntilMs <= nowMs
            ? []
            : [
                { key, priority: 'interactive' as const },
                { key, priority: 'backfill' as const },
              ],
        ),
  )
}

function isOpen(buckets: GroupBuckets, place: { key: string; priority: RequestPriority }, nowMs: number) {
  return buckets.opensAtMs(place) <= nowMs
}

function holdsOf({ organization, keys }: BucketsState): { key: string | null; untilMs: number }[] {
  return [
    { key: null, untilMs: organization.heldUntilMs },
    ...Object.entries(keys).map(([key, { heldUntilMs }]) => ({ key, untilMs: heldUntilMs })),
  ]
}

function finite(ms: number): number | null {
  return ms === Number.POSITIVE_INFINITY ? null : ms
}
