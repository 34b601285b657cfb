/** What a bench prints, and what it found too slow or wrong. */
export interface Measured {
  readonly lines: readonly string[]
  readonly faults: readonly string[]
}

export interface BenchOptions {
  /** As many rounds as the documents promise, rather than what is quick. */
  readonly full: boolean
}

export type Bench = (say: (line: string) => void, options: BenchOptions) => Promise<Measured>
