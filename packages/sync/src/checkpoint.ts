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
  /**
   * Records of the page after that which were written before something came in between. They are counted, and counted
   * again with their page.
   */
  readonly part: PartOfPage | null
}

export interface PartOfPage {
  readonly written: number
  readonly created: number
}

const startOfRun: Checkpoint = { position: null, state: null, complete: false, part: null }

const count = z.int().nonnegative()
const checkpointSchema = z.strictObject({
  position: z.json(),
  state: z.json(),
  complete: z.boolean(),
  // Left out by earlier versions.
  part: z.strictObject({ written: count, created: count }).nullable().default(null),
})

/**
 * A checkpoint as it was stored; the start for the null of a run that has none yet.
 * @throws LatchworkError `checkpoint_unreadable`
 */
export function readCheckpoint(stored: unknown): Checkpoint {
  return stored === null ? startOfRun : readCheckpointPart(checkpointSchema, stored)
}
