import { z } from 'zod'
import { idSchema } from './ids.ts'
import { allWithWas } from './patch.ts'
import { emailSchema, passwordSchema, roles } from './session.ts'
import { nameSchema, timeSchema } from './text.ts'

export const memberSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(roles),
  createdAt: timeSchema,
})
export type Member = z.infer<typeof memberSchema>

export const memberPatchSchema = allWithWas({ role: z.enum(roles) })
export type MemberPatch = z.infer<typeof memberPatchSchema>
/** The new owner of the member's things; by default the member who removes. */
export const memberRemoveQuerySchema = z.object({ handTo: idSchema('user').optional() })

export const invitationSchema = z.object({
  id: idSchema('invitation'),
  email: z.string(),
  role: z.enum(roles),
  invitedBy: z.object({ id: z.string(), name: z.string() }),
  createdAt: timeSchema,
  expiresAt: timeSchema,
})
export type Invitation = z.infer<typeof invitationSchema>

export const invitationCreateSchema = z.strictObject({
  email: emailSchema,
  role: z.enum(roles).default('member'),
})
export const invitationLookSchema = z.strictObject({ token: z.string().max(200) })
export const invitationAcceptSchema = z.strictObject({
  token: z.string().max(200),
  name: nameSchema,
  password: passwordSchema,
})
