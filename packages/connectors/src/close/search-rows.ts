import type { SearchRow } from '@latchwork/close'
import { type DataRecord, errorCatalogue } from '@latchwork/contract'
import type { UnreadRecord } from '../interface.ts'

/** The fields that were asked for and are there. A record has only those that its kind has. */
export function recordOf(row: SearchRow, fields: readonly string[]): DataRecord {
  const record: Record<string, unknown> = {}
  for (const name of fields) {
    // Setting that one would change what the record is; no field of Close is called so.
    if (name !== '__proto__' && Object.hasOwn(row, name)) record[name] = row[name]
  }
  return record
}

/** Of a record that is larger than what is taken of one answer. */
export function tooLargeRecord({ id }: SearchRow): UnreadRecord {
  const code = 'record_too_large'
  return { record: { id }, row: null, code, message: `${id}: ${errorCatalogue[code].title}` }
}
