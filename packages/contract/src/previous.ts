import { z } from 'zod'
import { credentialSecretsSchema } from './credential.ts'
import { idSchema } from './ids.ts'
import { lineSchema, timeSchema, valuesSchema } from './text.ts'

/** What a credential used before its secret was replaced or its method switched: kept sealed until it is not needed. */
export const previousSchema = z.object({
  method: z.string(),
  /** The last four characters of the replaced key; null for what has no key. */
  suffix: z.string().nullable(),
  /** The note about the key from when it was added. */
  keyNote: z.string().nullable(),
  /** Since when the credential used it. */
  usedSince: timeSchema,
  /** When a run or a sample that uses the credential last began with it; null if none did. */
  lastUsedAt: timeSchema.nullable(),
  replacedAt: timeSchema,
  /** The end of the time for undo; null when it is over. */
  undoUntil: timeSchema.nullable(),
  /** `ending`: requests that were sent with it may still be under way. `unused`: it can be deleted where it was made. */
  state: z.enum(['ending', 'unused']),
  /** The time at which the last request with it has certainly ended. */
  unusedAt: timeSchema,
})
export type Previous = z.infer<typeof previousSchema>

/** Null: nothing is kept. */
export const previousAnswerSchema = z.object({ previous: previousSchema.nullable() })

export const previousCheckSchema = z.object({
  /** Whether the other system still accepts it; null when it could not be asked. */
  accepted: z.boolean().nullable(),
  previous: previousSchema.nullable(),
})

/**
 * Another method under the same id: either with the whole form's `values`, or, for OAuth, with a `draft` of the same
 * connector that was authorized. The draft's tokens move to the credential and the draft is gone.
 */
export const methodSwitchSchema = z.strictObject({
  method: z.string().max(40),
  values: valuesSchema.default({}),
  draft: idSchema('credential').optional(),
  confirmIdentityChange: z.boolean().default(false),
  keyNote: lineSchema(200).optional(),
})

/** Replaces the named fields only. An answer of another identity is refused unless the person confirms it. */
export const secretsReplacementSchema = credentialSecretsSchema.extend({
  /** What tells the new key apart in the other system: its name there, who made it, when. */
  keyNote: lineSchema(200).optional(),
})
