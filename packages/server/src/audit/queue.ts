import { LatchworkError } from '@latchwork/contract'
import type { Database } from '../database/database.ts'
import type { AuditAct } from './row.ts'

interface Waiting {
  readonly act: AuditAct
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const actsAtOnce = 1000

/** Writes acts that belong to no unit of work. Those that arrive during a write share the next transaction. */
export class ActQueue {
  readonly #database: Pick<Database, 'apart'>
  readonly #append: (acts: readonly AuditAct[]) => Promise<void>
  #waiting: Waiting[] = []
  #writing: Promise<void> | null = null

  constructor(database: Pick<Database, 'apart'>, append: (acts: readonly AuditAct[]) => Promise<void>) {
    this.#database = database
    this.#append = append
  }

  /** Resolves when the act is written. */
  write(act: AuditAct): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ act, resolve, reject })
    })
    this.#writing ??= this.#database.apart(() => this.#writeAll())
    return written
  }

  async drain(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeTogether(this.#waiting.splice(0, actsAtOnce))
    this.#writing = null // in the same step, so that the next act starts a new write
  }

  /** An act that can't be written fails alone. */
  async #writeTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#append(batch.map(({ act }) => act))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      const isDamaged = error instanceof LatchworkError && error.code === 'audit_damaged'
      if (batch.length === 1 || isDamaged) for (const { reject } of batch) reject(error)
      else for (const waiting of batch) await this.#writeTogether([waiting])
    }
  }
}
