import { isLoopbackHost } from '@latchwork/contract'
import { z } from 'zod'

/* Rules for the values of settings. */

/** The origin of an address that has no path, query, user or password. */
function originSchema(allowed: (url: URL) => boolean): z.ZodType<string> {
  return z
    .string()
    .refine((text) => {
      const url = URL.parse(text)
      return url !== null && allowed(url) && url.href === `${url.origin}/`
    })
    .transform((text) => new URL(text).origin)
}

export const httpsOrigin = originSchema((url) => url.protocol === 'https:')
const closeOrigin = originSchema(
  (url) => url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname)),
)

/** A whole number between the two, both included: the part of a definition that says so. */
export function whole(rule: string, least: number, most: number) {
  const schema = z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .refine((count) => count >= least && count <= most)
  return { schema, rule, mustBe: `a whole number from ${least} to ${most}` }
}

/** The parts of a text that is separated by commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

export const pathSchema = z.string().refine((text) => !text.includes('\0'))

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
export function isWebhookKey(base64: string): boolean {
  const key = Buffer.from(base64, 'base64')
  return key.length >= 24 && key.length <= 64 && key.toString('base64') === base64
}

/** The rule of a setting that is an origin of Close. */
export const closeAddress = {
  schema: closeOrigin,
  rule: 'https_origin',
  mustBe: 'an https address without a path (http only for this machine)',
} as const
