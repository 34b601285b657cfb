import type { RateObservation } from './rate-limit-headers.ts'

/** `interactive`: somebody waits for the answer. `backfill`: it leaves a share of each window for the others. */
export type RequestPriority = 'interactive' | 'backfill'

/** The right to send one request. `release` returns it, with what the answer said; without an answer nothing is said. */
export type RatePermit = { release(observation?: RateObservation): void }

/** What a request needs a permit of: a bucket of its key, within one of the organization, for a group of endpoints. */
export type Place = {
  /** See `endpointGroup`. */
  group: string
  /** Names the API key or the grant that Close counts for, without being it. By default there is one. */
  key: string
  priority: RequestPriority
}

export type AcquireOptions = {
  group: string
  key?: string | undefined
  /** Who asks: those who wait are served in turn, whoever asks how often. */
  consumer?: string | undefined
  priority?: RequestPriority
  /** Fail with `rate_limited` rather than wait longer than this for a window to reset. */
  maxWaitMs?: number
  /**
   * Takes none of the places of `maxConcurrent`, and waits for none: for what a request that holds one waits for itself.
   * What was told of its group is kept all the same.
   */
  beside?: boolean
  signal?: AbortSignal | undefined
}

/** The requests that one organization may send, shared by all that act for it. */
export type Budget = {
  /**
   * Waits for the right to send one request to an endpoint group.
   * @throws CloseError `rate_limited` when the group is known to be closed for longer than `maxWaitMs`;
   *   the signal's reason when aborted while waiting
   */
  acquire(options: AcquireOptions): Promise<RatePermit>
}

/** What became of a request, for whoever counts. `refused`: its group is closed for longer than it would have waited. */
export type BudgetUse = Place & { consumer: string } & (
    | { event: 'granted'; waitedMs: number }
    | { event: 'refused' }
    | { event: 'answered'; observation: RateObservation }
  )

/** Where the permits of a budget come from: this process alone, or all processes together. Times: ms since 1970. */
export type PermitSource = {
  /** From when on there is a permit; in the past: now; Infinity: once `changed` was called. */
  opensAtMs(place: Place): number
  /** Takes a permit, which there is. The answer is for `release`. */
  take(place: Place): number
  release(place: Place, takenAtMs: number, observation: RateObservation | undefined): void
  /** Is told of all that waits for nothing but a permit, whenever that may have changed. */
  wanted?(waiting: readonly (Place & { consumer: string })[]): void
  /** Called by the source when there may be permits, or when there won't be: then all who wait are refused with the error. */
  changed: (failure?: unknown) => void
}
