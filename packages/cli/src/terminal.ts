import { styleText } from 'node:util'
import type { Io } from './io.ts'

type Style = Parameters<typeof styleText>[0]

/** Control characters, line and paragraph separators, and characters that change the direction of writing. */
const unsafeRange = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069'
const unsafe = new RegExp(`[${unsafeRange}]+`, 'g')
const unsafeSingle = new RegExp(`[${unsafeRange}]`, 'g')
/** The colours that `styleText` begins and ends with. */
const colour = new RegExp(`(${String.fromCharCode(27)}\\[\\d{1,2}m)`)

/** Makes foreign text safe for a terminal: it can't move the cursor, or change colours or the direction of writing. */
export function clean(text: string): string {
  return text.replaceAll(unsafe, ' ').trim()
}

/** Escapes the same characters in JSON. Programs read the same text, and it is safe for a terminal. */
export function escapeJson(json: string): string {
  return json.replaceAll(unsafeSingle, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Whether a stream is a terminal that can rewrite a line. */
export function paintsOver({ env }: Pick<Io, 'env'>, stream: Io['stdout']): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** Results go to standard output; everything else to standard error, so that a pipe gets results only. */
export class Terminal {
  readonly #io: Io

  constructor(io: Io) {
    this.#io = io
  }

  print(line: string): void {
    this.#io.stdout.write(`${harmless(line, this.#io.stdout)}\n`)
  }

  printJson(value: unknown): void {
    this.#io.stdout.write(`${escapeJson(JSON.stringify(value, null, 2))}\n`)
  }

  note(line: string): void {
    this.#io.stderr.write(`${harmless(line, this.#io.stderr)}\n`)
  }

  /** Colours text if standard output is a terminal and NO_COLOR is not set. */
  paint(style: Style, text: string): string {
    return this.#paint(style, text, this.#io.stdout)
  }

  /** As `paint`, for standard error. */
  paintNote(style: Style, text: string): string {
    return this.#paint(style, text, this.#io.stderr)
  }

  /** The width in columns; Infinity if the output is not a terminal. */
  get width(): number {
    const { stdout, env } = this.#io
    if (stdout.columns !== undefined && stdout.columns > 0) return stdout.columns // 0 for a terminal without a size
    const asked = Number(env['COLUMNS'])
    return Number.isInteger(asked) && asked > 0 ? asked : Number.POSITIVE_INFINITY
  }

  #paint(style: Style, text: string, stream: Io['stdout']): string {
    const { env } = this.#io
    if (!paintsOver(this.#io, stream) || (env['NO_COLOR'] ?? '') !== '') return text
    return styleText(style, text, { validateStream: false })
  }
}

/** Removes unsafe characters. Line breaks stay, and so do our own colours if the stream is a terminal. */
function harmless(text: string, stream: Io['stdout']): string {
  const plain = (part: string) =>
    part.replaceAll(unsafeSingle, (character) => (character === '\n' ? '\n' : ' '))
  if (stream.isTTY !== true) return plain(text)
  return text
    .split(colour)
    .map((part, at) => (at % 2 === 1 ? part : plain(part)))
    .join('')
}
