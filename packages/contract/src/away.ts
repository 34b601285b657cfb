import { errorCatalogue } from './errors/catalogue.ts'
import type { CatalogueEntry } from './errors/entry.ts'
import { LatchworkError } from './errors.ts'
import { isUnreachableCode, systemCode } from './system-error.ts'

/** Something is out of reach, or has no room, for a while: what met it may wait and go on from where it was. */
export interface Away {
  /** Not before this many milliseconds from now, where it was told; null where it was not. */
  readonly retryAfterMs: number | null
}

/** Of the operating system: no room, or too much at once. */
const passingCodes: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'EBUSY',
  'ENOBUFS',
])

const deepestCause = 5

/**
 * Whether an error passes by itself; null for one that will not, such as a refused request. Decided by the code in the
 * catalogue, or, for an error of the operating system and what was made of one, by the first known code of its causes.
 */
export function awayOf(error: unknown): Away | null {
  for (let each = error, depth = 0; each instanceof Error && depth < deepestCause; depth += 1) {
    if (each instanceof LatchworkError) return awayByCatalogue(each)
    const code = systemCode(each)
    if (isUnreachableCode(code) || passingCodes.has(code ?? '')) return { retryAfterMs: null }
    each = each.cause
  }
  return null
}

function awayByCatalogue({ code, retryAfterSeconds }: LatchworkError): Away | null {
  const entry: CatalogueEntry = errorCatalogue[code]
  if (entry.away !== true) return null
  return { retryAfterMs: retryAfterSeconds === undefined ? null : Math.ceil(retryAfterSeconds * 1000) }
}
