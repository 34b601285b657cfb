import { createHash } from 'node:crypto'

/**
 * A number from 0 up to 1 that is always the same for an id. It spreads in time what would happen at the same moment.
 */
export function jitter(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
}
