import type { CloseClock } from '@latchwork/close'

/** A clock that moves only when told to, or (with `jumps`) straight to the end of every sleep. */
export class ManualClock implements CloseClock {
  #nowMs: number
  readonly #jumps: boolean
  #sleepers: { atMs: number; wake: () => void }[] = []
  readonly slept: number[] = []

  constructor(options: { startMs?: number; jumps?: boolean } = {}) {
    this.#nowMs = options.startMs ?? 1_800_000_000_000
    this.#jumps = options.jumps ?? false
  }

  now(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms)
    if (this.#jumps) {
      signal?.throwIfAborted()
      this.#nowMs += ms
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const sleeper = { atMs: this.#nowMs + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal.reason)
      })
    })
  }

  get sleeperCount(): number {
    return this.#sleepers.length
  }

  /** Moves on, wakes who is due, and lets everything that follows from it happen. */
  async advance(ms: number): Promise<void> {
    this.#nowMs += ms
    const due = this.#sleepers.filter((sleeper) => sleeper.atMs <= this.#nowMs)
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.atMs > this.#nowMs)
    for (const sleeper of due) sleeper.wake()
    await settled()
  }
}

/** Resolves once all promises that can go on have done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
