import type { Io } from './io.ts'
import { shorten } from './table.ts'
import { clean, paintsOver } from './terminal.ts'

const repaintMs = 100
const lineEveryMs = 5000
/** Shorter work shows no progress. */
const waitMs = 1000
const wipe = '\r\u001b[2K'

/**
 * Shows the progress of long work on standard error: in a terminal as one line that changes, elsewhere as a line now
 * and then.
 */
export class Progress {
  readonly #io: Pick<Io, 'stderr' | 'env'>
  readonly #paintsOver: boolean
  #said = ''
  /** The earliest time for the next line, by `performance.now()`. */
  #nextAtMs = performance.now() + waitMs
  #isShown = false

  constructor(io: Pick<Io, 'stderr' | 'env'>) {
    this.#io = io
    this.#paintsOver = paintsOver(io, io.stderr)
  }

  /** Shows the line, unless the previous one or the start was only a moment ago. */
  say(text: string): void {
    const { stderr } = this.#io
    const line = clean(text)
    const nowMs = performance.now()
    if (line === this.#said || nowMs < this.#nextAtMs) return
    this.#said = line
    this.#nextAtMs = nowMs + (this.#paintsOver ? repaintMs : lineEveryMs)
    // A line that the terminal wraps could not be wiped away. 0 columns mean an unknown width.
    if (this.#paintsOver) stderr.write(`${wipe}${shorten(line, (stderr.columns || 80) - 1)}`)
    else stderr.write(`${line}\n`)
    this.#isShown = this.#paintsOver
  }

  /** Ends the progress, so that the next output begins on its own line. */
  end(): void {
    if (this.#isShown) this.#io.stderr.write(wipe)
    this.#isShown = false
  }
}

/** Does long work and ends its progress with it. */
export async function telling<T>(
  io: Pick<Io, 'stderr' | 'env'>,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = new Progress(io)
  try {
    return await work(progress)
  } finally {
    progress.end()
  }
}

/** Waits for `work`. If that takes longer than a second, it says what it waits for. */
export function during<T>(io: Pick<Io, 'stderr' | 'env'>, what: string, work: Promise<T>): Promise<T> {
  return telling(io, async (progress) => {
    const timer = setInterval(() => progress.say(`${what}…`), repaintMs)
    return work.finally(() => clearInterval(timer))
  })
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `1.5 MB`, in powers of 1000. */
export function shortBytes(bytes: number): string {
  let value = bytes
  let at = 0
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at] ?? 'B'}`
}
