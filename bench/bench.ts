/** The output of a bench, and its findings that are too slow or wrong. */
export interface Measured {
  readonly lines: readonly string[]
  readonly faults: readonly string[]
}

export interface BenchOptions {
  /** As many rounds as the documents promise; otherwise few, to be quick. */
  readonly full: boolean
}

export type Bench = (say: (line: string) => void, options: BenchOptions) => Promise<Measured>
