import type { Clock } from '@latchwork/connectors'
import { awayOf, doublingMs, LatchworkError } from '@latchwork/contract'

/** How long a run waits for what is away. Milliseconds. */
export interface Waits {
  /** In all, without a page in between. */
  readonly longestMs: number
  /** Before the first further try; each pause is twice as long as the one before it. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

export const defaultWaits: Waits = {
  longestMs: 15 * 60_000,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
}

/** `waitMs`: try again then. `againAfterMs`: it has been away for too long, but may come back. Null: it does not pass. */
export type Pause =
  | { readonly waitMs: number; readonly sentence: string }
  | { readonly againAfterMs: number }
  | null

/** The time since something went away. */
export class Outage {
  readonly #clock: Pick<Clock, 'now'>
  readonly #waits: Waits
  #sinceMs: number | null = null
  #failures = 0

  constructor(clock: Pick<Clock, 'now'>, waits: Waits) {
    this.#clock = clock
    this.#waits = waits
  }

  get lasts(): boolean {
    return this.#sinceMs !== null
  }

  /** What was away is there: the next time counts from its beginning. */
  over(): void {
    this.#sinceMs = null
    this.#failures = 0
  }

  /** @param name of what failed, in a sentence */
  pauseAfter(error: unknown, name: string): Pause {
    const away = awayOf(error)
    if (away === null) return null
    const { firstPauseMs, longestPauseMs, longestMs } = this.#waits
    const nowMs = this.#clock.now()
    this.#sinceMs ??= nowMs
    this.#failures += 1
    const growing = doublingMs(this.#failures, firstPauseMs, longestPauseMs)
    const waitMs = Math.max(growing, away.retryAfterMs ?? 0)
    const lastedMs = nowMs - this.#sinceMs
    if (lastedMs + waitMs > longestMs) return { againAfterMs: waitMs }
    const sentence = `${awayFor(error, name, lastedMs)}; next try in ${Math.ceil(waitMs / 1000)} s.`
    return { waitMs, sentence }
  }
}

/** What is away and how, where it is neither of the two systems. */
const others: Readonly<Record<string, readonly [what: string, state: string]>> = {
  disk_full: ['The disk', 'full'],
  storage_unavailable: ["Latchwork's own database", 'away'],
  kms_unavailable: ['The key management service', 'away'],
}

function awayFor(error: unknown, name: string, lastedMs: number): string {
  const [what, state] = others[codeOf(error)] ?? [name, 'away']
  const seconds = Math.floor(lastedMs / 1000)
  if (seconds === 0) return `${what} is ${state}`
  const minutes = Math.floor(seconds / 60)
  const time = minutes === 0 ? `${seconds} s` : minutes === 1 ? '1 minute' : `${minutes} minutes`
  return `${what} has been ${state} for ${time}`
}

function codeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof LatchworkError) return each.code
  }
  return ''
}

/** Tries until what is away is back, or has been away for too long. @throws what was met last, or the signal's reason */
export async function untilBack<T>(
  work: () => Promise<T>,
  { clock, waits, signal }: { readonly clock: Clock; readonly waits: Waits; readonly signal: AbortSignal },
): Promise<T> {
  const outage = new Outage(clock, waits)
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const pause = outage.pauseAfter(error, '')
      if (pause === null || !('waitMs' in pause)) throw error
      await clock.sleep(pause.waitMs, signal)
    }
  }
}
