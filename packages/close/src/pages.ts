import { unusableAnswer } from './judge.ts'
import { cursorLength, idLength, rowsPerAnswer } from './limits.ts'
import type { CloseObject } from './objects.ts'
import { isObject } from './parse-json.ts'

/** One page of a list. Some lists have no `has_more`: they are whole. */
export type Page<T> = { data: T[]; has_more?: boolean; total_results?: number }

/** One page of the event log, newest first. `cursor_next` leads to older events, `null` is the end. */
export type CursorPage<T> = { data: T[]; cursor_next: string | null; cursor_previous: string | null }

/**
 * Whether a value is an object with an id. The types of its other fields are not checked: a field that Close changes
 * must not stop the whole record.
 */
export function isCloseObject<T extends CloseObject>(value: unknown): value is T {
  const id = isObject(value) ? value['id'] : undefined
  return typeof id === 'string' && id !== '' && id.length <= idLength
}

/** @throws CloseError `server_error`, or `in_doubt` for a create, when the answer is not an object with an id */
export function parseObject<T extends CloseObject>(value: unknown, repeatable: boolean): T {
  if (isCloseObject<T>(value)) return value
  throw unusableAnswer(repeatable, 'it is not an object with an id')
}

/** @throws CloseError `server_error` when the answer is not a list of objects with ids */
export function parsePage<T extends CloseObject>(value: unknown): Page<T> {
  const data = rowsOf<T>(value)
  if (!isObject(value)) return { data }
  const page: Page<T> = { data }
  if (typeof value['has_more'] === 'boolean') page.has_more = value['has_more']
  if (typeof value['total_results'] === 'number') page.total_results = value['total_results']
  return page
}

/** @throws CloseError `server_error` when the answer is not a page of the event log */
export function parseCursorPage<T extends CloseObject>(value: unknown): CursorPage<T> {
  const cursor = (name: string): string | null => (isObject(value) ? readCursor(value[name]) : null)
  const data = rowsOf<T>(value)
  // An answer that leaves it out says nothing about the end.
  if (data.length > 0 && !(isObject(value) && Object.hasOwn(value, 'cursor_next')))
    throw unusableAnswer(true, 'it does not say where the log goes on')
  return {
    data,
    cursor_next: cursor('cursor_next'),
    cursor_previous: cursor('cursor_previous'),
  }
}

/** A cursor that can be sent back; null is the end. @throws CloseError `server_error` */
export function readCursor(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  if (value.length <= cursorLength) return value
  throw unusableAnswer(true, `its cursor has more than ${cursorLength} characters`)
}

/** The rows of any list answer. @throws CloseError `server_error` */
export function rowsOf<T extends CloseObject>(value: unknown): T[] {
  const rows: unknown = isObject(value) ? value['data'] : undefined
  if (!Array.isArray(rows)) throw unusableAnswer(true, 'it has no list of records')
  if (rows.length > rowsPerAnswer) throw unusableAnswer(true, `it has more than ${rowsPerAnswer} records`)
  if (!rows.every((row) => isCloseObject<T>(row))) throw unusableAnswer(true, 'a record in it has no id')
  return rows
}
