import { z } from 'zod'
import { tokenSchema, userSchema } from './session.ts'
import { lineSchema, timeSchema } from './text.ts'

/** Letters that are read aloud and typed without a mistake, and make no words. @see RFC 8628 section 6.1 */
export const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ'
const userCodeForm = new RegExp(`^[${userCodeLetters}]{4}-[${userCodeLetters}]{4}$`)

/** The short code that a person compares or types: capitals, with or without the hyphen. */
export const userCodeSchema = z
  .string()
  .max(40)
  .transform((text) => {
    const letters = text.toUpperCase().replaceAll(/[\s-]/g, '')
    return `${letters.slice(0, 4)}-${letters.slice(4)}`
  })
  .refine((code) => userCodeForm.test(code), 'has eight letters, for example BCDF-GHJK')

export const deviceBeginSchema = z.strictObject({
  /** The name of the machine that asks, so that the person recognizes it. */
  deviceName: lineSchema(100).min(1, 'is required'),
})

/** @see RFC 8628 section 3.2 */
export const deviceCodesSchema = z.object({
  /** Secret: the program fetches the token with it. */
  deviceCode: z.string(),
  userCode: z.string(),
  /** The page on which the person confirms, and the same with the code filled in. */
  verificationUrl: z.string(),
  verificationUrlComplete: z.string(),
  expiresInSeconds: z.number().int(),
  /** The shortest pause between two polls. */
  intervalSeconds: z.number().int(),
})
export type DeviceCodes = z.infer<typeof deviceCodesSchema>

export const devicePollSchema = z.strictObject({ deviceCode: z.string().max(200) })
export const deviceGrantSchema = z.object({ user: userSchema, token: tokenSchema, secret: z.string() })

export const deviceLookUpSchema = z.strictObject({ userCode: userCodeSchema })
/** The details that the person sees before deciding. */
export const deviceRequestSchema = z.object({
  userCode: z.string(),
  deviceName: z.string(),
  /** The network address that asked. */
  address: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
})
export type DeviceRequest = z.infer<typeof deviceRequestSchema>

export const deviceDecisionSchema = z.strictObject({ userCode: userCodeSchema, allow: z.boolean() })
