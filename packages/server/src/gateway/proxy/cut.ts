import { byte, type Json, jsonOf, more, skipColon, skipSpace, skipValue, Unreadable } from './json-scan.ts'
import { nameOf } from './names.ts'
import { type Cut, firstMember, nextMember, RecordCutter, skipName } from './record-cut.ts'
import { Slices } from './slices.ts'

/** Of what is held because the end of a record is not there yet. */
const mostHeldBytes = 8 * 1024 * 1024

/** What stays of the envelope of a list. Other sums over records would tell of fields that are cut. */
const paging = ['has_more', 'cursor', 'cursor_next', 'cursor_previous'] as const
const envelope: ReadonlySet<string> = new Set([...paging, 'total_results', 'count'])
/** Where records are left out, their number is, too. */
const envelopeOfSome: ReadonlySet<string> = new Set(paging)

/**
 * Cuts an answer while it comes: one record, `{"data": [records]}`, or a list of records. All that it gives out is a slice
 * of what came, so numbers and escapes stay as they were. It gives out nothing that it does not understand.
 */
export class Cutter {
  readonly #records: RecordCutter
  readonly #take: ((record: Buffer) => void) | null
  #state: 'start' | 'records' | 'envelope' | 'end' = 'start'
  #inEnvelope = false
  #afterRecord = false
  /** What came and is not done with. */
  #parts: Buffer[] = []
  #heldBytes = 0
  #tryAtBytes = 0
  /** Of what the last `push` or `end` gave out: so much stands before the records. */
  headBytes = 0

  /** @param take is given each record, in place of what `push` returns; commas between them are its own to write */
  constructor(cut: Cut, take: ((record: Buffer) => void) | null = null) {
    this.#records = new RecordCutter(cut)
    this.#take = take
  }

  /** Whether the list of records is over, or there is none. */
  get isPastRecords(): boolean {
    return this.#state === 'envelope' || this.#state === 'end'
  }

  /**
   * @returns what may go out by now; may be empty
   * @throws {Unreadable}
   */
  push(part: Buffer): Buffer {
    this.#parts.push(part)
    this.#heldBytes += part.length
    if (this.#heldBytes > mostHeldBytes) throw new Unreadable('a record is too large')
    // A record that comes in many parts is read again only when twice as much of it is there.
    return this.#heldBytes < this.#tryAtBytes ? Buffer.alloc(0) : this.#work()
  }

  /** @throws {Unreadable} if the answer stops before its end */
  end(): Buffer {
    const rest = this.#work()
    if (this.#state !== 'end') throw new Unreadable('the answer stops before its end')
    return rest
  }

  #work(): Buffer {
    const [only = Buffer.alloc(0)] = this.#parts
    const bytes = this.#parts.length > 1 ? Buffer.concat(this.#parts, this.#heldBytes) : only
    const json = jsonOf(bytes)
    const out = new Slices(bytes)
    this.headBytes = 0
    let done = 0
    for (;;) {
      const forget = out.mark()
      const at = skipSpace(json, done)
      const next = at >= bytes.length ? more : this.#step(json, at, out)
      if (next === more) {
        forget()
        // Nothing but space is left: it is not held.
        if (at >= bytes.length) done = at
        break
      }
      done = next
    }
    const rest = bytes.subarray(done)
    this.#parts = rest.length === 0 ? [] : [rest]
    this.#heldBytes = rest.length
    this.#tryAtBytes = rest.length * 2
    return out.gather()
  }

  /** @returns where to go on, or `more` */
  #step(json: Json, at: number, out: Slices): number {
    const { bytes } = json
    if (this.#state === 'records') return this.#record(json, at, out)
    if (this.#state === 'envelope') return this.#afterRecords(json, at, out)
    if (this.#state === 'end') throw new Unreadable('text after the end')
    if (bytes[at] === byte.openList) {
      out.keep(at, at + 1)
      return this.#begin(at + 1, out)
    }
    if (bytes[at] !== byte.openObject) throw new Unreadable('neither a record nor a list')
    return this.#envelopeOrRecord(json, at, out)
  }

  /** An object is an envelope if it has a list named `data`. Otherwise it is a record. */
  #envelopeOrRecord(json: Json, at: number, out: Slices): number {
    const { bytes } = json
    const forget = out.mark()
    out.keep(at, at + 1)
    let anyStays = false
    let before = at + 1
    let here = firstMember(json, at)
    while (here !== more && bytes[here] !== byte.closeObject) {
      const nameEnd = skipName(json, here)
      const value = nameEnd === more ? more : skipColon(json, nameEnd)
      if (value === more) return more
      const name = nameOf(json, here, nameEnd)
      const isData = name === 'data' && bytes[value] === byte.openList
      const end = isData ? value + 1 : skipValue(json, value, 1)
      if (end === more) return more
      if (isData || this.#stays(json, name, value, end)) {
        out.keep(anyStays || before === at + 1 ? before : here, end)
        anyStays = true
      }
      if (isData) {
        this.#inEnvelope = true
        return this.#begin(end, out)
      }
      before = skipSpace(json, end)
      here = nextMember(json, before)
    }
    if (here === more) return more
    forget()
    const end = this.#cutRecord(json, at, 1, out)
    if (end !== more) this.#state = 'end'
    return end
  }

  #begin(at: number, out: Slices): number {
    this.#state = 'records'
    this.headBytes = out.length
    return at
  }

  #record(json: Json, at: number, out: Slices): number {
    const { bytes } = json
    if (bytes[at] === byte.closeList) {
      out.keep(at, at + 1)
      this.#state = this.#inEnvelope ? 'envelope' : 'end'
      return at + 1
    }
    let record = at
    if (this.#afterRecord) {
      if (bytes[at] !== byte.comma) throw new Unreadable('no comma between records')
      record = skipSpace(json, at + 1)
      if (record >= bytes.length) return more
      if (this.#take === null) out.keep(at, record)
    }
    if (bytes[record] !== byte.openObject) throw new Unreadable('a list of something else')
    const end = this.#cutRecord(json, record, 2, out)
    if (end !== more) this.#afterRecord = true
    return end
  }

  #cutRecord(json: Json, at: number, depth: number, out: Slices): number {
    const { bytes } = json
    if (this.#take === null) return this.#records.cut(json, at, depth, out)
    const record = new Slices(bytes)
    const end = this.#records.cut(json, at, depth, record)
    if (end !== more) this.#take(record.gather())
    return end
  }

  #afterRecords(json: Json, at: number, out: Slices): number {
    const { bytes } = json
    const here = nextMember(json, at)
    if (here === more) return more
    if (bytes[here] === byte.closeObject) {
      out.keep(here, here + 1)
      this.#state = 'end'
      return here + 1
    }
    const nameEnd = skipName(json, here)
    const value = nameEnd === more ? more : skipColon(json, nameEnd)
    const end = value === more ? more : skipValue(json, value, 1)
    if (end === more) return more
    const name = nameOf(json, here, nameEnd)
    if (name === 'data') throw new Unreadable('two lists of records')
    if (this.#stays(json, name, value, end)) out.keep(at, end)
    return end
  }

  /** Whether a member of the envelope stays. */
  #stays(json: Json, name: string, value: number, end: number): boolean {
    const names = this.#take === null ? envelope : envelopeOfSome
    return names.has(name) && isPlain(json, value, end)
  }
}

/** Whether a value says how many there are or where to go on, and holds nothing else. */
function isPlain(json: Json, value: number, end: number): boolean {
  const { bytes } = json
  const first = bytes[value]
  if (first === byte.openList) return false
  if (first !== byte.openObject) return true
  // {"limited": 100, "total": 312}
  return end - value < 200 && !/[[{]|:\s*"/.test(json.text.slice(value + 1, end))
}
