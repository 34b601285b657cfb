import { notServed } from './not-served.ts'

/** Parameters that no list and no record needs: an answer without them is not wrong. `limit` is a slip of the official scripts. */
const HARMLESS: ReadonlySet<string> = new Set(['_limit', '_skip', '_fields', 'limit'])

/** The query of a request, which knows what was read of it. */
export class QueryParams extends URLSearchParams {
  readonly #read = new Set<string>()

  override get(name: string): string | null {
    this.#read.add(name)
    return super.get(name)
  }

  /** @throws ApiError 501 for a parameter that nobody has read: the answer would be as if it had not been sent */
  refuseUnread(): void {
    const unread = [...new Set(this.keys())].find((name) => !this.#read.has(name) && !HARMLESS.has(name))
    if (unread !== undefined) throw notServed(`the parameter ${unread} here`)
  }
}
