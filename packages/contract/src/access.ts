import { z } from 'zod'
import { idSchema } from './ids.ts'

/**
 * What somebody may do with one credential, source, destination, flow or file; each role may all that the ones before it may.
 * A collaborator uses it, an operator also checks or runs it, an admin also changes and shares it, the owner also
 * deletes it and hands it over. Workspace administrators may all of it. Nobody reads a secret.
 */
export const resourceRoles = ['collaborator', 'operator', 'admin', 'owner'] as const
export type ResourceRole = (typeof resourceRoles)[number]
/** What whoever asks may do with the thing that is answered. For a run: with its flow. */
export const yourRoleSchema = z.enum(resourceRoles)
export const grantedRoles = ['collaborator', 'operator', 'admin'] as const

export const resourceKinds = ['credential', 'source', 'destination', 'flow', 'file'] as const
export type ResourceKind = (typeof resourceKinds)[number]

/** Stands for the administrators where an owner is named: they own the files that nobody uploaded. */
export const administrators = { id: '', name: 'The administrators' } as const

/** To whom a role is given. What asks for a right is a subject as well: a member, or a job on behalf of one. */
export const subjectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('member'), id: idSchema('user') }),
  z.strictObject({ kind: z.literal('everyone') }),
])
export type Subject = z.infer<typeof subjectSchema>

export const grantSchema = z.object({
  subject: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('member'), id: z.string(), name: z.string() }),
    z.object({ kind: z.literal('everyone') }),
  ]),
  /** The subject if it is a member; null: everyone. An owner may be `administrators`. */
  member: z.object({ id: z.string(), name: z.string() }).nullable(),
  role: z.enum(resourceRoles),
})
export type Grant = z.infer<typeof grantSchema>

export const accessListSchema = z.object({
  /** The owner first, then everyone, then members by name. */
  items: z.array(grantSchema),
  yourRole: yourRoleSchema,
})
export type AccessList = z.infer<typeof accessListSchema>

/** `role: null` takes away what was granted. `memberId` says the same as `subject`: a member's id, or null for everyone. */
export const grantChangeSchema = z
  .strictObject({
    subject: subjectSchema.optional(),
    memberId: idSchema('user').nullable().optional(),
    role: z.enum(grantedRoles).nullable(),
  })
  .refine(({ subject, memberId }) => (subject === undefined) !== (memberId === undefined), {
    path: ['subject'],
    message: 'is given once: as subject or as memberId',
  })
export const transferSchema = z.strictObject({ to: idSchema('user') })
