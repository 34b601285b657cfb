import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'
import { column } from './codec.ts'
import { readSealed, readSealedOrNothing, writeSealed } from './sealed.ts'

/*
 * The kinds of columns. Times are milliseconds since 1970, in the database and in the server; they become ISO 8601 only
 * in an answer or an export (`toTime`).
 */

const asItIs = <T>() =>
  column<T, T>(
    (value) => value,
    (held) => held,
  )

export const text = asItIs<string>()
/** Text of another system. */
export const storableText = column<string, string>(storable, (held) => held)
export const number = asItIs<number>()
/** Milliseconds since 1970. */
export const time = asItIs<number>()
/** The same for a sorted column, which can't be null: never is null here and 0 there. */
export const timeOrNever = column<number | null, number>(
  (value) => value ?? 0,
  (held) => (held === 0 ? null : held),
)
export const boolean = column<boolean, number>(Number, (held) => held === 1)

export const nullable = <Value, Held>({ write, read }: ReturnType<typeof column<Value, Held>>) =>
  column<Value | null, Held | null>(
    (value) => (value === null ? null : write(value)),
    (held, place) => (held === null ? null : read(held, place)),
  )

/** One of a few words. */
export const oneOf = <T extends string>(words: z.ZodType<T>) =>
  column<T, string>(
    (value) => value,
    (held, place) => readAs(held, words, place),
  )

/** A document as JSON text. */
export const json = <T>(schema: z.ZodType<T>) =>
  column<T, string>(
    (value) => JSON.stringify(value),
    (held, place) => readJson(held, schema, place),
  )
const textListSchema = z.array(z.string())
export const textMapSchema = z.record(z.string(), z.string())
export const textList = json<readonly string[]>(textListSchema)
export const textMap = json<Readonly<Record<string, string>>>(textMapSchema)

/** Sealed secrets. A damaged column throws `secret_unreadable`. */
export const sealed = column(writeSealed, readSealed)
/** The same, but a damaged column reads as one that opens nothing, so that the rest of its row can be shown. */
export const sealedOrNothing = column(writeSealed, readSealedOrNothing)

/** ISO 8601, for answers and exports. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString()
}

export function toTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : toTime(ms)
}

/** @throws RangeError if the text is not a time */
export function toMs(time: string): number {
  const ms = Date.parse(time)
  if (Number.isNaN(ms)) throw new RangeError('a time is not in ISO 8601')
  return ms
}

/** Reads a JSON column. @throws LatchworkError `internal` naming the column, never its content */
export function readJson<T>(held: string, schema: z.ZodType<T>, place: string): T {
  return readAs(parse(held), schema, place)
}

function readAs<T>(held: unknown, schema: z.ZodType<T>, place: string): T {
  const parsed = schema.safeParse(held)
  if (parsed.success) return parsed.data
  throw new LatchworkError('internal', { cause: new Error(`the column ${place} holds something unexpected`) })
}

function parse(held: string): unknown {
  try {
    return JSON.parse(held)
  } catch {
    return undefined
  }
}

/** Text from outside as both databases can keep it: PostgreSQL refuses NUL. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}
