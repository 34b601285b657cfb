import { z } from 'zod'
import { flowCreateSchema } from './flow.ts'
import { flowStreamsSchema } from './flow-streams.ts'
import { idSchema } from './ids.ts'
import { nameSchema, valuesSchema } from './text.ts'

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

const savedSideSchema = (kind: 'source' | 'destination') => z.strictObject({ id: idSchema(kind) })
const unsavedSideSchema = z.strictObject({
  connector: z.string().max(40),
  credentialId: idSchema('credential').nullable(),
  config: valuesSchema,
})

/** A flow that is being made: sides that are saved, or as they would be. */
export const flowDraftSchema = z.strictObject({
  source: z.union([savedSideSchema('source'), unsavedSideSchema]),
  destination: z.union([savedSideSchema('destination'), unsavedSideSchema]),
  streams: flowStreamsSchema.nullable().default(null),
  schema: flowCreateSchema.shape.schema,
})
export type FlowDraft = z.infer<typeof flowDraftSchema>

export const flowDuplicateSchema = z
  .strictObject({
    /** "Copy of …" where it is left out. */
    name: nameSchema.optional(),
  })
  .prefault({})
