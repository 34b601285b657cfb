import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Actor,
  type AuditEntry,
  type AuditFault,
  type AuditFilter,
  type AuditListQuery,
  type AuditVerdict,
  LatchworkError,
} from '@latchwork/contract'
import type { Database } from '../database/database.ts'
import type { UnitOutcome } from '../database/unit.ts'
import { ChainKey } from './chain.ts'
import { newPending, pendingActs } from './pending.ts'
import { ActQueue } from './queue.ts'
import { findOld, removal } from './removing.ts'
import { type AuditAct, type AuditHead, type AuditTail, type Extension, retainedAct } from './row.ts'
import type { AuditStore } from './store.ts'
import { extend, judgeTail } from './tail.ts'
import { digestRows, verifyLog } from './verify.ts'
import { Witness } from './witness.ts'

/** The actor and the request of an act. The server's own acts have no request. */
export type Origin = Pick<AuditAct, 'actor' | 'address' | 'agent' | 'requestId'>

export type Act = Pick<AuditAct, 'action' | 'object'> &
  Partial<Pick<AuditAct, 'result' | 'reason' | 'before' | 'after'>> & {
    /** Set if the actor is not that of the request. */
    readonly actor?: Actor
  }

/** A request, as the log needs it. */
export interface Scope {
  /** Called only when there is an entry to write. */
  origin(): Origin
  /** Whether the request is about this thing and has no entry yet. */
  isAbout(kind: string, id: string | null): boolean
  /** Throws if the person of a request without an entry may no longer do what it asks for. */
  stillMay(): Promise<void>
  /** Records the request as successful, unless it has an entry already. */
  succeed(result: unknown): Promise<void>
}

export interface AuditLogParts {
  readonly store: AuditStore
  readonly database: Pick<Database, 'unit' | 'atomically' | 'apart'>
  /** Known to every process of the installation, not readable from its database alone. */
  readonly secret: string
  readonly dataDir: string
  /** Called once for each damage. */
  readonly damaged?: (fault: AuditFault) => Promise<void>
}

const exportedAtOnce = 500
const server: Origin = {
  actor: { kind: 'system', id: null, name: 'Latchwork', email: null },
  address: null,
  agent: null,
  requestId: null,
}

/**
 * The log of who did what. It is append-only: each entry is chained to the one before by a keyed hash, and the end is
 * signed. The database alone is not enough to compute either. Nothing is appended to a log whose end was changed.
 *
 * Acts recorded in a unit of work are written at its end, in its transaction: a change and its entry are saved together
 * or not at all. Other acts that arrive during a write share the next transaction.
 */
export class AuditLog {
  readonly #parts: AuditLogParts
  readonly #key: ChainKey
  readonly #witness: Witness
  readonly #scopes = new AsyncLocalStorage<Scope>()
  readonly #units = new WeakMap<UnitOutcome, { act: AuditAct; orLater: boolean }[]>()
  readonly #queue: ActQueue
  #reported = ''
  #telling: Promise<void> = Promise.resolve()

  private constructor(parts: AuditLogParts) {
    this.#parts = parts
    this.#key = new ChainKey(parts.secret)
    this.#witness = new Witness(parts.dataDir)
    this.#queue = new ActQueue(parts.database, async (acts) => this.#witness.note(await this.#append(acts)))
  }

  /** A log for reading. Recording in it fails if the log was never begun by `open`. */
  static forReading(parts: AuditLogParts): AuditLog {
    return new AuditLog(parts)
  }

  /** Begins the log of a new database, or continues an old one with keyed hashes. If it is damaged, `record` fails. */
  static async open(parts: AuditLogParts): Promise<AuditLog> {
    const log = new AuditLog(parts)
    await log.#begin()
    return log
  }

  /** Runs `work` on behalf of a request. */
  within<T>(scope: Scope, work: () => T): T {
    return this.#scopes.run(scope, work)
  }

  /** Whether the current request is about this thing and has no entry yet. */
  isAbout(kind: string, id: string | null): boolean {
    return this.#scopes.getStore()?.isAbout(kind, id) ?? false
  }

  /**
   * Runs `work` as one unit with the entry of its request, whose person must still be allowed to do it. If `work`
   * returns null or false, nothing was changed and no entry is written.
   */
  commit<T>(work: () => Promise<T>): Promise<T> {
    return this.#parts.database.atomically(async () => {
      await this.#scopes.getStore()?.stillMay()
      const result = await work()
      if (result !== null && result !== false) await this.#scopes.getStore()?.succeed(result)
      return result
    })
  }

  /**
   * Records an act. In a unit of work the act is written with the unit, or the unit fails. Otherwise this resolves once
   * it is written.
   * @param orLater keeps an entry that can't be written for later, instead of failing the unit
   * @throws {LatchworkError} `audit_damaged`
   */
  async record({ actor, ...act }: Act, { orLater = false } = {}): Promise<void> {
    const origin = this.#scopes.getStore()?.origin() ?? server
    const whole = retainedAct({
      result: 'ok',
      reason: null,
      before: null,
      after: null,
      ...origin,
      ...(actor === undefined ? {} : { actor }),
      ...act,
    })
    const { unit } = this.#parts.database
    if (unit === null) return this.#queue.write(whole)
    const recorded = this.#units.get(unit)
    if (recorded !== undefined) {
      recorded.push({ act: whole, orLater })
      return
    }
    this.#units.set(unit, [{ act: whole, orLater }])
    unit.beforeCommit(() => this.#writeUnit(unit))
  }

  /** Runs last in its unit, because it locks the end of the log. */
  async #writeUnit(unit: UnitOutcome): Promise<void> {
    const recorded = this.#units.get(unit) ?? []
    this.#units.delete(unit)
    const acts = recorded.map(({ act }) => act)
    try {
      const head = await this.#append(acts)
      unit.afterCommit(() => this.#witness.note(head))
    } catch (error) {
      if (!recorded.every(({ orLater }) => orLater)) throw error
      await this.#parts.store.putOff(acts.map((act) => newPending(this.#key, act)))
    }
  }

  /** @throws {LatchworkError} `audit_damaged` */
  async #append(acts: readonly AuditAct[]): Promise<AuditHead> {
    const { seen } = this.#witness
    const head = await this.#parts.store.extend(seen?.sequence ?? null, async (end) => {
      const standing = judgeTail(end, this.#key, seen)
      if (standing.kind !== 'whole') {
        throw this.#refusal(standing.kind === 'damaged' ? standing.fault : notBegun)
      }
      return extend(this.#key, standing.head, [...pendingActs(this.#key, end), ...acts], end.nowMs)
    })
    if (head === null) throw new Error('nothing was appended to the audit log')
    this.#reported = ''
    return head
  }

  #refusal(fault: AuditFault): LatchworkError {
    const { damaged, database } = this.#parts
    if (damaged !== undefined && this.#reported !== fault.message) {
      this.#reported = fault.message
      // Outside of the unit of work, whose transaction is being rolled back.
      this.#telling = database
        .apart(() => damaged(fault))
        .catch(() => {
          this.#reported = ''
        })
    }
    return new LatchworkError('audit_damaged')
  }

  async #begin(): Promise<void> {
    const { store } = this.#parts
    const { seen } = this.#witness
    const standing = judgeTail(await store.look(seen?.sequence ?? null), this.#key, seen)
    if (standing.kind === 'whole') return this.#witness.note(standing.head)
    if (standing.kind === 'damaged') return void this.#refusal(standing.fault)
    if (standing.kind === 'unkeyed') {
      const { fault } = await this.verify()
      if (fault !== null) return void this.#refusal(fault)
    }
    const head = await store.extend(seen?.sequence ?? null, async (end) => this.#first(end))
    if (head !== null) this.#witness.note(head)
  }

  /** The first keyed entry; null if another process was quicker. */
  #first(end: AuditTail): Extension | null {
    const standing = judgeTail(end, this.#key, this.#witness.seen)
    if (standing.kind === 'whole' || standing.kind === 'damaged' || end.head === null) return null
    const action = standing.kind === 'new' ? 'audit.begin' : 'audit.keyed'
    const act = retainedAct({ ...server, ...plainAct, action, after: { entries: end.head.sequence } })
    return extend(this.#key, { ...end.head, since: 1 }, [act], end.nowMs)
  }

  /**
   * Accepts the log as it is, damaged or not. The next entry seals all that is stored, and the chain goes on from it. A
   * person must have looked at the log before.
   * @param act of that entry
   */
  async accept({ actor, ...act }: Act): Promise<void> {
    const { seen } = this.#witness
    const head = await this.#parts.store.extend(seen?.sequence ?? null, async (end, rows) => {
      const signed = end.head !== null && this.#key.isSigned(end.head) ? end.head : null
      const sequence = Math.max(end.last[0]?.sequence ?? 0, signed?.sequence ?? 0, seen?.sequence ?? 0)
      const { digest } = await digestRows(rows, this.#key, sequence + 1)
      const accepted = Math.max(signed?.accepted ?? 0, seen?.accepted ?? 0) + 1
      const chain = { hash: digest, since: sequence + 1, removedTo: 0, removedHash: '' }
      const from = { sequence, lastAt: end.nowMs, accepted, ...chain }
      const whole = retainedAct({ ...server, ...plainAct, ...(actor === undefined ? {} : { actor }), ...act })
      return extend(this.#key, from, [whole, ...pendingActs(this.#key, end)], end.nowMs)
    })
    const { unit } = this.#parts.database
    if (head === null) return
    if (unit === null) this.#witness.note(head)
    else unit.afterCommit(() => this.#witness.note(head))
  }

  /**
   * Removes the entries that are older than `ageMs`, once a day. The entry of it says which. Nothing is removed from a log
   * that is damaged there.
   * @param by the setting
   */
  async removeOld(ageMs: number, by: string): Promise<void> {
    const { store } = this.#parts
    const { seen } = this.#witness
    const old = await findOld(store, this.#key, seen, ageMs)
    if (old === null) return
    if ('kind' in old) throw this.#refusal(old)
    const act = {
      ...server,
      ...plainAct,
      action: 'audit.remove',
      after: { setting: by, days: ageMs / 86_400_000 },
    }
    const head = await store.extend(seen?.sequence ?? null, async (end) =>
      removal(this.#key, old, { end, seen, act }),
    )
    if (head !== null) this.#witness.note(head)
  }

  list(query: AuditListQuery) {
    return this.#parts.store.list(query)
  }

  /** Oldest first, read in pages. */
  async *entries(filter: AuditFilter): AsyncGenerator<AuditEntry> {
    let last = Number.MIN_SAFE_INTEGER
    for (;;) {
      const page = await this.#parts.store.read(filter, last, exportedAtOnce)
      yield* page
      const end = page.at(-1)
      if (end === undefined || page.length < exportedAtOnce) return
      last = end.sequence
    }
  }

  verify(): Promise<AuditVerdict> {
    return verifyLog(this.#parts.store, this.#key, this.#witness.seen)
  }

  /** Verifies a log that is known to be older than what this server saw: that of a backup. */
  verifyByItself(): Promise<AuditVerdict> {
    return verifyLog(this.#parts.store, this.#key, null)
  }

  /** Resolves when nothing is left to write. */
  async drain(): Promise<void> {
    await this.#queue.drain()
    await this.#telling
    await this.#witness.drain()
  }
}

const plainAct = { object: null, result: 'ok', reason: null, before: null, after: null } as const

const notBegun: AuditFault = {
  sequence: 0,
  kind: 'altered',
  message: 'The part of the log from before entries had keyed hashes was changed.',
}
