import { z } from 'zod'

const consumerSchema = z.object({
  name: z.string(),
  /** Of the bucket. */
  key: z.string(),
  apiKey: z.string(),
  priority: z.enum(['interactive', 'backfill']),
})
export type Consumer = z.infer<typeof consumerSchema>

export const ordersSchema = z.object({
  databaseUrl: z.string(),
  apiUrl: z.string(),
  consumers: z.array(consumerSchema),
})
export type Orders = z.infer<typeof ordersSchema>

/** When to begin to count, and to end; said once all processes are there. */
export const timesSchema = z.object({ fromMs: z.number(), untilMs: z.number() })

export const countsSchema = z.array(z.object({ name: z.string(), answered: z.number(), refused: z.number() }))
