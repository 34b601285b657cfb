import { z } from 'zod'
import { idSchema } from './ids.ts'
import { nameSchema } from './text.ts'

/** Another flow that writes to a table or file of this one. */
const flowOverlapSchema = z.object({
  flow: z.object({ id: idSchema('flow'), name: z.string() }),
  kind: z.enum(['table', 'file']),
  /** The tables or files that both write, the first few. Empty: it can't be told yet which, since both read everything. */
  names: z.array(z.string()),
  /** How many there are. */
  count: z.number().int(),
})
export type FlowOverlap = z.infer<typeof flowOverlapSchema>

export const flowOverlapsSchema = z.object({
  items: z.array(flowOverlapSchema),
  /** Further flows that do, and that you may not see. */
  hidden: z.number().int(),
})
export type FlowOverlaps = z.infer<typeof flowOverlapsSchema>

export const flowDuplicateSchema = z
  .strictObject({
    /** "Copy of …" where it is left out. */
    name: nameSchema.optional(),
  })
  .prefault({})
