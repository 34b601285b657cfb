import { LatchworkError } from '@latchwork/contract'
import type { SealedRow } from '@latchwork/vault'
import { z } from 'zod'

const sealedSchema: z.ZodType<SealedRow> = z.object({
  wrappedKey: z.string(),
  fields: z.record(z.string(), z.string()),
})

export function writeSealed(sealed: SealedRow): string {
  return JSON.stringify(sealed)
}

/** @throws LatchworkError `secret_unreadable` if the column holds something else */
export function readSealed(text: string): SealedRow {
  try {
    return sealedSchema.parse(JSON.parse(text))
  } catch {
    throw new LatchworkError('secret_unreadable')
  }
}

/** As `readSealed`, but a damaged column reads as one that opens nothing, so that the rest of its row can be shown. */
export function readSealedOrNothing(text: string): SealedRow {
  try {
    return readSealed(text)
  } catch {
    return { wrappedKey: '', fields: {} }
  }
}
