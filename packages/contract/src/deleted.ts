import { z } from 'zod'
import { idSchema } from './ids.ts'
import { lackingAgreedSchema } from './lacking.ts'
import { timeSchema } from './text.ts'

export const deletedCredentialSchema = z.object({
  id: idSchema('credential'),
  name: z.string(),
  connector: z.string(),
  method: z.string(),
  owner: z.object({ id: z.string(), name: z.string() }),
  deletedAt: timeSchema,
  /** The time at which it is destroyed. */
  restorableUntil: timeSchema,
})
export type DeletedCredential = z.infer<typeof deletedCredentialSchema>

export const moveUsageSchema = z.strictObject({
  to: idSchema('credential'),
  /** Set if the other credential has another account: its users would read and write there from now on. */
  confirmIdentityChange: z.boolean().default(false),
  lacking: lackingAgreedSchema,
})
export type MoveUsage = z.infer<typeof moveUsageSchema>
