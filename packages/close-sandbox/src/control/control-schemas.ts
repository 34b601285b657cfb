import { z } from 'zod'
import type { Json } from '../json.ts'

const json: z.ZodType<Json> = z.json()
export const record = z.record(z.string(), json)
export const reference = { organizationId: z.string().exactOptional(), type: z.string(), id: z.string() }

export const faultSchema = z.strictObject({
  target: z.string(),
  method: z.string().exactOptional(),
  kind: z.enum(['status', 'nonsense', 'hang', 'drop', 'delay', 'cut', 'omit', 'twice']),
  when: z.enum(['before', 'after']).exactOptional(),
  times: z.int().positive().exactOptional(),
  skip: z.int().nonnegative().exactOptional(),
  status: z.int().min(100).max(599).exactOptional(),
  body: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  delayMs: z.number().nonnegative().exactOptional(),
  containing: z.string().exactOptional(),
  members: z.array(z.string()).exactOptional(),
})

export const mergeSchema = z.strictObject({
  organizationId: z.string().exactOptional(),
  source: z.string(),
  destination: z.string(),
  keepDates: z.boolean().exactOptional(),
})

export const mutationSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('edit'), ...reference, changes: record }),
  z.strictObject({ action: z.literal('delete'), ...reference }),
  z.strictObject({
    action: z.literal('insert'),
    organizationId: z.string().exactOptional(),
    type: z.string(),
    record,
  }),
  mergeSchema.extend({ action: z.literal('merge') }),
])

export const refusalSchema = z.strictObject({
  path: z.string(),
  method: z.string().exactOptional(),
  status: z.union([z.literal(402), z.literal(403)]),
  error: z.string().exactOptional(),
  organizationId: z.string().exactOptional(),
})

export const rateLimitSchema = z.strictObject({
  limit: z.int().positive(),
  windowSeconds: z.number().positive().exactOptional(),
  organizationLimit: z.int().positive().exactOptional(),
  headers: z.enum(['comma', 'semicolon', 'separate', 'x-rate-limit', 'none']).exactOptional(),
  retryAfter: z.union([z.boolean(), z.literal('date')]).exactOptional(),
})

export const reuseSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('refuse') }),
  z.strictObject({ mode: z.literal('revoke_family') }),
  z.strictObject({ mode: z.literal('grace'), seconds: z.number().nonnegative() }),
])
