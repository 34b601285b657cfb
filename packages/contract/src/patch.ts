import { z } from 'zod'

/**
 * A change of some fields. `was` tells what the person saw of them: if one has another value by now, somebody else has
 * changed it, and the change is refused (`conflict`) instead of overwriting theirs.
 */
export function withWas<Shape extends z.ZodRawShape>(fields: Shape) {
  const some = z.strictObject(fields).partial()
  return some.extend({ was: some.optional() })
}

/** The same where all fields are given. */
export function allWithWas<Shape extends z.ZodRawShape>(fields: Shape) {
  const all = z.strictObject(fields)
  return all.extend({ was: all.partial().optional() })
}
