import { z } from 'zod'
import { timeSchema } from './text.ts'

/* Who used what Close allows a credential. */

/** How many spans are shown: the minutes of the last hour, or the hours of the last day. */
export const budgetSpans = {
  minute: { seconds: 60, count: 60 },
  hour: { seconds: 3_600, count: 24 },
} as const
export const budgetSpanNames = ['minute', 'hour'] as const satisfies (keyof typeof budgetSpans)[]

/** Consumers with a name of their own in an answer. The rest are counted together. */
export const mostBudgetConsumers = 50

export const budgetQuerySchema = z.object({
  by: z.enum(budgetSpanNames).default('minute'),
  /** A group of endpoints, such as `GET lead`; left out: all of them. */
  group: z.string().max(100).optional(),
})
export type BudgetQuery = z.infer<typeof budgetQuerySchema>

const counts = {
  /** That were sent. */
  requests: z.number().int(),
  /** Of them: had to wait for their turn. */
  waited: z.number().int(),
  /** Asked to come again later, by Close, or since Close had asked all to wait. */
  putOff: z.number().int(),
}

/** As Close's answers named it. */
const limitSchema = z.object({ requests: z.number().int(), windowSeconds: z.number().int() })
export type BudgetLimit = z.infer<typeof limitSchema>

export const budgetConsumerKinds = ['flow', 'pass', 'checks', 'page', 'others'] as const

/** `others`: flows and passes that the asker may not see, or that are gone, and those with very few requests. */
const consumerSchema = z.object({
  kind: z.enum(budgetConsumerKinds),
  /** Of the flow or the pass. */
  id: z.string().nullable(),
  name: z.string().nullable(),
  ...counts,
})
export type BudgetConsumer = z.infer<typeof consumerSchema>

const groupSchema = z.object({
  /** A method and the first part of a path; empty: many others, each with few requests. */
  group: z.string(),
  ...counts,
  /** For the credential's key or sign-in; null: no answer named one. */
  limit: limitSchema.nullable(),
  /** For all keys of the organization together. */
  organizationLimit: limitSchema.nullable(),
})
export type BudgetGroup = z.infer<typeof groupSchema>

const spanSchema = z.object({
  at: timeSchema,
  ...counts,
  /** Requests of each consumer, in the order of `consumers`. */
  byConsumer: z.array(z.number().int()),
})

export const credentialBudgetSchema = z.object({
  by: z.enum(budgetSpanNames),
  /** Of the group that was asked for, who used most first. */
  consumers: z.array(consumerSchema),
  /** All of them, the busiest first. */
  groups: z.array(groupSchema),
  /** Of the group that was asked for, the oldest first; quiet ones too. */
  spans: z.array(spanSchema),
})
export type CredentialBudget = z.infer<typeof credentialBudgetSchema>

/** How many requests a limit allows in one span. */
export function limitOfSpan(limit: BudgetLimit, by: BudgetQuery['by']): number {
  return Math.floor((limit.requests * budgetSpans[by].seconds) / limit.windowSeconds)
}
