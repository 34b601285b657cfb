import { z } from 'zod'
import { idSchema } from './ids.ts'
import { timeSchema } from './text.ts'

/* Writes that wait until a person confirms them. */

/** How long a write waits for a person. */
export const writeWaitMinutes = 15
/** So many writes of one pass wait at once. */
export const mostWaitingWrites = 20

/**
 * `sending`: confirmed, and under way. `failed`: confirmed, and then refused by Close or by the rules of the pass.
 * `in_doubt`: nobody can tell whether it took effect.
 */
export const passWriteStates = [
  'waiting',
  'sending',
  'sent',
  'failed',
  'in_doubt',
  'refused',
  'expired',
] as const
export type PassWriteState = (typeof passWriteStates)[number]

export const passWriteSchema = z.object({
  id: idSchema('write'),
  state: z.enum(passWriteStates),
  method: z.string(),
  /** Below `/api/v1`, ids included. */
  path: z.string(),
  createdAt: timeSchema,
  /** Until when it waits. */
  expiresAt: timeSchema,
  /** Who confirmed or refused it. */
  decidedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  decidedAt: timeSchema.nullable(),
  /** Of Close's answer; null: there is none. */
  status: z.number().int().nullable(),
})
export type PassWrite = z.infer<typeof passWriteSchema>

/** What a write makes of one field, each as JSON, cut where it is long. Null: it is not there. */
export const fieldChangeSchema = z.object({
  field: z.string(),
  /** What people call it, where its name is the id of a custom field; null otherwise, and where nobody knows. */
  label: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
})
export type FieldChange = z.infer<typeof fieldChangeSchema>

export const passWriteDetailsSchema = passWriteSchema.extend({
  /** `create`, `change` and `delete` are of one record; `other` is all else. */
  kind: z.enum(['create', 'change', 'delete', 'other']),
  /** What the record is called at present; null: it is new, or nobody knows. */
  record: z.string().nullable(),
  changes: z.array(fieldChangeSchema),
  /** Fields that are not shown, since there are many. */
  moreFields: z.number().int(),
  /** Why the present values are missing; null: they are there, or there are none. */
  unread: z.string().nullable(),
  /** Stands for the present values, whole: who sends it with the answer confirms what they have seen. */
  seen: z.string(),
})
export type PassWriteDetails = z.infer<typeof passWriteDetailsSchema>
