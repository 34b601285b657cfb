import type { RequestPriority } from './budget.ts'
import type { RateObservation } from './rate-limit-headers.ts'

/** How much the group takes: as a header says, or as was seen of one that says nothing but "wait". */
type Pace = {
  /** In one window. 0: not even the first was taken, so one at a time is sent until it is known. */
  requests: number
  /** Of a window; Infinity where answers say when theirs ends. */
  windowMs: number
  knownSinceMs: number
}

/** All that is known of a bucket, as data: processes that share it pass it on. Times are milliseconds since 1970. */
export type GroupState = {
  inFlight: number
  heldUntilMs: number
  /** Requests that may still be sent in this window, by the pace. */
  left: number
  /** The lowest number that an answer of this window named. Answers overtake each other: it is the latest one. */
  lowest: number
  windowBeganMs: number
  /** Infinity: nobody has said. */
  windowEndsMs: number
  pace: Pace | null
  /** Whether a request of this window was answered. */
  answered: boolean
  /** When requests were sent that were taken, and how many then; the newest. */
  accepted: { atMs: number; count: number }[]
  /** Refused without a word about the limit: when it was, and how long the wait that it named; 0: it named none. */
  refusal: { atMs: number; waitMs: number } | null
}

/** A limit is forgotten after this, in case it was a passing one. */
export const rememberMs: number = 10 * 60_000
/** Moments at which requests were taken, remembered to count those of one window. */
const acceptedRetained = 1_000

export function newGroupState(): GroupState {
  return {
    ...{ inFlight: 0, heldUntilMs: 0, windowBeganMs: 0, windowEndsMs: 0 },
    ...{ left: Number.POSITIVE_INFINITY, lowest: Number.POSITIVE_INFINITY },
    ...{ pace: null, answered: false, accepted: [], refusal: null },
  }
}

/**
 * What is known of the limits of one endpoint group, and whether it takes a request now. Between a refusal and the time
 * that it names nothing is sent; after it no more at once than the group takes in one window, so that only requests
 * that were under way are ever refused.
 */
export class GroupLimits {
  readonly state: GroupState

  constructor(state: GroupState = newGroupState()) {
    this.state = state
  }

  /** Requests of a window; Infinity: not known. */
  get limit(): number {
    return this.state.pace?.requests ?? Number.POSITIVE_INFINITY
  }

  /** Of those in flight the lowest number may have counted none. */
  get left(): number {
    const { left, lowest, inFlight } = this.state
    return Math.min(left, lowest - inFlight)
  }

  /**
   * From when on it takes a request, in milliseconds since 1970; Infinity: once an answer has come. A tenth of each
   * window is not for backfills until its last quarter.
   */
  opensAtMs(priority: RequestPriority = 'interactive'): number {
    const { pace, inFlight, heldUntilMs, windowBeganMs, windowEndsMs } = this.state
    const alone = pace?.requests === 0 && inFlight > 0
    if (alone) return Number.POSITIVE_INFINITY
    if (this.left < 1) return Math.max(heldUntilMs, windowEndsMs)
    const reserved = pace === null || priority === 'interactive' ? 0 : Math.floor(pace.requests / 10)
    if (this.left - reserved >= 1) return heldUntilMs
    return Math.max(heldUntilMs, windowEndsMs - (windowEndsMs - windowBeganMs) / 4)
  }

  /** One request is sent. */
  take(nowMs: number): void {
    if (nowMs >= this.state.windowEndsMs) this.#beginWindow(nowMs)
    this.state.left -= 1
    this.state.inFlight += 1
  }

  /** What was taken was not sent, or not counted. */
  giveBack(takenAtMs: number): void {
    this.state.inFlight -= 1
    if (takenAtMs >= this.state.windowBeganMs) this.state.left += 1
  }

  /** The request that was sent at `sentAtMs` is over. */
  release(observation: RateObservation | undefined, sentAtMs: number, nowMs: number): void {
    const { state } = this
    state.inFlight -= 1
    const { limit, remaining, resetSeconds, holdMs, isGuessed = false } = observation ?? {}
    if (limit !== undefined) this.learnLimit(limit, nowMs)
    if (holdMs !== undefined) {
      const isUnexplained = remaining === undefined || remaining > 0
      this.#hold(holdMs, isUnexplained ? { waitMs: isGuessed ? 0 : holdMs } : null, nowMs)
      return
    }
    if (observation !== undefined) this.#accept(sentAtMs)
    // What a late answer says is about an earlier window.
    if (sentAtMs < state.windowBeganMs) return
    if (remaining !== undefined && resetSeconds !== undefined) {
      const endsMs = nowMs + resetSeconds * 1_000
      const known = state.lowest !== Number.POSITIVE_INFINITY || this.#isCounted(nowMs)
      state.windowEndsMs = known ? Math.max(state.windowEndsMs, endsMs) : endsMs
      state.lowest = Math.min(state.lowest, remaining)
      if (!this.#isCounted(nowMs)) state.left = Number.POSITIVE_INFINITY
    } else if (this.#isCounted(nowMs) && !state.answered) {
      // A request may have been long on its way: the server's window began no later than its first answer came.
      state.windowEndsMs = nowMs + (state.pace?.windowMs ?? 0)
      state.answered = true
    } else if (state.windowEndsMs === Number.POSITIVE_INFINITY) {
      // Nothing says when the window ends, so nothing may be left waiting for it.
      state.left += 1
    }
  }

  /** Of several limits that are named for it, the smallest counts. */
  learnLimit(limit: number, nowMs: number): void {
    if (this.#isCounted(nowMs)) return
    const { pace } = this.state
    const known = pace === null ? limit : Math.min(pace.requests, limit)
    this.state.pace = {
      requests: Math.max(1, known),
      windowMs: Number.POSITIVE_INFINITY,
      knownSinceMs: pace?.knownSinceMs ?? nowMs,
    }
  }

  #accept(atMs: number): void {
    const { accepted } = this.state
    const last = accepted.at(-1)
    if (last?.atMs === atMs) last.count += 1
    else accepted.push({ atMs, count: 1 })
    if (accepted.length > acceptedRetained) accepted.shift()
  }

  #hold(holdMs: number, unexplained: { readonly waitMs: number } | null, nowMs: number): void {
    const { state } = this
    state.heldUntilMs = Math.max(state.heldUntilMs, nowMs + holdMs)
    state.left = 0
    state.windowEndsMs = state.heldUntilMs
    if (unexplained !== null) state.refusal ??= { atMs: nowMs, ...unexplained }
  }

  #beginWindow(nowMs: number): void {
    const { state } = this
    if (state.refusal !== null) {
      state.pace = this.#paceSeen(state.refusal, nowMs)
      state.refusal = null
    }
    if (state.pace !== null && nowMs - state.pace.knownSinceMs > rememberMs) state.pace = null
    const { requests, windowMs } = state.pace ?? { requests: 0, windowMs: Number.POSITIVE_INFINITY }
    state.left = requests === 0 ? Number.POSITIVE_INFINITY : requests
    state.windowBeganMs = nowMs
    state.windowEndsMs = nowMs + windowMs
    state.lowest = Number.POSITIVE_INFINITY
    state.answered = false
  }

  /**
   * What was taken before a refusal, and in what time. A wait is the rest of a window, so the window began earlier than
   * as long before the refusal, or thereabouts; and the answers to what was under way then are here by now. Where no wait
   * was named, nothing says how long a window is, and one at a time is sent.
   */
  #paceSeen({ atMs, waitMs }: { atMs: number; waitMs: number }, nowMs: number): Pace {
    const taken = this.state.accepted.filter((each) => each.atMs > atMs - waitMs && each.atMs <= atMs)
    const firstMs =
      taken.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...taken.map((each) => each.atMs))
    const requests = taken.reduce((sum, { count }) => sum + count, 0)
    return { requests, windowMs: this.state.heldUntilMs - firstMs, knownSinceMs: nowMs }
  }

  /** Whether what is known was counted from refusals: it holds whatever the headers say. */
  #isCounted(nowMs: number): boolean {
    const { pace } = this.state
    return (
      pace !== null && pace.windowMs !== Number.POSITIVE_INFINITY && nowMs - pace.knownSinceMs <= rememberMs
    )
  }
}
