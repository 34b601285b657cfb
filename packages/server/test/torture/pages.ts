/** Counts the pages of Close that are read, whoever reads them. */
export class Pages {
  #count = 0
  #waiting: { readonly at: number; readonly resolve: () => void }[] = []

  /** One more is about to be sent. */
  next(): void {
    this.#count += 1
    for (const { resolve } of this.#waiting.filter(({ at }) => at <= this.#count)) resolve()
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#count)
  }

  /** Resolves when so many more are read. */
  more(pages: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ at: this.#count + pages, resolve }))
  }
}
