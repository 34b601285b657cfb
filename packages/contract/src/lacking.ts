import { z } from 'zod'

/** Something that a flow names of an account, as a custom field or a choice, and that the account does not have. */
export const lackingSchema = z.object({
  side: z.enum(['source', 'destination']),
  /** A sentence that names it, and where it is named. */
  message: z.string(),
})
export type Lacking = z.infer<typeof lackingSchema>

/** Agrees to another account that lacks some of what is named: see `account_lacks`. */
export const lackingAgreedSchema = z.boolean().default(false)
