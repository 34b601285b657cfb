import { type Json, Unreadable } from './json-scan.ts'

/** Names that were read before, as they stand between their quotes, with what they mean. */
const known = new Map<string, string>()
const most = 10_000
/** Of a name that is remembered. */
const longest = 80

/**
 * The name of a member, between its quotes. Records have the same names again and again.
 * @throws {Unreadable}
 */
export function nameOf(json: Json, at: number, end: number): string {
  const there = known.get(json.text.slice(at + 1, end - 1))
  if (there !== undefined) return there
  const name = textOf(json, at, end)
  if (end - at > longest) return name
  if (known.size >= most) known.clear()
  // A slice of the whole would keep all of it.
  known.set(json.bytes.toString('latin1', at + 1, end - 1), name)
  return name
}

/** A text as it is meant, between its quotes: `"na\u006de"` is `name`. @throws {Unreadable} */
export function textOf({ bytes }: Json, at: number, end: number): string {
  const plain = bytes.toString('latin1', at + 1, end - 1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all but ASCII, and the backslash.
  if (!/[^\x00-\x5b\x5d-\x7f]/.test(plain)) return plain
  try {
    return String(JSON.parse(bytes.toString('utf8', at, end)))
  } catch {
    throw new Unreadable('a name that is no text')
  }
}
