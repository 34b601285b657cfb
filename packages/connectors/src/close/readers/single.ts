import type { SearchRow } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../../checkpoint-part.ts'
import type { Json } from '../../interface.ts'
import type { SingleReading } from '../streams/row.ts'
import type { ReaderParts, ReadRows } from './reader.ts'

const row = z.looseObject({})

/** Reads what one request answers. The position after it says that it is done. */
export async function* readSingle(
  parts: ReaderParts,
  reading: SingleReading,
  position: Json | null,
): AsyncGenerator<ReadRows, void, undefined> {
  if (position !== null) {
    readCheckpointPart(z.literal('done'), position)
    return
  }
  const rows = await requestRows(parts, reading)
  if (rows.length > 0) yield { rows, position: 'done' }
}

/** @throws CloseError; LatchworkError `upstream_error` when the answer has not the records */
export async function requestRows(parts: ReaderParts, reading: SingleReading): Promise<SearchRow[]> {
  const path = reading.path.includes('{organization}')
    ? reading.path.replace('{organization}', await parts.organizationId())
    : reading.path
  const { query } = reading
  const answer = await parts.client.request({ method: 'GET', path, query }, { signal: parts.signal })
  const whole = read(row, answer, path)
  if (reading.lists === undefined) return [identified(whole, reading, path)]
  return Object.entries(reading.lists).flatMap(([name, more]) =>
    read(z.array(row), whole[name], path).map((each) => identified({ ...each, ...more }, reading, path)),
  )
}

function identified(record: Record<string, unknown>, { identity }: SingleReading, path: string): SearchRow {
  const id = identity === undefined ? record['id'] : identity.map((name) => record[name] ?? '').join(':')
  return { ...record, id: read(z.string().min(1), id, path) }
}

function read<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const message = `Close's answer to ${path} has not the records that it should have.`
  throw new LatchworkError('upstream_error', { message, cause: result.error })
}
