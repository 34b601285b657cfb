import { z } from 'zod'
import { ownerSchema, yourRoleSchema } from './access.ts'
import { ownerFilterSchema } from './endpoints/shapes.ts'
import { idSchema } from './ids.ts'
import { withWas } from './patch.ts'
import { descriptionSchema, lineSchema, nameSchema, timeSchema, valuesSchema } from './text.ts'

export const credentialStatuses = ['draft', 'verified', 'unverified', 'failed'] as const
export const credentialStatusSchema = z.enum(credentialStatuses)
export type CredentialStatus = z.infer<typeof credentialStatusSchema>

/** The account that a credential acts for. For PostgreSQL the organization is the database and the user its role. */
export const identitySchema = z.object({
  organizationId: z.string(),
  organizationName: z.string(),
  userId: z.string(),
  userName: z.string(),
  userEmail: z.string(),
})
export type Identity = z.infer<typeof identitySchema>

/**
 * Whether `answered` is another account than the pinned one: another organization, or another user of it. A user that
 * was never learned is not compared.
 */
export function isOtherAccount(pinned: Identity | null, answered: Identity | null): boolean {
  if (pinned === null || answered === null) return false
  if (pinned.organizationId !== answered.organizationId) return true
  return pinned.userId !== '' && pinned.userId !== answered.userId
}

/** Why a credential has its status: a code of the error catalogue and a sentence for a person. */
export const reasonSchema = z.object({ code: z.string(), message: z.string() })
export type Reason = z.infer<typeof reasonSchema>

export const credentialSchema = z.object({
  id: idSchema('credential'),
  connector: z.string(),
  method: z.string(),
  /** Empty only while a draft. */
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  owner: ownerSchema,
  yourRole: yourRoleSchema,
  status: credentialStatusSchema,
  reason: reasonSchema.nullable(),
  /** When the status was last established. */
  statusAt: timeSchema,
  identity: identitySchema.nullable(),
  /** The form's fields that are not secret, by name, e.g. `clientId`, `scope`, `host`. */
  values: z.record(z.string(), z.string()),
  /** Names of the secret fields that are stored; their values never leave the server. */
  secretsSet: z.array(z.string()),
  grantedScope: z.string().nullable(),
  accessTokenExpiresAt: timeSchema.nullable(),
  usageCount: z.number().int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
})
export type Credential = z.infer<typeof credentialSchema>

/** Words that a credential is found by. */
export const credentialTagsSchema = z.array(lineSchema(40).min(1)).max(20)

/** The texts that people give a credential beside its name. */
const remarks = { description: descriptionSchema, tags: credentialTagsSchema }
const remarksOrNone = { description: remarks.description.default(''), tags: remarks.tags.default([]) }

/** `draft: true` stores the form as it is so far, before Authorize; the name may then be empty. */
export const credentialCreateSchema = z.strictObject({
  connector: z.string().max(40),
  method: z.string().max(40),
  name: lineSchema(200).default(''),
  ...remarksOrNone,
  values: valuesSchema,
  draft: z.boolean().default(false),
})
export type CredentialCreate = z.infer<typeof credentialCreateSchema>

/**
 * Of a draft, `values` may change too: blank secrets keep what is stored, and what is stored for a field that no longer
 * applies is cleared.
 */
export const credentialPatchSchema = withWas({ name: lineSchema(200), ...remarks }).extend({
  values: valuesSchema.optional(),
})
export type CredentialPatch = z.infer<typeof credentialPatchSchema>

export const credentialSaveSchema = z.strictObject({ name: nameSchema, ...remarksOrNone })
export type CredentialSave = z.infer<typeof credentialSaveSchema>

/**
 * Replaces the named fields only, and clears those that no longer apply with them. An answer of another identity is
 * refused unless the person confirms it.
 */
export const credentialSecretsSchema = z.strictObject({
  values: valuesSchema,
  confirmIdentityChange: z.boolean().default(false),
})

export const credentialVerifySchema = z.strictObject({
  connector: z.string().max(40),
  method: z.string().max(40),
  values: valuesSchema,
})

export const checkResultSchema = z.object({
  status: z.enum(['verified', 'unverified', 'failed']),
  identity: identitySchema.nullable(),
  /** `field`: the field of the form that is at fault, where the connector can tell. */
  reason: reasonSchema.extend({ field: z.string().optional() }).nullable(),
  /** What the account may do, in the other system's words, if it tells. */
  permissions: z.array(z.string()).optional(),
})
export type CheckResult = z.infer<typeof checkResultSchema>

export const authorizeSchema = z.strictObject({
  /** A path of this site to come back to when no popup could be opened. Checked against open redirects. */
  returnTo: z.string().max(2048).default('/credentials'),
  /** `popup`: the callback ends on a page that closes itself. `page`: it ends at `returnTo`. */
  display: z.enum(['popup', 'page']),
  confirmIdentityChange: z.boolean().default(false),
  /** Of another's credential: the id of its owner, whom the tokens will belong to. Without it nothing begins. */
  confirmOwner: z.string().optional(),
})

const personSchema = z.object({ id: z.string(), name: z.string(), email: z.string() })

/** Whose credential an authorization is for, who asked for it, and for which application. */
export const authorizationDetailsSchema = z.object({
  owner: personSchema,
  /** Null of a saved credential for which nobody asked from a terminal within the last hour. */
  asker: personSchema.nullable(),
  askedAt: timeSchema.nullable(),
  /** Why the authorization asked for from a terminal was refused after a person had granted it; null if it was not refused. */
  refusal: reasonSchema.nullable(),
  /** The OAuth app's client id. */
  application: z.string(),
})
export type AuthorizationDetails = z.infer<typeof authorizationDetailsSchema>

const usageKinds = ['source', 'destination', 'flow', 'pass'] as const

export const usageSchema = z.object({
  items: z.array(
    z.object({
      kind: z.enum(usageKinds),
      id: z.string(),
      name: z.string(),
      lastUsedAt: timeSchema.nullable(),
    }),
  ),
  /** Other users of it, which you may not see: their number, and their owners for a person who owns or administers the credential. */
  hidden: z.array(
    z.object({
      kind: z.enum(usageKinds),
      owner: z.object({ id: z.string(), name: z.string() }).nullable(),
      count: z.number().int(),
      lastUsedAt: timeSchema.nullable(),
    }),
  ),
})
export type Usage = z.infer<typeof usageSchema>

/** `stopUsers`: delete it although it is used: the flows that need it pause. */
export const credentialDeleteQuerySchema = z.object({ stopUsers: z.stringbool().default(false) })

export const credentialListQuerySchema = z.object({
  /** Words to search for in name, description, account and tags. */
  query: z.string().trim().max(200).default(''),
  connector: z.string().max(40).optional(),
  status: credentialStatusSchema.optional(),
  method: z.string().max(40).optional(),
  owner: ownerFilterSchema,
  sort: z.enum(['name', '-updatedAt', '-lastUsedAt']).default('name'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
})
export type CredentialListQuery = z.infer<typeof credentialListQuerySchema>
