import { z } from 'zod'
import { ExactNumber } from './exact-number.ts'

/**
 * A record as a page shows it: values are JSON by the names of columns, of which each is an ordinary one. A number that
 * JavaScript would spell another way is an `ExactNumber`.
 */
export type DataRecord = Record<string, unknown>

/** Zod's own records lose a column named `__proto__`. */
export const recordSchema: z.ZodType<DataRecord> = z
  .custom<DataRecord>(isRecord, 'must be an object')
  .meta({ type: 'object', additionalProperties: true })

/**
 * What a record itself has in a column; undefined if nothing. A column may be named like what every object inherits
 * (`constructor`, `toString`), so a record is never read by `record[column]`, nor filled by assignment.
 */
export function valueIn(record: DataRecord, column: string): unknown {
  return Object.hasOwn(record, column) ? record[column] : undefined
}

/** Whether a value is an object with named values, as a record and what is nested in it are. */
export function isRecord(value: unknown): value is DataRecord {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  )
}
