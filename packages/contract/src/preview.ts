import { z } from 'zod'
import { columnSchema } from './flow.ts'
import { recordSchema } from './record.ts'

/** What a destination would do with the first records of a source. */
export const previewSchema = z.object({
  sourceColumns: z.array(columnSchema),
  /** Columns or fields that the destination knows, to map to. Empty where it takes any. */
  targetColumns: z.array(columnSchema),
  rows: z.array(
    z.object({
      before: recordSchema,
      /** The record as it would be written. Null if it would be refused. */
      after: recordSchema.nullable(),
      action: z.enum(['create', 'update', 'write', 'refuse']),
      /** Why it would be refused, or what else would happen. */
      message: z.string().nullable(),
      /** Its row as a spreadsheet counts, or its line; null where the source has neither. */
      row: z.number().int().nullable(),
    }),
  ),
  /** What of a run was not tried, and why, as sentences. */
  notes: z.array(z.string()),
})
export type Preview = z.infer<typeof previewSchema>
