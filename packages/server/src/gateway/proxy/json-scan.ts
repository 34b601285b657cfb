/*
 * Finds where things of JSON end, in bytes that may stop anywhere. Every function returns the position after what it
 * found, or `more` if the bytes stop before that is known.
 */

/** The bytes of some JSON. */
export interface Json {
  readonly bytes: Buffer
  /** The same in Latin 1, of which each character is a byte: in a text the end of a string is found sooner. */
  readonly text: string
}

export function jsonOf(bytes: Buffer): Json {
  return { bytes, text: bytes.toString('latin1') }
}

/** The bytes stop too early. */
export const more = -1

/** What is read is no JSON, or more than we take. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

export const deepest = 128

export const byte = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const

/** @returns the position of the next byte that is no space; the end of the bytes if there is none */
export function skipSpace({ bytes }: Json, at: number): number {
  const { length } = bytes
  let here = at
  while (here < length) {
    const each = bytes[here]
    if (each !== 0x20 && each !== 0x0a && each !== 0x0d && each !== 0x09) return here
    here += 1
  }
  return here
}

/** @param at of the opening quote */
export function skipString({ bytes, text }: Json, at: number): number {
  let here = at + 1
  for (;;) {
    const quote = text.indexOf('"', here)
    if (quote === -1) return more
    // An odd number of backslashes before it makes it a part of the text.
    let first = quote
    while (first > here && bytes[first - 1] === 0x5c) first -= 1
    if ((quote - first) % 2 === 0) return quote + 1
    here = quote + 1
  }
}

/** @returns the position of the value of a member whose name ends at `at` */
export function skipColon(json: Json, at: number): number {
  const { bytes } = json
  const colon = skipSpace(json, at)
  if (colon >= bytes.length) return more
  if (bytes[colon] !== byte.colon) throw new Unreadable('a name without a value')
  const value = skipSpace(json, colon + 1)
  return value >= bytes.length ? more : value
}

/** @param depth of what the value stands in */
export function skipValue(json: Json, at: number, depth: number): number {
  const { bytes } = json
  const first = bytes[at]
  if (first === undefined) return more
  if (first === byte.quote) return skipString(json, at)
  if (first === byte.openObject) return skipMembers(json, at, depth + 1)
  if (first === byte.openList) return skipItems(json, at, depth + 1)
  if (first === 0x74) return skipWord(json, at, 'true')
  if (first === 0x66) return skipWord(json, at, 'false')
  if (first === 0x6e) return skipWord(json, at, 'null')
  return skipNumber(json, at)
}

function skipMembers(json: Json, at: number, depth: number): number {
  const { bytes } = json
  if (depth > deepest) throw new Unreadable('nested too deeply')
  let here = skipSpace(json, at + 1)
  if (bytes[here] === byte.closeObject) return here + 1
  for (;;) {
    if (here >= bytes.length) return more
    if (bytes[here] !== byte.quote) throw new Unreadable('a member without a name')
    const name = skipString(json, here)
    if (name === more) return more
    const value = skipColon(json, name)
    if (value === more) return more
    const end = skipValue(json, value, depth)
    if (end === more) return more
    here = skipSpace(json, end)
    if (here >= bytes.length) return more
    if (bytes[here] === byte.closeObject) return here + 1
    if (bytes[here] !== byte.comma) throw new Unreadable('no comma between members')
    here = skipSpace(json, here + 1)
  }
}

function skipItems(json: Json, at: number, depth: number): number {
  const { bytes } = json
  if (depth > deepest) throw new Unreadable('nested too deeply')
  let here = skipSpace(json, at + 1)
  if (bytes[here] === byte.closeList) return here + 1
  for (;;) {
    const end = skipValue(json, here, depth)
    if (end === more) return more
    here = skipSpace(json, end)
    if (here >= bytes.length) return more
    if (bytes[here] === byte.closeList) return here + 1
    if (bytes[here] !== byte.comma) throw new Unreadable('no comma between items')
    here = skipSpace(json, here + 1)
  }
}

function skipWord({ bytes }: Json, at: number, word: string): number {
  for (let index = 1; index < word.length; index += 1) {
    const each = bytes[at + index]
    if (each === undefined) return more
    if (each !== word.charCodeAt(index)) throw new Unreadable('an unknown word')
  }
  return at + word.length
}

/** A number ends where something else begins: at the end of the bytes nobody knows. */
function skipNumber({ bytes }: Json, at: number): number {
  let here = at
  for (; here < bytes.length; here += 1) {
    const each = bytes[here] ?? 0
    // 0-9 + - . e E
    const isOfNumber =
      (each >= 0x30 && each <= 0x39) ||
      each === 0x2b ||
      each === 0x2d ||
      each === 0x2e ||
      (each | 0x20) === 0x65
    if (isOfNumber) continue
    if (here === at) throw new Unreadable('not a value')
    return here
  }
  return more
}
