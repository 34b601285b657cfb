import { randomUUID } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import type { MemberShares } from './limits.ts'
import type { ShareStore } from './store.ts'

/** Shares that are taken for as long as a request lasts. */
const kinds = {
  checks: { several: 'checks, samples and previews', ttlMs: 120_000 },
  uploads: { several: 'uploads', ttlMs: 30 * 60_000 },
} as const
export type ShareKind = keyof typeof kinds

/** Gives members places for what they have under way. */
export class Shares {
  readonly #store: ShareStore
  readonly #limits: MemberShares

  constructor(store: ShareStore, limits: MemberShares) {
    this.#store = store
    this.#limits = limits
  }

  /** Runs the work in one of the member's places. @throws {LatchworkError} `share_exceeded` if none is free */
  async within<T>(memberId: string, kind: ShareKind, work: () => Promise<T>): Promise<T> {
    const id = randomUUID()
    const atOnce = this.#limits[kind]
    const perMinute = this.#limits[`${kind}PerMinute`]
    const { several, ttlMs } = kinds[kind]
    const reached = await this.#store.take({ id, memberId, kind }, { atOnce, perMinute }, ttlMs)
    if (reached !== null) {
      throw new LatchworkError('share_exceeded', {
        message:
          reached === 'atOnce'
            ? `You have ${atOnce} ${several} under way, which is the most at once. Try again when one of them has ended.`
            : `You have begun ${perMinute} ${several} within a minute, which is the most. Try again in a minute.`,
      })
    }
    try {
      return await work()
    } finally {
      await this.#store.giveBack(id)
    }
  }
}

/** @param most bytes */
export function fileSpaceFull(most: number): LatchworkError {
  return new LatchworkError('file_space_full', {
    message: `The files of one member may hold ${sizeOf(most)} together, and this would exceed it. Delete some, or ask an administrator for more space (LATCHWORK_FILE_SPACE_MB).`,
  })
}

/** @param againInMs until the first of them has expired */
export function draftsFull(most: number, againInMs: number): LatchworkError {
  const minutes = Math.max(1, Math.ceil(againInMs / 60_000))
  return new LatchworkError('drafts_full', {
    message: `One member may have ${most} drafts of credentials at once (LATCHWORK_DRAFTS_PER_MEMBER), and you have as many. Save or discard one, or try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, when the oldest has expired.`,
    retryAfterSeconds: minutes * 60,
  })
}

function sizeOf(bytes: number): string {
  const megabytes = bytes / 1024 / 1024
  return megabytes >= 1 ? `${Math.floor(megabytes)} MB` : `${bytes} bytes`
}
