import { z } from 'zod'
import { idSchema } from './ids.ts'
import { allWithWas } from './patch.ts'
import { emailSchema, passwordSchema } from './session.ts'
import { nameSchema, timeSchema } from './text.ts'

/** The address that people reach the server by. Sign-in, callbacks and passkeys work at no other one. */
export const addressSchema = z.object({ publicUrl: z.string() })

/** Of a member, or of a passkey. */
export const memberRenameSchema = allWithWas({ name: nameSchema })
export type Rename = z.infer<typeof memberRenameSchema>

/** Null where a sign-in by passkey just now proves who asks. */
const proofSchema = z.string().max(200).nullable()
export const passwordChangeSchema = z.strictObject({
  currentPassword: proofSchema,
  newPassword: passwordSchema,
})

/** How long after a sign-in by passkey nobody is asked for the password. */
export const freshSignInMs = 10 * 60_000

export const signInMethods = ['password', 'passkey'] as const
export type SignInMethod = (typeof signInMethods)[number]

/** Where somebody is signed in: a browser, or a terminal that was confirmed by a code. */
export const signedInPlaceSchema = z.object({
  id: z.union([idSchema('session'), idSchema('token')]),
  kind: z.enum(['browser', 'terminal']),
  /** For example `Firefox on Windows`, or the terminal's machine. */
  client: z.string(),
  /** The network address of the last use; null where it was not noted. */
  address: z.string().nullable(),
  /** How a browser was signed in; null for a terminal, and where it was not noted. */
  method: z.enum(signInMethods).nullable(),
  createdAt: timeSchema,
  /** To about a minute; null: not used yet. */
  lastUsedAt: timeSchema.nullable(),
  expiresAt: timeSchema.nullable(),
  /** The one that asks. */
  current: z.boolean(),
})
export type SignedInPlace = z.infer<typeof signedInPlaceSchema>

export const resetLinkSchema = z.object({ link: z.string(), expiresAt: timeSchema })
export const resetTokenSchema = z.strictObject({ token: z.string().max(200) })
export const resetLookSchema = z.object({
  email: emailSchema,
  /** Who made the link; null: somebody on the server's machine. */
  madeBy: z.string().nullable(),
  passkeys: z.number().int(),
})
export const passwordResetSchema = resetTokenSchema.extend({ password: passwordSchema })

export const passkeySchema = z.object({
  id: idSchema('passkey'),
  name: z.string(),
  /** Kept by a password manager that copies it to other devices. */
  synced: z.boolean(),
  createdAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
})
export type Passkey = z.infer<typeof passkeySchema>
export const passkeyBeginSchema = z.strictObject({ currentPassword: proofSchema })

const bytes = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[0-9A-Za-z_-]+$/, 'is not base64url')
/** What the browser's `navigator.credentials.create` takes, as JSON. @see WebAuthn Level 3, section 5.1 */
export const passkeyCreationSchema = z.object({
  challenge: z.string(),
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.object({ alg: z.number().int(), type: z.literal('public-key') })),
  timeout: z.number(),
  attestation: z.literal('none'),
  excludeCredentials: z.array(z.object({ id: z.string(), type: z.literal('public-key') })),
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
})
/** What `navigator.credentials.get` takes, as JSON: any passkey of this address. */
export const passkeyRequestSchema = z.object({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.number(),
  userVerification: z.literal('required'),
})

/** What the page sends of the browser's answer; the rest of it is dropped. */
export const newPasskeySchema = z.object({
  id: bytes(1400),
  rawId: bytes(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: bytes(8000),
    attestationObject: bytes(40_000),
  }),
})
export const passkeyAddSchema = z.strictObject({ name: nameSchema, passkey: newPasskeySchema })

export const passkeyProofSchema = z.object({
  id: bytes(1400),
  rawId: bytes(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: bytes(8000),
    authenticatorData: bytes(8000),
    signature: bytes(8000),
  }),
})
export const passkeySignInSchema = z.strictObject({ passkey: passkeyProofSchema })
