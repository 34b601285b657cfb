import { type Json, readCheckpointPart } from '@latchwork/connectors'
import { z } from 'zod'

/** The position from which a run continues after its process ended. */
export interface Checkpoint {
  /** The source's position behind the last page that the destination acknowledged. */
  readonly position: Json | null
  /** The destination's state after that page. */
  readonly state: Json | null
  /** The source was read completely: only finishing is left. */
  readonly complete: boolean
}

const startOfRun: Checkpoint = { position: null, state: null, complete: false }

const checkpointSchema = z.strictObject({ position: z.json(), state: z.json(), complete: z.boolean() })

/**
 * A checkpoint as it was stored; the start for the null of a run that has none yet.
 * @throws LatchworkError `checkpoint_unreadable`
 */
export function readCheckpoint(stored: unknown): Checkpoint {
  return stored === null ? startOfRun : readCheckpointPart(checkpointSchema, stored)
}
