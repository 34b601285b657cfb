import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'

/*
 * Between columns and values: times are milliseconds there and ISO 8601 here, documents are JSON text there.
 */

export function toTime(ms: number): string {
  return new Date(ms).toISOString()
}

export function toTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : toTime(ms)
}

/** @throws RangeError for what is no time */
export function toMs(time: string): number {
  const ms = Date.parse(time)
  if (Number.isNaN(ms)) throw new RangeError('a time is not in ISO 8601')
  return ms
}

export function toMsOrNull(time: string | null): number | null {
  return time === null ? null : toMs(time)
}

export const textMapSchema = z.record(z.string(), z.string())
export const textListSchema = z.array(z.string())

/** Reads a JSON column. @throws LatchworkError `internal` naming the column, never its content */
export function readJson<T>(text: string, schema: z.ZodType<T>, column: string): T {
  const parsed = schema.safeParse(parse(text))
  if (parsed.success) return parsed.data
  throw new LatchworkError('internal', {
    cause: new Error(`the column ${column} holds something unexpected`),
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Text from outside as both databases can keep it: PostgreSQL refuses NUL. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}
