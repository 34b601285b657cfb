import fc from 'fast-check'

/** Draws values inside of a test. */
export interface Draw {
  /** A whole number from 0 to `below - 1`. */
  number(below: number): number
  /** One of a list that is not empty. */
  oneOf<T>(from: readonly T[]): T
  shuffled<T>(from: readonly T[]): T[]
}

/**
 * Runs `work` once with values that are drawn from a seed. A failure prints the seed; `fc.configureGlobal({ seed })`
 * draws the same values again.
 */
export async function drawn(work: (draw: Draw) => Promise<void>): Promise<void> {
  const property = fc.asyncProperty(fc.gen(), (value) => {
    const indexes = (count: number) =>
      value(fc.shuffledSubarray<number>, [...Array(count).keys()], { minLength: count })
    const number = (below: number) => value(fc.nat, below - 1)
    const at = <T>(from: readonly T[], index: number): T[] => from.slice(index, index + 1)
    return work({
      number,
      oneOf: (from) => {
        const [drawn] = at(from, number(from.length))
        if (drawn === undefined) throw new Error('nothing to draw from')
        return drawn
      },
      shuffled: (from) => indexes(from.length).flatMap((index) => at(from, index)),
    })
  })
  // What the work left in the database would fail every smaller case too.
  await fc.assert(property, { numRuns: 1, endOnFailure: true })
}
