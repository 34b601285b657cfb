import { z } from 'zod'
import { idSchema } from './ids.ts'
import { lineSchema, nameSchema, timeSchema } from './text.ts'

export const roles = ['admin', 'member'] as const

export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(roles),
})
export type User = z.infer<typeof userSchema>

export const emailSchema = lineSchema(254).pipe(z.email('is not an email address'))
export const passwordSchema = z
  .string()
  .min(12, 'needs at least 12 characters')
  .max(200, 'may have at most 200 characters')

/** The first answer that the page asks for. */
export const sessionSchema = z.object({
  user: userSchema.nullable(),
  /** The administrator has yet to be made through the set-up link. */
  needsSetup: z.boolean(),
})
export const signInSchema = z.strictObject({ email: emailSchema, password: z.string().max(200) })
export const setupSchema = z.strictObject({
  token: z.string().max(200),
  name: nameSchema,
  email: emailSchema,
  password: passwordSchema,
})

export const tokenSchema = z.object({
  id: idSchema('token'),
  name: z.string(),
  /** The last four characters, to tell tokens apart. */
  suffix: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
})
export type Token = z.infer<typeof tokenSchema>
export const tokenCreateSchema = z.strictObject({
  name: nameSchema,
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
})

/** Settings that the page shows; none is secret. */
export const settingsSchema = z.object({
  version: z.string(),
  publicUrl: z.string(),
  /** The exact address to register with an OAuth app. */
  redirectUri: z.string(),
  closeApiUrl: z.string(),
  closeAppUrl: z.string(),
  database: z.enum(['sqlite', 'postgres']),
  masterKeyFingerprint: z.string(),
  /** How many days what runs leave is kept after their end, and entries of the audit log; null: for ever. */
  keepDays: z.object({
    samples: z.number(),
    quarantine: z.number(),
    runs: z.number(),
    /** Of the gateway. */
    calls: z.number(),
    audit: z.number().nullable(),
  }),
})
export type Settings = z.infer<typeof settingsSchema>
