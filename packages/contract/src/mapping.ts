import { z } from 'zod'

/** One column of a source and the field of a destination that its value goes into. */
export interface MappingPair {
  readonly from: string
  readonly to: string
  /** What the account called a field of its own when it was asked last; left out where it was not. */
  readonly label?: string | undefined
}

const pairsSchema = z.array(z.object({ from: z.string(), to: z.string(), label: z.string().optional() }))

/** The value of a `mapping` field. Null if it is no list of pairs. */
export function readMapping(text: string): readonly MappingPair[] | null {
  try {
    return pairsSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** What is wrong with a mapping, as a sentence or the rest of one; null if nothing is. */
export function mappingFault(pairs: readonly MappingPair[] | null): string | null {
  if (pairs === null) return 'must be a list of pairs with "from" and "to"'
  if (pairs.length === 0) return 'Map at least one column to a field.'
  if (pairs.some(({ from, to }) => from === '' || to === '')) {
    return 'Choose a column and a field in every row, or remove the row.'
  }
  const twice = pairs.find((pair, index) => pairs.findIndex((other) => other.to === pair.to) !== index)
  return twice === undefined ? null : `Two columns go into “${twice.to.slice(0, 100)}”. Keep one of them.`
}
