import type { Io } from './io.ts'
import { clean } from './terminal.ts'

const repaintMs = 100
const lineEveryMs = 5000
/** What is over sooner is not worth a word. */
const waitMs = 1000

/** How far something long is, on standard error: one line that changes in a terminal, elsewhere a line now and then. */
export class Progress {
  readonly #stderr: Io['stderr']
  #said = ''
  /** When the next line may be shown, by `performance.now()`. */
  #nextAtMs = performance.now() + waitMs
  #isShown = false

  constructor({ stderr }: Pick<Io, 'stderr'>) {
    this.#stderr = stderr
  }

  /** Shows the line, unless the one before has just been shown or it all has just begun. */
  say(text: string): void {
    const line = clean(text)
    const inTerminal = this.#stderr.isTTY === true
    const nowMs = performance.now()
    if (line === this.#said || nowMs < this.#nextAtMs) return
    this.#said = line
    this.#nextAtMs = nowMs + (inTerminal ? repaintMs : lineEveryMs)
    if (inTerminal) this.#stderr.write(`\r\u001b[2K${line.slice(0, (this.#stderr.columns ?? 80) - 1)}`)
    else this.#stderr.write(`${line}\n`)
    this.#isShown = inTerminal
  }

  /** What is said next begins on a line of its own. */
  end(): void {
    if (this.#isShown) this.#stderr.write('\r\u001b[2K')
    this.#isShown = false
  }
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
