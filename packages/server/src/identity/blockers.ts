import { LatchworkError } from '@latchwork/contract'

/** The blockers of an error that are seen; the others are counted. */
export function withBlockers(error: LatchworkError, seen: ReadonlySet<string>): LatchworkError {
  const blockers = (error.blockers ?? []).filter(({ id }) => seen.has(id))
  const hiddenBlockers = (error.blockers ?? []).length - blockers.length
  return new LatchworkError(error.code, {
    message: error.message,
    blockers,
    ...(hiddenBlockers === 0 ? {} : { hiddenBlockers }),
  })
}
