import { z } from 'zod'
import { recordSchema } from './record.ts'
import { timeSchema } from './text.ts'

/* A record that was sent and whose answer was lost: a person looks whether it is there, and decides. */

export const foundRecordSchema = z.object({
  /** What the destination calls it by: its id. */
  key: z.string(),
  name: z.string().nullable(),
  /** The values that were sent and the destination's own of when it was made; long ones are cut. */
  record: recordSchema,
  /** When it was made there; null where that is not told. */
  createdAt: timeSchema.nullable(),
  /** It belongs to another record of the flow, which made it. */
  taken: z.boolean(),
})
export type FoundRecord = z.infer<typeof foundRecordSchema>

export const doubtSearchSchema = z.object({
  /** By which of its values the record was looked for. */
  by: z.array(z.object({ label: z.string(), value: z.string() })),
  /** What has all of these values, the newest first. */
  items: z.array(foundRecordSchema),
  /** There are more than are shown. */
  more: z.boolean(),
})
export type DoubtSearch = z.infer<typeof doubtSearchSchema>

/** What a person has seen: it is there, under this key; or it is not. */
export const doubtDecisionSchema = z.discriminatedUnion('there', [
  z.strictObject({ there: z.literal(true), key: z.string().trim().min(1).max(200) }),
  z.strictObject({ there: z.literal(false) }),
])
export type DoubtDecision = z.infer<typeof doubtDecisionSchema>
