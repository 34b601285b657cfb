import type { SearchQuery } from '@latchwork/close'
import type { Column } from '@latchwork/contract'

/** Which columns the records of a state were read with. */
export interface KnownColumns {
  /** The destination has all that they hold. Null: a version from before did not say, and they are those of now. */
  readonly read: readonly string[] | null
  /** Read once and not since: the destination may hold what is not there any more. */
  readonly dropped: readonly string[]
  /** What custom fields were when they were read: see `FieldTypes`. */
  readonly types: FieldTypes
}

/** The types of custom fields by the names of their columns. With a type Close changes the values in all records. */
export type FieldTypes = Readonly<Record<string, string>>

/** What a reading with other columns must bring of what was not changed. */
export interface ColumnHistory {
  readonly known: KnownColumns
  /** Every record. */
  readonly isWhole: boolean
  /** The records that have a value in one of these; none if empty. */
  readonly having: readonly string[]
}

const customMark = 'custom.'
/** So many conditions stand in one search. With more columns than this everything is read. */
const mostInSearch = 50

export function typesOf(columns: readonly Pick<Column, 'name' | 'type'>[]): FieldTypes {
  const custom = columns.filter(({ name }) => name.startsWith(customMark))
  return Object.fromEntries(custom.map(({ name, type }) => [name, type]))
}

/**
 * The history of columns that were not read before. A search finds the records that have a value in a custom field, and
 * all others have none in the destination either, unless the column was read once: then everything is read again, and so
 * it is for what is no custom field. So it is for a custom field of another type, too: no record that has lost its value
 * with the type is found by the field.
 * @param columns that are read from now on
 * @param types of the custom fields among them
 */
export function historyOf(
  { read, dropped, types: before }: KnownColumns,
  columns: readonly string[],
  types: FieldTypes,
): ColumnHistory {
  const added = columns.filter((name) => read?.includes(name) === false)
  const isWhole =
    columns.some((name) => before[name] !== undefined && before[name] !== types[name]) ||
    added.length > mostInSearch ||
    added.some((name) => !name.startsWith(customMark) || dropped.includes(name))
  const gone = [...new Set([...dropped, ...(read ?? [])])].filter((name) => !columns.includes(name))
  return { known: { read: columns, dropped: gone, types }, isWhole, having: isWhole ? [] : added }
}

/** As a reading that is taken up goes on: what it began with and is not there any more was not read to the end. */
export function withoutGone(
  { read, dropped, types }: KnownColumns,
  columns: readonly string[],
): KnownColumns {
  if (read === null) return { read, dropped, types }
  const gone = read.filter((name) => !columns.includes(name))
  return {
    read: read.filter((name) => columns.includes(name)),
    dropped: [...new Set([...dropped, ...gone])],
    types,
  }
}

/** Records with a value in one of these custom fields. */
export function havingOne(columns: readonly string[]): SearchQuery {
  return {
    type: 'or',
    queries: columns.map((name) => ({
      type: 'field_condition',
      field: { type: 'custom_field', custom_field_id: name.slice(customMark.length) },
      condition: { type: 'exists' },
    })),
  }
}
