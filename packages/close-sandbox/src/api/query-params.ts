import { notServed } from './not-served.ts'

/** Parameters that no list and no record needs: an answer without them is not wrong. `limit` is a slip of the official scripts. */
const HARMLESS: ReadonlySet<string> = new Set(['_limit', '_skip', '_fields', 'limit'])

/** What writes may have in their query. */
const OF_WRITES: ReadonlySet<string> = new Set(['_fields', 'send_to_inbox', 'id__in'])

/** The query of a request, which knows what was read of it. */
export class QueryParams extends URLSearchParams {
  readonly #read = new Set<string>()
  readonly #readWhole = new Set<string>()

  override get(name: string): string | null {
    this.#read.add(name)
    return super.get(name)
  }

  override getAll(name: string): string[] {
    this.#readWhole.add(name)
    return super.getAll(name)
  }

  /** @throws ApiError 501 for a parameter that nobody has read: the answer would be as if it had not been sent */
  refuseUnread(): void {
    this.#refuse((name) => !this.#read.has(name) && !HARMLESS.has(name))
  }

  /** @throws ApiError 501 for a parameter that no write reads, before anything is changed */
  refuseInWrite(): void {
    this.#refuse((name) => !OF_WRITES.has(name))
  }

  #refuse(isRefused: (name: string) => boolean): void {
    const name = [...this.keys()].find((each) => isRefused(each) || this.#isReadInPart(each))
    if (name !== undefined) throw notServed(`the parameter ${name} here`)
  }

  /** Of a parameter that is there twice the first value is read, unless both are asked for. */
  #isReadInPart(name: string): boolean {
    return !this.#readWhole.has(name) && super.getAll(name).length > 1
  }
}
