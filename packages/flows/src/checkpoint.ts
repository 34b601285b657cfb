import type { Json } from '@latchwork/connectors'

/** From where a run goes on after its process ended. */
export interface Checkpoint {
  /** The source's position behind the last page that the destination acknowledged. */
  readonly position: Json | null
  /** The destination's state after that page. */
  readonly state: Json | null
  /** The source was read to its end: only finishing is left. */
  readonly complete: boolean
}

export const startOfRun: Checkpoint = { position: null, state: null, complete: false }

/** A checkpoint as it was stored; the start for anything else, such as the null of a run that has none yet. */
export function readCheckpoint(stored: unknown): Checkpoint {
  if (typeof stored !== 'object' || stored === null) return startOfRun
  if (!('position' in stored && 'state' in stored && 'complete' in stored)) return startOfRun
  return {
    position: toJson(stored.position),
    state: toJson(stored.state),
    complete: stored.complete === true,
  }
}

function toJson(value: unknown): Json {
  return isJson(value) ? value : null
}

function isJson(value: unknown): value is Json {
  if (value === null) return true
  if (typeof value === 'object') return Object.values(value).every(isJson)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
