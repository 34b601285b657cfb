import { type Json, readCheckpointPart } from '@latchwork/connectors'
import { z } from 'zod'

/** The position from which a stream of a run continues after its process ended. */
export interface Checkpoint {
  /** The source's position behind the last batch that the destination acknowledged. */
  readonly position: Json | null
  /** The destination's state after that batch. */
  readonly state: Json | null
  /** The source was read completely: only finishing is left. */
  readonly complete: boolean
  /**
   * Records of the batch after that which were written before something came in between. They are counted, and counted
   * again with their batch.
   */
  readonly part: PartOfBatch | null
}

export interface PartOfBatch {
  readonly written: number
  readonly created: number
}

const startOfStream: Checkpoint = { position: null, state: null, complete: false, part: null }

const count = z.int().nonnegative()
const checkpointSchema = z.strictObject({
  position: z.json(),
  state: z.json(),
  complete: z.boolean(),
  // Left out by earlier versions.
  part: z.strictObject({ written: count, created: count }).nullable().default(null),
})

/**
 * A checkpoint as it was stored; for the null of a stream that has none yet, the start.
 * @param state from which the stream begins; null: at the beginning
 * @throws LatchworkError `checkpoint_unreadable`
 */
export function readCheckpoint(stored: unknown, state: unknown): Checkpoint {
  if (stored === null) return { ...startOfStream, position: readCheckpointPart(z.json(), state) }
  return readCheckpointPart(checkpointSchema, stored)
}
