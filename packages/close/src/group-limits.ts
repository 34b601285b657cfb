import type { RateLimitState } from './rate-limit-headers.ts'

/** What an answer said about its endpoint group. */
export type RateObservation = RateLimitState & {
  /** Milliseconds for which nothing more may be sent to the group: it was told to wait. */
  holdMs?: number
}

/** How much the group takes: as a header says, or as was seen of one that says nothing but "wait". */
type Pace = {
  /** In one window. 0: not even the first was taken, so one at a time is sent until it is known. */
  requests: number
  /** Of a window; Infinity where answers say when theirs ends. */
  windowMs: number
  knownSinceMs: number
}

/** A limit is forgotten after this, in case it was a passing one. */
const rememberMs = 10 * 60_000
/** Requests that were taken, remembered to count those of one window. */
const acceptedRetained = 1_000

/**
 * What is known of the limits of one endpoint group, and whether it takes a request now. Between a refusal and the time
 * that it names nothing is sent; after it no more at once than the group takes in one window, so that only requests
 * that were under way are ever refused.
 */
export class GroupLimits {
  #inFlight = 0
  #heldUntilMs = 0
  /** Requests that may still be sent in this window, by the pace. */
  #left = Number.POSITIVE_INFINITY
  /** The lowest number that an answer of this window named. Answers overtake each other: it is the latest one. */
  #lowest = Number.POSITIVE_INFINITY
  /** Infinity: nobody has said. */
  #windowEndsMs = 0
  #pace: Pace | undefined
  /** Whether a request of this window was answered. */
  #answered = false
  /** When requests were sent that were taken; the newest. */
  #accepted: number[] = []
  /** Refused without a word about the limit: when it was, and how long the wait that it named. */
  #refusal: { atMs: number; waitMs: number } | undefined

  /** From when on it takes a request, in milliseconds since 1970; Infinity: once an answer has come. */
  opensAtMs(): number {
    const alone = this.#pace?.requests === 0 && this.#inFlight > 0
    if (alone) return Number.POSITIVE_INFINITY
    // Of those in flight the lowest number may have counted none.
    const left = Math.min(this.#left, this.#lowest - this.#inFlight)
    return Math.max(this.#heldUntilMs, left < 1 ? this.#windowEndsMs : 0)
  }

  /** One request is sent. */
  take(nowMs: number): void {
    if (nowMs >= this.#windowEndsMs) this.#beginWindow(nowMs)
    this.#left -= 1
    this.#inFlight += 1
  }

  /** The request that was sent at `sentAtMs` is over. */
  release(observation: RateObservation | undefined, sentAtMs: number, nowMs: number): void {
    this.#inFlight -= 1
    const { limit, remaining, resetSeconds, holdMs } = observation ?? {}
    if (limit !== undefined) this.#learnLimit(limit, nowMs)
    if (holdMs !== undefined) {
      this.#hold(holdMs, remaining === undefined || remaining > 0, nowMs)
      return
    }
    if (observation !== undefined) this.#accepted = [...this.#accepted, sentAtMs].slice(-acceptedRetained)
    if (remaining !== undefined && resetSeconds !== undefined) {
      const endsMs = nowMs + resetSeconds * 1_000
      const known = this.#lowest !== Number.POSITIVE_INFINITY || this.#isCounted(nowMs)
      this.#windowEndsMs = known ? Math.max(this.#windowEndsMs, endsMs) : endsMs
      this.#lowest = Math.min(this.#lowest, remaining)
      if (!this.#isCounted(nowMs)) this.#left = Number.POSITIVE_INFINITY
    } else if (this.#isCounted(nowMs) && !this.#answered) {
      // A request may have been long on its way: the server's window began no later than its first answer came.
      this.#windowEndsMs = nowMs + (this.#pace?.windowMs ?? 0)
      this.#answered = true
    } else if (this.#windowEndsMs === Number.POSITIVE_INFINITY) {
      // Nothing says when the window ends, so nothing may be left waiting for it.
      this.#left += 1
    }
  }

  #hold(holdMs: number, isUnexplained: boolean, nowMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + holdMs)
    this.#left = 0
    this.#windowEndsMs = this.#heldUntilMs
    if (isUnexplained) this.#refusal ??= { atMs: nowMs, waitMs: holdMs }
  }

  #beginWindow(nowMs: number): void {
    if (this.#refusal !== undefined) {
      this.#pace = this.#paceSeen(this.#refusal, nowMs)
      this.#refusal = undefined
    }
    if (this.#pace !== undefined && nowMs - this.#pace.knownSinceMs > rememberMs) this.#pace = undefined
    const { requests, windowMs } = this.#pace ?? { requests: 0, windowMs: Number.POSITIVE_INFINITY }
    this.#left = requests === 0 ? Number.POSITIVE_INFINITY : requests
    this.#windowEndsMs = nowMs + windowMs
    this.#lowest = Number.POSITIVE_INFINITY
    this.#answered = false
  }

  /**
   * What was taken before a refusal, and in what time. A wait is the rest of a window, so the window began earlier than
   * as long before the refusal, or thereabouts; and the answers to what was under way then are here by now.
   */
  #paceSeen({ atMs, waitMs }: { atMs: number; waitMs: number }, nowMs: number): Pace {
    const taken = this.#accepted.filter((sentAtMs) => sentAtMs > atMs - waitMs && sentAtMs <= atMs)
    const firstMs = taken.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...taken)
    const windowMs = this.#heldUntilMs - firstMs
    return { requests: taken.length, windowMs, knownSinceMs: nowMs }
  }

  /** Of two buckets, that of the key and that of the organization, a header names one: the smaller limit counts. */
  #learnLimit(limit: number, nowMs: number): void {
    if (this.#isCounted(nowMs)) return
    const known = this.#pace === undefined ? limit : Math.min(this.#pace.requests, limit)
    this.#pace = {
      requests: Math.max(1, known),
      windowMs: Number.POSITIVE_INFINITY,
      knownSinceMs: this.#pace?.knownSinceMs ?? nowMs,
    }
  }

  /** Whether what is known was counted from refusals: it holds whatever the headers say. */
  #isCounted(nowMs: number): boolean {
    const pace = this.#pace
    return (
      pace !== undefined &&
      pace.windowMs !== Number.POSITIVE_INFINITY &&
      nowMs - pace.knownSinceMs <= rememberMs
    )
  }
}
