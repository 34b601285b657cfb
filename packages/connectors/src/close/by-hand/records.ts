import type { SearchRow } from '@latchwork/close'
import { type Column, type DataRecord, ExactNumber, invalidField, outsideLimits } from '@latchwork/contract'

/** Never read, wherever it stands. */
const secretMembers = new Set(['signature_key', 'download_url'])

/** What does not fit into the columns that were found at the begin. */
const otherFields: Column = { name: 'other_fields', label: 'Other fields', type: 'json' }

/** The member of an answer that a path names. */
export function memberOf(answer: unknown, path: string): unknown {
  if (path === '.') return answer
  return path
    .split('.')
    .reduce(
      (value: unknown, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? Reflect.get(value, name)
          : undefined,
      answer,
    )
}

/** A record by hand: its key, whatever it is called, and what Close says of it. */
export interface FoundByHand extends SearchRow {
  readonly row: Readonly<Record<string, unknown>>
}

/** The records of an answer. @throws LatchworkError `invalid_input` where there are none */
export function recordsIn(answer: unknown, path: string, key: string): FoundByHand[] {
  const found = memberOf(answer, path)
  const rows = Array.isArray(found) ? found : path === '.' ? [found] : null
  if (rows === null || rows.some((row: unknown) => !isRecord(row))) {
    throw invalidField(
      'records',
      'form',
      'Where the records are must name a list of objects in Close’s answer.',
    )
  }
  return rows.filter(isRecord).map((row) => {
    const id = row[key]
    const text = typeof id === 'number' || id instanceof ExactNumber ? String(id) : id
    if (typeof text === 'string' && text !== '') return { id: text, row }
    throw invalidField(
      'key',
      'form',
      'Primary key must name a member that every record has, a text or a number.',
    )
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Columns for the members of the first records. */
export function columnsOf(found: readonly FoundByHand[], key: string): Column[] {
  const rows = found.map(({ row }) => row)
  const names = new Set([key, ...rows.flatMap((row) => Object.keys(row))])
  const columns = [...names]
    .filter((name) => !secretMembers.has(name) && name !== otherFields.name)
    .filter((name) => name.length > 0 && name.length <= outsideLimits.columnName)
    .slice(0, outsideLimits.columns - 1)
    .map((name): Column => ({ name, label: name, type: name === key ? 'text' : typeOf(name, rows) }))
  return [...columns, otherFields]
}

function typeOf(name: string, rows: readonly FoundByHand['row'][]): Column['type'] {
  const values = rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined)
  const type = (['number', 'boolean', 'text'] as const).find((each) =>
    values.every((value) => fits(value, each)),
  )
  return type === undefined ? 'json' : values.length === 0 ? 'text' : type
}

function fits(value: unknown, type: Column['type']): boolean {
  switch (type) {
    case 'number':
      return typeof value === 'number' || value instanceof ExactNumber
    case 'boolean':
      return typeof value === 'boolean'
    case 'json':
      return true
    default:
      return typeof value === 'string'
  }
}

/**
 * A record in its columns. A value of another type than its column, or without one, stands under `other_fields`.
 * @param wanted names of the columns that are chosen
 */
export function recordOf(
  { id, row }: FoundByHand,
  key: string,
  columns: readonly Column[],
  wanted: ReadonlySet<string>,
): DataRecord {
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const isIn = ([name, value]: [string, unknown]) => {
    const type = name === otherFields.name ? undefined : types.get(name)
    return type !== undefined && (value === null || fits(value, type))
  }
  const entries = Object.entries({ ...withoutSecrets(row), [key]: id })
  const others = entries.filter((entry) => !isIn(entry))
  return {
    ...Object.fromEntries(entries.filter((entry) => isIn(entry) && wanted.has(entry[0]))),
    ...(others.length > 0 && wanted.has(otherFields.name)
      ? { [otherFields.name]: Object.fromEntries(others) }
      : {}),
  }
}

function withoutSecrets(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(shown)
    return isRecord(each) && !(each instanceof ExactNumber) ? withoutSecrets(each) : each
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !secretMembers.has(name))
      .map(([name, each]) => [name, shown(each)]),
  )
}
