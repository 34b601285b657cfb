import { LatchworkError } from '@latchwork/contract'

/** Names the blockers of an error that the person may see, and counts the others. */
export function withBlockers(error: LatchworkError, seen: ReadonlySet<string>): LatchworkError {
  const blockers = (error.blockers ?? []).filter(({ id }) => seen.has(id))
  const hiddenBlockers = (error.blockers ?? []).length - blockers.length
  return new LatchworkError(error.code, {
    message: error.message,
    blockers,
    ...(hiddenBlockers === 0 ? {} : { hiddenBlockers }),
  })
}
