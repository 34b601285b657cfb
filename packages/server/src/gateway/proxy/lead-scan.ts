import { byte, deepest, more, skipColon, skipSpace, skipString, skipValue, Unreadable } from './json-scan.ts'
import { firstMember, nameOf, nextMember, skipName } from './record-cut.ts'

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
  const leads: string[] = []
  let isSaid = false
  const value = (at: number, depth: number): number => {
    if (depth > deepest) throw new Unreadable('nested too deeply')
    if (record[at] === byte.openObject) return members(at, depth)
    if (record[at] !== byte.openList) return skipValue(record, at, depth)
    let here = skipSpace(record, at + 1)
    while (record[here] !== byte.closeList) {
      const end = value(here, depth + 1)
      if (end === more) return more
      here = skipSpace(record, end)
      if (record[here] === byte.comma) here = skipSpace(record, here + 1)
    }
    return here + 1
  }
  const members = (at: number, depth: number): number => {
    let here = firstMember(record, at)
    while (here >= 0 && record[here] !== byte.closeObject) {
      const nameEnd = skipName(record, here)
      const from = nameEnd === more ? more : skipColon(record, nameEnd)
      const end = from === more ? more : value(from, depth + 1)
      if (end === more) return more
      const name = nameOf(record, here, nameEnd)
      const isOwn = depth === 0 && name === member
      if (isOwn || name === 'lead_id') {
        const said = record[from] === byte.quote ? nameOf(record, from, skipString(record, from)) : null
        if (said !== null) leads.push(said)
        // What is said in another manner can't be decided.
        else if (isOwn || !isNull(record, from)) return more
        if (isOwn) isSaid = true
      }
      here = nextMember(record, skipSpace(record, end))
    }
    return here === more ? more : here + 1
  }
  const end = members(0, 0)
  return end === more ? { leads: [], isSaid: false } : { leads, isSaid }
}

function isNull(record: Buffer, at: number): boolean {
  return record[at] === 0x6e
}
