import type { SearchRow } from '@latchwork/close'
import { type DataRecord, errorCatalogue } from '@latchwork/contract'
import type { UnreadRecord } from '../interface.ts'

/** The fields that were asked for and are there. A record has only those that its kind has. */
export function recordOf(row: SearchRow, fields: readonly string[]): DataRecord {
  return Object.fromEntries(
    fields.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]]),
  )
}

/** Of a record that is larger than what is taken of one answer. */
export function tooLargeRecord({ id }: SearchRow): UnreadRecord {
  const code = 'record_too_large'
  return { record: { id }, row: null, code, message: `${id}: ${errorCatalogue[code].title}` }
}
