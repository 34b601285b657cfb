import {
  byte,
  deepest,
  jsonOf,
  more,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
  Unreadable,
} from './json-scan.ts'
import { nameOf, textOf } from './names.ts'
import { firstMember, nextMember, skipName } from './record-cut.ts'

/** Which leads a record says that it is, or belongs to. */
export interface LeadsOfRecord {
  /** All that it names; of a member that stands twice, both. */
  readonly leads: readonly string[]
  /** Whether it says so itself, and not only something inside it. */
  readonly isSaid: boolean
}

/**
 * Finds the leads that a whole record names.
 * @param member of the record itself that says which lead it is or belongs to; inside it that is always `lead_id`
 * @throws {Unreadable}
 */
export function leadsOf(record: Buffer, member: 'id' | 'lead_id'): LeadsOfRecord {
  const json = jsonOf(record)
  const leads: string[] = []
  let isSaid = false
  const value = (at: number, depth: number): number => {
    if (depth > deepest) throw new Unreadable('nested too deeply')
    if (record[at] === byte.openObject) return members(at, depth)
    if (record[at] !== byte.openList) return skipValue(json, at, depth)
    let here = skipSpace(json, at + 1)
    while (record[here] !== byte.closeList) {
      const end = value(here, depth + 1)
      if (end === more) return more
      here = skipSpace(json, end)
      if (record[here] === byte.comma) here = skipSpace(json, here + 1)
    }
    return here + 1
  }
  const members = (at: number, depth: number): number => {
    let here = firstMember(json, at)
    while (here >= 0 && record[here] !== byte.closeObject) {
      const nameEnd = skipName(json, here)
      const from = nameEnd === more ? more : skipColon(json, nameEnd)
      const end = from === more ? more : value(from, depth + 1)
      if (end === more) return more
      const name = nameOf(json, here, nameEnd)
      const isOwn = depth === 0 && name === member
      if (isOwn || name === 'lead_id') {
        const said = record[from] === byte.quote ? textOf(json, from, skipString(json, from)) : null
        if (said !== null) leads.push(said)
        // What is said in another manner can't be decided.
        else if (isOwn || !isNull(record, from)) return more
        if (isOwn) isSaid = true
      }
      here = nextMember(json, skipSpace(json, end))
    }
    return here === more ? more : here + 1
  }
  const end = members(0, 0)
  return end === more ? { leads: [], isSaid: false } : { leads, isSaid }
}

function isNull(record: Buffer, at: number): boolean {
  return record[at] === 0x6e
}
