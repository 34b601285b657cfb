import { z } from 'zod'
import type { ResourceRole } from '../access.ts'
import type { ResourceAccess } from '../endpoint.ts'
import { type IdKind, idSchema } from '../ids.ts'

export const byId = (kind: IdKind) => z.object({ id: idSchema(kind) })

/** Of an endpoint about one thing: the parameter that names it, and the role that its caller needs. */
export const of = <K extends ResourceAccess['resource']>(resource: K, need: ResourceRole) => ({
  access: { resource, param: 'id' as const, need },
  params: byId(resource),
})

/** A page of a list; `nextCursor` is null on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.number().int(),
    /** There are more than `total`: a long list is not counted to its end. */
    totalCapped: z.boolean().optional(),
  })

/** Only what is the asker's own, or only what is not. */
export const ownerFilterSchema = z.enum(['me', 'others']).optional()

export const listQuery = z.object({
  query: z.string().trim().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
})
