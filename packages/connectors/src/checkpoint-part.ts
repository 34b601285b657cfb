import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'

/** The state of a destination that counts: how many records were acknowledged. */
export const countState = z.strictObject({ records: z.int().nonnegative() })

/**
 * Reads a part of a checkpoint: a source reads its position, a destination its state.
 * @throws LatchworkError `checkpoint_unreadable`: a silent new start would lose or double records
 */
export function readCheckpointPart<T>(schema: z.ZodType<T>, stored: unknown): T {
  const read = schema.safeParse(stored)
  if (read.success) return read.data
  throw new LatchworkError('checkpoint_unreadable', { cause: read.error })
}
