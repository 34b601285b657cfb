import { AsyncLocalStorage } from 'node:async_hooks'
import { createHmac } from 'node:crypto'
import type { Actor, AuditEntry, AuditFilter, AuditListQuery, AuditVerdict } from '@latchwork/contract'
import { sameHash } from '../accounts/random-token.ts'
import type { AuditAct, AuditStore } from '../stores/audit-interface.ts'
import { verifyChain } from './verify.ts'

/** What an act is done in: a request, or nothing for what the server does by itself. */
export type Origin = Pick<AuditAct, 'actor' | 'address' | 'agent' | 'requestId'>

export type Act = Pick<AuditAct, 'action' | 'object'> &
  Partial<Pick<AuditAct, 'result' | 'reason' | 'before' | 'after'>> & {
    /** Where it is not the one of the request. */
    readonly actor?: Actor
  }

interface Waiting {
  readonly act: AuditAct
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const actsAtOnce = 1000
const exportedAtOnce = 500
const server: Origin = {
  actor: { kind: 'system', id: null, name: 'Latchwork' },
  address: null,
  agent: null,
  requestId: null,
}

/**
 * The log of who did what: append-only, each entry chained to the one before by its hash, the end signed with a key
 * that a copy of the database does not open. Acts that arrive while others are being written share the next
 * transaction, so that the chain is no bottleneck.
 */
export class AuditLog {
  readonly #store: AuditStore
  readonly #key: Buffer
  readonly #origins = new AsyncLocalStorage<() => Origin>()
  #waiting: Waiting[] = []
  #writing: Promise<void> | null = null

  /** @param secret known to every process of the installation, and not to its database */
  constructor(store: AuditStore, secret: string) {
    this.#store = store
    this.#key = createHmac('sha256', secret).update('the end of the audit log').digest()
  }

  /** Does `work` on behalf of an origin, which is asked for only when there is something to write down. */
  within<T>(origin: () => Origin, work: () => T): T {
    return this.#origins.run(origin, work)
  }

  /** Whether a request is under way, which is written down with what came of it. */
  get inRequest(): boolean {
    return this.#origins.getStore() !== undefined
  }

  /** Resolves when it is written. */
  record({ actor, ...act }: Act): Promise<void> {
    const origin = this.#origins.getStore()?.() ?? server
    const whole: AuditAct = {
      result: 'ok',
      reason: null,
      before: null,
      after: null,
      ...origin,
      ...(actor === undefined ? {} : { actor }),
      ...act,
    }
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ act: whole, resolve, reject })
    })
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    return written
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, actsAtOnce)
      try {
        await this.#store.append(
          batch.map(({ act }) => act),
          (sequence, hash) => this.#sign(sequence, hash),
        )
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
  }

  list(query: AuditListQuery) {
    return this.#store.list(query)
  }

  /** Oldest first, a page of the database at a time. */
  async *entries(filter: AuditFilter): AsyncGenerator<AuditEntry> {
    let last = 0
    for (;;) {
      const page = await this.#store.read(filter, last, exportedAtOnce)
      yield* page
      const end = page.at(-1)
      if (end === undefined || page.length < exportedAtOnce) return
      last = end.sequence
    }
  }

  verify(): Promise<AuditVerdict> {
    return verifyChain(this.#store, (sequence, hash, signature) =>
      sameHash(signature, this.#sign(sequence, hash)),
    )
  }

  /** Resolves when nothing waits to be written any more. */
  async drain(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  #sign(sequence: number, hash: string): string {
    return createHmac('sha256', this.#key).update(`${sequence}:${hash}`).digest('hex')
  }
}
