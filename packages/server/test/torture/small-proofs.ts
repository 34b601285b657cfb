import { describe, it } from 'vitest'
import { casesOf, smallSizes } from './catalogue.ts'

/** On a busy machine a part of a proof takes a minute. */
const timeout = 600_000
const cases = casesOf(smallSizes, 1)

/** Proofs of the catalogue at a small size; `npm run torture` runs the same at full size. */
export function describeProofs(isChosen: (proof: string) => boolean): void {
  const chosen = cases.filter(({ proof }) => isChosen(proof))
  for (const title of new Set(chosen.map((each) => each.title))) {
    describe.concurrent(title, { timeout }, () => {
      const ofTitle = chosen.filter((each) => each.title === title)
      it.for(ofTitle)('$store, $peer ($size)', ({ prove }) => prove())
    })
  }
}
