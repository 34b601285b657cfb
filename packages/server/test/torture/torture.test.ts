import { describe, it } from 'vitest'
import { casesOf, smallSizes } from './catalogue.ts'

/* Every proof at a small size; `npm run torture` runs the same at full size. */
const timeout = 300_000
const cases = casesOf(smallSizes, 1)

for (const title of new Set(cases.map((each) => each.title))) {
  describe.concurrent(title, { timeout }, () => {
    const ofTitle = cases.filter((each) => each.title === title)
    it.for(ofTitle)('$store, $peer ($size)', ({ prove }) => prove())
  })
}
