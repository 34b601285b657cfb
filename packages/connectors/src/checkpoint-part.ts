import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'

/** Where a destination that counts stands: how many records were acknowledged. */
export const countState = z.strictObject({ records: z.int().nonnegative() })

/**
 * Reads back a part of a checkpoint, as its own side wrote it: a source its position, a destination its state.
 * @throws LatchworkError `checkpoint_unreadable`: to begin anew in silence would lose or double records
 */
export function readCheckpointPart<T>(schema: z.ZodType<T>, stored: unknown): T {
  const read = schema.safeParse(stored)
  if (read.success) return read.data
  throw new LatchworkError('checkpoint_unreadable', { cause: read.error })
}
