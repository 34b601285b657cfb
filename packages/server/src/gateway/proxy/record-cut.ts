import {
  byte,
  deepest,
  type Json,
  more,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
  Unreadable,
} from './json-scan.ts'
import { nameOf, textOf } from './names.ts'
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
  cut(json: Json, at: number, depth: number, out: Slices): number {
    if (this.#cut.object !== null)
      return this.#record(json, at, this.#cut.fieldsOf(this.#cut.object), depth, out)
    const type = typeOf(json, at, depth)
    if (type === more) return more
    return this.#record(json, at, type === null ? noFields : this.#cut.fieldsOf(type), depth, out)
  }

  #record(json: Json, at: number, fields: ReadonlySet<string> | null, depth: number, out: Slices): number {
    const { bytes } = json
    if (depth > deepest) throw new Unreadable('nested too deeply')
    if (fields === null && this.#nested.size === 0) return whole(json, at, at, depth, out)
    out.keep(at, at + 1)
    // A member is kept with the comma before it, unless it is the first one that stays.
    let before = at + 1
    let anyStays = false
    let here = firstMember(json, at)
    while (here >= 0 && bytes[here] !== byte.closeObject) {
      const nameEnd = skipName(json, here)
      const value = nameEnd === more ? more : skipColon(json, nameEnd)
      if (value === more) return more
      const name = nameOf(json, here, nameEnd)
      const from = anyStays || before === at + 1 ? before : here
      const stays =
        fields === null || fields.has(name) || (name.startsWith('custom.') && fields.has('custom'))
      const other = stays ? this.#nested.get(name) : null
      let end: number
      if (other === null || (other !== undefined && this.#tellsOf(json, value, other))) {
        end = skipValue(json, value, depth)
      } else {
        anyStays = true
        if (other === undefined) end = whole(json, from, value, depth, out)
        else end = this.#others(json, from, value, other, depth, out)
      }
      if (end === more) return more
      before = skipSpace(json, end)
      here = nextMember(json, before)
    }
    if (here === more) return more
    out.keep(here, here + 1)
    return here + 1
  }

  /** Whether a value that is no record tells of an object that is not shown whole. */
  #tellsOf(json: Json, value: number, object: string): boolean {
    const { bytes } = json
    if (this.#cut.fieldsOf(object) === null) return false
    const inner = bytes[value] === byte.openList ? skipSpace(json, value + 1) : value
    const first = bytes[inner]
    return first !== byte.openObject && first !== byte.closeList && first !== 0x6e
  }

  /** A record of another object, a list of them, or words. */
  #others(json: Json, from: number, value: number, object: string, depth: number, out: Slices): number {
    const { bytes } = json
    const fields = this.#cut.fieldsOf(object)
    if (bytes[value] === byte.openObject) {
      out.keep(from, value)
      return this.#record(json, value, fields, depth + 1, out)
    }
    if (bytes[value] !== byte.openList) return whole(json, from, value, depth, out)
    out.keep(from, value + 1)
    let before = value + 1
    let here = skipSpace(json, before)
    while (bytes[here] !== byte.closeList) {
      if (here >= bytes.length) return more
      if (bytes[here] !== byte.openObject && fields !== null) throw new Unreadable('a list of several kinds')
      let end: number
      if (bytes[here] === byte.openObject) {
        out.keep(before, here)
        end = this.#record(json, here, fields, depth + 2, out)
      } else end = whole(json, before, here, depth + 1, out)
      if (end === more) return more
      before = skipSpace(json, end)
      here = before
      if (bytes[here] === byte.closeList) break
      here = nextOf(json, here)
      if (here === more) return more
      if (bytes[here] === byte.closeList) throw new Unreadable('a comma before the end')
    }
    out.keep(here, here + 1)
    return here + 1
  }
}

/** Keeps a value as it is, with what stands before it. */
function whole(json: Json, from: number, value: number, depth: number, out: Slices): number {
  const end = skipValue(json, value, depth)
  if (end !== more) out.keep(from, end)
  return end
}

/** What a record says it is; null: it doesn't say. */
function typeOf(json: Json, at: number, depth: number): string | null | typeof more {
  const { bytes } = json
  let objectType: string | null = null
  let type: string | null = null
  let here = firstMember(json, at)
  while (here >= 0 && bytes[here] !== byte.closeObject) {
    const nameEnd = skipName(json, here)
    const value = nameEnd === more ? more : skipColon(json, nameEnd)
    const end = value === more ? more : skipValue(json, value, depth)
    if (end === more) return more
    const name = nameOf(json, here, nameEnd)
    if (name === '__object_type' || name === '_type') {
      if ((name === '_type' ? type : objectType) !== null) throw new Unreadable('a record of two types')
      const said = bytes[value] === byte.quote ? textOf(json, value, end) : ''
      if (name === '_type') type = said
      else objectType = said
    }
    here = nextMember(json, skipSpace(json, end))
  }
  return here === more ? more : (objectType ?? type)
}

/** @returns the position of the first name, or of the closing brace */
export function firstMember(json: Json, at: number): number {
  const { bytes } = json
  const here = skipSpace(json, at + 1)
  return here >= bytes.length ? more : here
}

/**
 * @param at after a member, where no space is
 * @returns the position of the next name, or of the closing brace
 */
export function nextMember(json: Json, at: number): number {
  const { bytes } = json
  if (bytes[at] === byte.closeObject) return at
  const here = nextOf(json, at)
  if (here !== more && bytes[here] === byte.closeObject) throw new Unreadable('a comma before the end')
  return here
}

/** After the comma. */
function nextOf(json: Json, at: number): number {
  const { bytes } = json
  if (at >= bytes.length) return more
  if (bytes[at] !== byte.comma) throw new Unreadable('no comma')
  const here = skipSpace(json, at + 1)
  return here >= bytes.length ? more : here
}

export function skipName(json: Json, at: number): number {
  const { bytes } = json
  if (bytes[at] !== byte.quote) throw new Unreadable('a member without a name')
  return skipString(json, at)
}
