import { z } from 'zod'

/* What the owner of a flow is told though its runs succeed. */

/** What is looked at when a run has read its streams to their end. The rules are in docs/flows.md. */
export const flowWatchSchema = z.strictObject({
  /**
   * Hours in which streams that are read by their changes may read nothing. One that is read whole is told at once, if it
   * always had records. Null: neither is told.
   */
  quietHours: z.number().int().min(1).max(8784).nullable().default(72),
  /** How many times more or fewer records than usual are told. Null: none. */
  volumeTimes: z.number().min(1.5).max(1000).nullable().default(2),
  /** Whether changed columns are told. */
  schemaChanges: z.boolean().default(true),
})

/** As `flowWatchSchema`, in an answer. */
export const watchedSchema = z.object({
  quietHours: z.number().int().nullable(),
  volumeTimes: z.number().nullable(),
  schemaChanges: z.boolean(),
})
export type FlowWatch = z.infer<typeof watchedSchema>

/** Of a flow whose owner has chosen nothing. */
export const usualWatch: FlowWatch = flowWatchSchema.parse({})
