import { byte, deepest, more, skipColon, skipSpace, skipString, skipValue, Unreadable } from './json-scan.ts'
import type { Slices } from './slices.ts'

/** What has to be cut from the records of an answer. */
export interface Cut {
  /** What the records are; null: each says so, by `__object_type` or else by `_type`. */
  readonly object: string | null
  /** The members that stay; `custom` stands for each `custom.…`, too. Null: all stay. */
  fieldsOf(object: string): ReadonlySet<string> | null
  /** Members that hold records, or words, of another object; null: they are cut. */
  readonly nested: Readonly<Record<string, string | null>>
}

const noFields: ReadonlySet<string> = new Set()

/** Cuts single records of which all bytes may be there, or not. */
export class RecordCutter {
  readonly #cut: Cut
  readonly #nested: ReadonlyMap<string, string | null>

  constructor(cut: Cut) {
    this.#cut = cut
    this.#nested = new Map(Object.entries(cut.nested))
  }

  /**
   * @param at of its opening brace
   * @param depth of what it stands in
   * @returns the position after it, or `more`
   * @throws {Unreadable}
   */
  cut(bytes: Buffer, at: number, depth: number, out: Slices): number {
    if (this.#cut.object !== null)
      return this.#record(bytes, at, this.#cut.fieldsOf(this.#cut.object), depth, out)
    const type = typeOf(bytes, at, depth)
    if (type === more) return more
    return this.#record(bytes, at, type === null ? noFields : this.#cut.fieldsOf(type), depth, out)
  }

  #record(bytes: Buffer, at: number, fields: ReadonlySet<string> | null, depth: number, out: Slices): number {
    if (depth > deepest) throw new Unreadable('nested too deeply')
    if (fields === null && this.#nested.size === 0) return whole(bytes, at, at, depth, out)
    out.keep(at, at + 1)
    // A member is kept with the comma before it, unless it is the first one that stays.
    let before = at + 1
    let anyStays = false
    let here = firstMember(bytes, at)
    while (here >= 0 && bytes[here] !== byte.closeObject) {
      const nameEnd = skipName(bytes, here)
      const value = nameEnd === more ? more : skipColon(bytes, nameEnd)
      if (value === more) return more
      const name = nameOf(bytes, here, nameEnd)
      const from = anyStays || before === at + 1 ? before : here
      const stays =
        fields === null || fields.has(name) || (name.startsWith('custom.') && fields.has('custom'))
      const other = stays ? this.#nested.get(name) : null
      let end: number
      if (other === null || (other !== undefined && this.#tellsOf(bytes, value, other))) {
        end = skipValue(bytes, value, depth)
      } else {
        anyStays = true
        if (other === undefined) end = whole(bytes, from, value, depth, out)
        else end = this.#others(bytes, from, value, other, depth, out)
      }
      if (end === more) return more
      before = skipSpace(bytes, end)
      here = nextMember(bytes, before)
    }
    if (here === more) return more
    out.keep(here, here + 1)
    return here + 1
  }

  /** Whether a value that is no record tells of an object that is not shown whole. */
  #tellsOf(bytes: Buffer, value: number, object: string): boolean {
    if (this.#cut.fieldsOf(object) === null) return false
    const inner = bytes[value] === byte.openList ? skipSpace(bytes, value + 1) : value
    const first = bytes[inner]
    return first !== byte.openObject && first !== byte.closeList && first !== 0x6e
  }

  /** A record of another object, a list of them, or words. */
  #others(bytes: Buffer, from: number, value: number, object: string, depth: number, out: Slices): number {
    const fields = this.#cut.fieldsOf(object)
    if (bytes[value] === byte.openObject) {
      out.keep(from, value)
      return this.#record(bytes, value, fields, depth + 1, out)
    }
    if (bytes[value] !== byte.openList) return whole(bytes, from, value, depth, out)
    out.keep(from, value + 1)
    let before = value + 1
    let here = skipSpace(bytes, before)
    while (bytes[here] !== byte.closeList) {
      if (here >= bytes.length) return more
      if (bytes[here] !== byte.openObject && fields !== null) throw new Unreadable('a list of several kinds')
      let end: number
      if (bytes[here] === byte.openObject) {
        out.keep(before, here)
        end = this.#record(bytes, here, fields, depth + 2, out)
      } else end = whole(bytes, before, here, depth + 1, out)
      if (end === more) return more
      before = skipSpace(bytes, end)
      here = before
      if (bytes[here] === byte.closeList) break
      here = nextOf(bytes, here)
      if (here === more) return more
      if (bytes[here] === byte.closeList) throw new Unreadable('a comma before the end')
    }
    out.keep(here, here + 1)
    return here + 1
  }
}

/** Keeps a value as it is, with what stands before it. */
function whole(bytes: Buffer, from: number, value: number, depth: number, out: Slices): number {
  const end = skipValue(bytes, value, depth)
  if (end !== more) out.keep(from, end)
  return end
}

/** What a record says it is; null: it doesn't say. */
function typeOf(bytes: Buffer, at: number, depth: number): string | null | typeof more {
  let objectType: string | null = null
  let type: string | null = null
  let here = firstMember(bytes, at)
  while (here >= 0 && bytes[here] !== byte.closeObject) {
    const nameEnd = skipName(bytes, here)
    const value = nameEnd === more ? more : skipColon(bytes, nameEnd)
    const end = value === more ? more : skipValue(bytes, value, depth)
    if (end === more) return more
    const name = nameOf(bytes, here, nameEnd)
    if (name === '__object_type' || name === '_type') {
      if ((name === '_type' ? type : objectType) !== null) throw new Unreadable('a record of two types')
      const said = bytes[value] === byte.quote ? nameOf(bytes, value, end) : ''
      if (name === '_type') type = said
      else objectType = said
    }
    here = nextMember(bytes, skipSpace(bytes, end))
  }
  return here === more ? more : (objectType ?? type)
}

/** @returns the position of the first name, or of the closing brace */
export function firstMember(bytes: Buffer, at: number): number {
  const here = skipSpace(bytes, at + 1)
  return here >= bytes.length ? more : here
}

/**
 * @param at after a member, where no space is
 * @returns the position of the next name, or of the closing brace
 */
export function nextMember(bytes: Buffer, at: number): number {
  if (bytes[at] === byte.closeObject) return at
  const here = nextOf(bytes, at)
  if (here !== more && bytes[here] === byte.closeObject) throw new Unreadable('a comma before the end')
  return here
}

/** After the comma. */
function nextOf(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return more
  if (bytes[at] !== byte.comma) throw new Unreadable('no comma')
  const here = skipSpace(bytes, at + 1)
  return here >= bytes.length ? more : here
}

export function skipName(bytes: Buffer, at: number): number {
  if (bytes[at] !== byte.quote) throw new Unreadable('a member without a name')
  return skipString(bytes, at)
}

/** A text as it is meant, between its quotes: `"na\u006de"` is `name`. */
export function nameOf(bytes: Buffer, at: number, end: number): string {
  const plain = bytes.toString('latin1', at + 1, end - 1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all but ASCII, and the backslash.
  if (!/[^\x00-\x5b\x5d-\x7f]/.test(plain)) return plain
  try {
    return String(JSON.parse(bytes.toString('utf8', at, end)))
  } catch {
    throw new Unreadable('a name that is no text')
  }
}
