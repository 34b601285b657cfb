import { z } from 'zod'
import { idSchema } from './ids.ts'
import { timeSchema } from './text.ts'

/**
 * Why a flow needs somebody. `paused`: its owner may not use what it needs, and nobody meant it to stand still. `failed`,
 * `partial`: its last full run that ended. `late`: it did not run when it was due.
 */
export const attentionKinds = ['paused', 'failed', 'partial', 'late'] as const
export type AttentionKind = (typeof attentionKinds)[number]

export const attentionSchema = z.object({
  kind: z.enum(attentionKinds),
  /** The reason, as a sentence. */
  message: z.string(),
  code: z.string().nullable(),
  /** Since when. */
  at: timeSchema,
  /** The run that tells more. */
  runId: z.string().nullable(),
  /** Records of that run in quarantine. */
  inQuarantine: z.number().int(),
  /** When that run is tried again by itself; null: it is not. */
  retryAt: timeSchema.nullable(),
  /** A failed credential of one of its sides; null: there is none, or you may not see it. */
  credential: z
    .object({
      id: idSchema('credential'),
      name: z.string(),
      connector: z.string(),
      method: z.string(),
    })
    .nullable(),
})
export type Attention = z.infer<typeof attentionSchema>
