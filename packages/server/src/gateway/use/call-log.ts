import type { Act } from '../../audit/log.ts'
import type { NewOf } from '../../database/codec.ts'
import type { passCall } from '../../database/pass-tables.ts'
import type { Logger } from '../../logging/logger.ts'
import { newCallId } from '../store/call-id.ts'
import type { CallStore } from '../store/calls.ts'
import type { PassRow, PassStore } from '../store/passes.ts'

export interface CallLogParts {
  readonly calls: Pick<CallStore, 'record'>
  readonly passes: Pick<PassStore, 'touch'>
  /** Writes an entry of the audit log. */
  readonly record: (act: Act) => Promise<void>
  readonly clock: { now(): number }
  readonly log: Pick<Logger, 'error'>
}

/** A call that is over. */
export type Call = Omit<NewOf<typeof passCall>, 'id' | 'passId'>

/** Calls are stored at most this long after their end. */
const everyMs = 500
/** So many calls are stored at once without waiting for that time. */
const atOnce = 500
/** Calls that wait while the database is away. More are counted and told, and their record is lost. */
const most = 50_000
/** Equal denials of a pass are one entry of the audit log in this time. */
const sameDenialMs = 60_000
const mostDenials = 1000

interface Denials {
  readonly act: Act
  count: number
  saidAtMs: number
}

/** Remembers each call of the gateway, some at a time, so that a call does not wait for the database. */
export class CallLog {
  readonly #parts: CallLogParts
  #waiting: (Call & { readonly passId: string })[] = []
  readonly #used = new Map<string, string>()
  readonly #denials = new Map<string, Denials>()
  #timer: NodeJS.Timeout | null = null
  #timerAtMs = Number.POSITIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()
  #lost = 0

  constructor(parts: CallLogParts) {
    this.#parts = parts
  }

  note({ id: passId, name }: Pick<PassRow, 'id' | 'name'>, call: Call): void {
    this.#used.set(passId, name)
    if (call.decision === 'denied') this.#noteDenial(passId, name, call)
    if (this.#waiting.length >= most) this.#lost += 1
    else this.#waiting.push({ ...call, passId })
    if (this.#waiting.length >= atOnce) this.#write()
    else this.#plan(everyMs)
  }

  /** Stores all that is there now. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const before = this.#waiting.length
      this.#write()
      await this.#writing
      if (this.#waiting.length >= before) break // the database is away
    }
    for (const denials of this.#denials.values()) denials.saidAtMs = Number.NEGATIVE_INFINITY
    this.#write()
    await this.#writing
    this.#unplan()
  }

  /** Writes after this time, or before, if that was planned. */
  #plan(afterMs: number): void {
    const atMs = performance.now() + afterMs
    if (atMs >= this.#timerAtMs) return
    this.#unplan()
    this.#timerAtMs = atMs
    this.#timer = setTimeout(() => this.#write(), afterMs)
  }

  #unplan(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#timerAtMs = Number.POSITIVE_INFINITY
  }

  #noteDenial(passId: string, name: string, { code, rule, method, path, address }: Call): void {
    const key = `${passId} ${code} ${rule}`
    const there = this.#denials.get(key)
    if (there !== undefined) {
      there.count += 1
      return
    }
    if (this.#denials.size >= mostDenials) return
    const object = { kind: 'pass', id: passId, name }
    const act: Act = {
      action: 'pass.denied',
      object,
      result: 'refused',
      reason: code,
      after: { rule, method, path, address },
    }
    this.#denials.set(key, { act, count: 1, saidAtMs: Number.NEGATIVE_INFINITY })
  }

  #write(): void {
    this.#unplan()
    this.#writing = this.#writing
      .then(() => this.#writeNow())
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'calls of the gateway could not be stored; they wait')
        this.#plan(10 * everyMs)
      })
  }

  async #writeNow(): Promise<void> {
    const batch = this.#waiting.slice(0, atOnce)
    if (batch.length > 0) {
      await this.#parts.calls.record(batch.map((call) => ({ ...call, id: newCallId(call.at) })))
      this.#waiting = this.#waiting.slice(batch.length)
    }
    if (this.#lost > 0) {
      this.#parts.log.error({ calls: this.#lost }, 'calls of the gateway were not recorded')
      this.#lost = 0
    }
    await this.#tellUses()
    await this.#tellDenials()
    if (this.#waiting.length > 0) this.#plan(0)
    else if (this.#denials.size > 0) this.#plan(sameDenialMs)
  }

  async #tellUses(): Promise<void> {
    for (const [id, name] of this.#used) {
      this.#used.delete(id)
      if (!(await this.#parts.passes.touch(id))) continue
      await this.#parts.record({ action: 'pass.first_use', object: { kind: 'pass', id, name } })
    }
  }

  async #tellDenials(): Promise<void> {
    const now = this.#parts.clock.now()
    for (const [key, denials] of this.#denials) {
      if (now - denials.saidAtMs < sameDenialMs) continue
      if (denials.count === 0) {
        this.#denials.delete(key)
        continue
      }
      const { act, count } = denials
      denials.count = 0
      denials.saidAtMs = now
      await this.#parts.record({ ...act, after: { ...act.after, count } })
    }
  }
}
