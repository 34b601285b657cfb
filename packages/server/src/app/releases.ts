/** Releases what was opened, in reverse order: at the end, and after a start that failed half-way. */
export class Releases {
  readonly #releases: (() => Promise<void>)[] = []

  add(release: () => Promise<void>): void {
    this.#releases.push(release)
  }

  /** Releases everything, even if some of it fails. @throws the first failure, after all is released */
  async run(): Promise<void> {
    const failures: unknown[] = []
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      await release().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
