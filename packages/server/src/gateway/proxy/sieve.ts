import { LatchworkError } from '@latchwork/contract'
import { Cutter } from './cut.ts'
import { leadsOf } from './lead-scan.ts'
import type { Cut } from './record-cut.ts'

/** What decides which records of an answer go out. */
export interface Seeing {
  /** Of a record: which lead it is, or which one it belongs to. */
  readonly member: 'id' | 'lead_id'
  /** Which of these leads may be seen. */
  seen(leads: readonly string[]): Promise<ReadonlySet<string>>
}

/** So many records are asked about at once, */
const atOnce = 100
/** or fewer, where they are large. */
const mostWaitingBytes = 1024 * 1024

interface Waiting {
  readonly record: Buffer
  readonly leads: readonly string[]
}

/**
 * Leaves out the records of an answer whose leads may not be seen, while it comes, and what `Cutter` cuts. A record of no
 * lead is left out.
 */
export class Sieve {
  readonly #cutter: Cutter
  readonly #seeing: Seeing
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #inList = false
  #anyOut = false

  constructor(cut: Cut, seeing: Seeing) {
    this.#seeing = seeing
    this.#cutter = new Cutter(cut, (record) => this.#take(record))
  }

  /**
   * @returns what may go out by now; may be empty. A promise only where Close is asked: while nothing is, the answer need
   * not wait.
   * @throws {Unreadable}
   * @throws {LatchworkError} what asking throws
   */
  push(part: Buffer): Buffer | Promise<Buffer> {
    return this.#settle(this.#cutter.push(part))
  }

  /** @throws as `push`; {LatchworkError} `lead_unseen` for an answer that is one record, which may not be seen */
  async end(): Promise<Buffer> {
    const rest = await this.#settle(this.#cutter.end())
    if (!this.#inList && !this.#anyOut) throw new LatchworkError('lead_unseen')
    return rest
  }

  #take(record: Buffer): void {
    const { leads, isSaid } = leadsOf(record, this.#seeing.member)
    if (!isSaid) return
    this.#waiting.push({ record, leads })
    this.#waitingBytes += record.length
  }

  /** @param around what stands before the records and after them */
  #settle(around: Buffer): Buffer | Promise<Buffer> {
    const isOver = this.#cutter.isPastRecords
    const { before, after } = this.#split(around, isOver)
    const isMuch = this.#waiting.length >= atOnce || this.#waitingBytes > mostWaitingBytes
    if (this.#waiting.length === 0) return around
    return isOver || isMuch ? this.#ask(before, after) : before
  }

  async #ask(before: Buffer, after: Buffer): Promise<Buffer> {
    const waiting = this.#waiting.splice(0)
    this.#waitingBytes = 0
    const parts = [before]
    for (let from = 0; from < waiting.length; from += atOnce) {
      const some = waiting.slice(from, from + atOnce)
      const seen = await this.#seeing.seen([...new Set(some.flatMap(({ leads }) => leads))])
      for (const { record, leads } of some) {
        if (!leads.every((lead) => seen.has(lead))) continue
        if (this.#anyOut) parts.push(comma)
        this.#anyOut = true
        parts.push(record)
      }
    }
    return Buffer.concat([...parts, after])
  }

  #split(around: Buffer, isOver: boolean): { before: Buffer; after: Buffer } {
    const nothing = Buffer.alloc(0)
    const head = this.#inList ? 0 : this.#cutter.headBytes
    if (head > 0) this.#inList = true
    return {
      before: head > 0 ? around.subarray(0, head) : nothing,
      after: isOver ? around.subarray(head) : nothing,
    }
  }
}

const comma = Buffer.from(',')
