import { styleText } from 'node:util'
import type { Io } from './io.ts'

type Style = Parameters<typeof styleText>[0]

/** The wait after which a person is told what is being waited for. */
const patienceMs = 1000

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const unsafe = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g

/** Text of others, fit for a terminal: nothing in it moves the cursor, changes colours or the direction of writing. */
export function clean(text: string): string {
  return text.replaceAll(unsafe, ' ').trim()
}

/** Results go to standard output; everything else to standard error, so that a pipe gets results only. */
export class Terminal {
  readonly #io: Io

  constructor(io: Io) {
    this.#io = io
  }

  print(line: string): void {
    this.#io.stdout.write(`${line}\n`)
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, null, 2))
  }

  note(line: string): void {
    this.#io.stderr.write(`${line}\n`)
  }

  /** Colours where standard output is a terminal and NO_COLOR is not set. */
  paint(style: Style, text: string): string {
    return this.#paint(style, text, this.#io.stdout)
  }

  /** As `paint`, for standard error. */
  paintNote(style: Style, text: string): string {
    return this.#paint(style, text, this.#io.stderr)
  }

  /** Columns to write in; Infinity where nobody reads along. */
  get width(): number {
    const { stdout, env } = this.#io
    const asked = Number(env['COLUMNS'])
    return stdout.columns ?? (Number.isInteger(asked) && asked > 0 ? asked : Number.POSITIVE_INFINITY)
  }

  /** Waits for `work`; says what for if it takes longer than a second. */
  async during<T>(what: string, work: Promise<T>): Promise<T> {
    const { stderr } = this.#io
    let said = false
    const timer = setTimeout(() => {
      said = true
      stderr.write(stderr.isTTY === true ? `${what}…` : `${what}…\n`)
    }, patienceMs)
    try {
      return await work
    } finally {
      clearTimeout(timer)
      if (said && stderr.isTTY === true) stderr.write('\r\u001b[2K')
    }
  }

  #paint(style: Style, text: string, stream: Io['stdout']): string {
    const { env } = this.#io
    if (stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return text
    return styleText(style, text, { validateStream: false })
  }
}
