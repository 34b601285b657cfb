import { ApiError } from '../api/errors.ts'
import { type JsonObject, sameJson } from '../json.ts'
import { Random } from '../random.ts'

const CURSOR_LIFETIME_MS = 30_000

/** The place where a walk through search results continues. */
export interface SearchPosition {
  /** After this row in the order of an index... */
  readonly after: { readonly key: number; readonly row: number } | null
  /** ...or at this position of an order that was made for the walk. */
  readonly snapshot: { readonly rows: readonly number[]; readonly position: number } | null
  /** How many objects the walk has given so far. */
  readonly given: number
}

interface Cursor {
  readonly organizationId: string
  readonly question: JsonObject
  readonly position: SearchPosition
  readonly expiresMs: number
}

/** The cursors of running walks. Each lives 30 seconds from the page that gave it. */
export class Cursors {
  readonly #cursors = new Map<string, Cursor>()
  readonly #random: Random

  constructor(seed: string) {
    this.#random = new Random(seed, 'cursors')
  }

  /** @param question everything of the body that must be repeated with the cursor */
  issue(organizationId: string, question: JsonObject, position: SearchPosition, nowMs: number): string {
    for (const [token, { expiresMs }] of this.#cursors) {
      // Expired cursors are stored for a while, to distinguish them from invalid ones.
      if (expiresMs < nowMs - 10 * CURSOR_LIFETIME_MS) this.#cursors.delete(token)
    }
    const token = this.#random.base62(48)
    this.#cursors.set(token, { organizationId, question, position, expiresMs: nowMs + CURSOR_LIFETIME_MS })
    return token
  }

  /** @throws ApiError 400 `Expired cursor` after 30 seconds, `Invalid cursor` for anything else */
  take(token: string, organizationId: string, question: JsonObject, nowMs: number): SearchPosition {
    const cursor = this.#cursors.get(token)
    if (!cursor || cursor.organizationId !== organizationId || !sameJson(cursor.question, question)) {
      throw new ApiError(400, { 'field-errors': { cursor: 'Invalid cursor' } })
    }
    if (nowMs > cursor.expiresMs) throw new ApiError(400, { 'field-errors': { cursor: 'Expired cursor' } })
    return cursor.position
  }
}
