import { invalid } from '../api/errors.ts'

/** The largest page and the deepest offset of a list. */
export interface PageLimits {
  readonly maxLimit: number
  readonly maxSkip: number
}

export interface PageRequest {
  readonly limit: number
  readonly skip: number
}

/** The limits of lists for which Close publishes none. */
export const UNPUBLISHED_LIMITS: PageLimits = { maxLimit: 1_000, maxSkip: 100_000 }

const DEFAULT_LIMIT = 100

/**
 * Reads `_limit` and `_skip`.
 * @throws ApiError 400 with the field's message if one is not a number or too large.
 */
export function pageRequest(query: URLSearchParams, limits: PageLimits): PageRequest {
  const limit = wholeNumber(query, '_limit', DEFAULT_LIMIT)
  const skip = wholeNumber(query, '_skip', 0)
  if (limit > limits.maxLimit) {
    throw invalid({ _limit: `Input should be less than or equal to ${limits.maxLimit}` })
  }
  if (skip > limits.maxSkip) {
    throw invalid({
      _skip: `Input should be less than or equal to ${limits.maxSkip}. Use Advanced Filtering or the Export API to read further.`,
    })
  }
  return { limit, skip }
}

function wholeNumber(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name)
  if (text === null || text === '') return fallback
  if (!/^-?\d+$/.test(text)) throw invalid({ [name]: 'Input should be a valid integer' })
  const value = Number(text)
  if (value < 0) throw invalid({ [name]: 'Input should be greater than or equal to 0' })
  return value
}
