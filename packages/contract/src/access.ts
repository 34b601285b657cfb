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

export const grantSchema = z.object({
  /** Null: everyone. An owner may be `administrators`. */
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

/** `role: null` takes away what was granted. */
export const grantChangeSchema = z.strictObject({
  memberId: idSchema('user').nullable(),
  role: z.enum(grantedRoles).nullable(),
})
export const transferSchema = z.strictObject({ to: idSchema('user') })
