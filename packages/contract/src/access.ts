import { z } from 'zod'
import { idSchema } from './ids.ts'
import { allWithWas } from './patch.ts'

/**
 * What a member may do with one credential, source, destination, flow or file. Each role includes the rights of the roles before it.
 * A collaborator uses it, an operator also checks or runs it, an admin also changes and shares it, the owner also
 * deletes it and hands it over. Workspace administrators have every right. Nobody reads a secret.
 */
export const resourceRoles = ['collaborator', 'operator', 'admin', 'owner'] as const
export type ResourceRole = (typeof resourceRoles)[number]
/** The caller's role for the thing in the answer. A run has the role of its flow. */
export const yourRoleSchema = z.enum(resourceRoles)
export const grantedRoles = ['collaborator', 'operator', 'admin'] as const

export const resourceKinds = ['credential', 'source', 'destination', 'flow', 'file', 'pass'] as const
export type ResourceKind = (typeof resourceKinds)[number]

/** As the things of a kind are called in addresses: `passes`. */
export function pluralOf(kind: ResourceKind): string {
  return kind === 'pass' ? 'passes' : `${kind}s`
}

/** The administrators as an owner: they own the files that nobody uploaded. */
export const administrators = { id: '', name: 'The administrators' } as const

/** The subject of a role. A caller is a subject too: a member, or a job on behalf of one. */
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
    ...allWithWas({ role: z.enum(grantedRoles).nullable() }).shape,
  })
  .refine(({ subject, memberId }) => (subject === undefined) !== (memberId === undefined), {
    path: ['subject'],
    message: 'is given once: as subject or as memberId',
  })
export const transferSchema = z.strictObject({ to: idSchema('user') })

/** Whose something is; the name is blank for a member who was removed. */
export const ownerSchema = z.object({ id: z.string(), name: z.string() })
