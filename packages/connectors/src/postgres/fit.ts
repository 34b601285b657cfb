import { type Column, columnHolds, type FieldFault, LatchworkError } from '@latchwork/contract'
import { type ColumnType as ColumnKind, columnType } from './column-types.ts'
import type { Existing, ExistingColumn } from './existing-table.ts'
import { unfitTable } from './failures.ts'
import { listKeyColumns } from './list-tables.ts'
import { markNames } from './marks.ts'
import { keyIn, rowKey, type Table } from './table-names.ts'

/**
 * @throws LatchworkError `invalid_input` where all values of a column would be refused, or all records;
 *   `schema_change_held` where a column that the flow has not written yet has another type
 */
export function requireFit(table: Table, existing: NonNullable<Existing>): void {
  const name = `${table.schema}.${table.name}`
  const key = existing.get(keyIn(table))
  if (table.list !== undefined) requireList(table, existing)
  else if (key === undefined && table.key === rowKey) {
    throw unfitTable(
      `The table ${name} exists and tells its rows apart by their ids, but not every record has an id. Give each record one, or choose another table.`,
    )
  } else if (key?.unique !== true) {
    throw unfitTable(
      `The table ${name} exists, but its column ${keyIn(table)} ${key === undefined ? 'is missing' : 'is not unique'}. Records could not be told apart: add a primary key on it, or choose another table.`,
    )
  }
  for (const column of table.columns) {
    const found = existing.get(column.inTable)
    if (found?.generated === true) {
      throw unfitTable(
        `The table ${name} generates its column ${found.name} itself, so nothing can be written to it. Leave the column out of what is read, or choose another table.`,
      )
    }
    if (found !== undefined && !canHold(found, column.type)) {
      throw unfitTable(
        `The column ${found.name} of the table ${name} is ${found.type}, which can't hold ${kindsOfValues[column.type]}. Change its type, leave the column out of what is read, or choose another table.`,
      )
    }
  }
  requireTypes(table, existing)
  const written = new Set([...table.columns.map(({ inTable }) => inTable), ...markNames])
  const lacking = [...existing.values()].find((column) => column.required && !written.has(column.name))
  if (lacking !== undefined) {
    throw unfitTable(
      `The table ${name} wants a value in its column ${lacking.name} (NOT NULL, without a default), and the records have none. Give the column a default, let it be empty, or choose another table.`,
    )
  }
}

function requireTypes(table: Table, existing: NonNullable<Existing>): void {
  const held = table.columns.flatMap((column): FieldFault[] => {
    const found = column.isNew === true ? existing.get(column.inTable) : undefined
    const rule = found === undefined ? null : typeOfKind[columnType(found.type).kind]
    if (found === undefined || rule === null || columnHolds(rule, column.type)) return []
    const message = `The column ${found.name} of the table ${table.schema}.${table.name} is ${found.type}, and “${column.label}” is ${kindsOfValues[column.type]}.`
    return [{ field: column.name, rule, message }]
  })
  if (held.length === 0) return
  const sentences = held.slice(0, 3).map(({ message }) => message)
  const more = held.length > 3 ? [`So it is with ${held.length - 3} more.`] : []
  const choose =
    'Choose on the page of the flow: a new column beside the one that is there, or that one for both.'
  throw new LatchworkError('schema_change_held', {
    message: [...sentences, ...more, choose].join(' '),
    errors: held,
  })
}

/** Null: a type of the table's own, which is left to the server. */
const typeOfKind: Readonly<Record<ColumnKind['kind'], Column['type'] | null>> = {
  ...{ integer: 'number', numeric: 'number', float: 'number', boolean: 'boolean' },
  ...{ date: 'date', time: 'time', json: 'json', text: 'text', other: null },
}

/** The rows of somebody else would be taken for items. */
function requireList({ schema, name, list, columns }: Table, existing: NonNullable<Existing>): void {
  const lacking = columns.slice(0, listKeyColumns).find(({ inTable }) => !existing.has(inTable))
  if (lacking === undefined) return
  throw unfitTable(
    `The table ${schema}.${name} exists, but has no column ${lacking.inTable}, so it is not the table of the list ${list}. Rename it, give the stream another name, or leave its lists in their columns.`,
  )
}

const kindsOfValues: Readonly<Record<Column['type'], string>> = {
  text: 'text',
  number: 'numbers',
  boolean: 'yes and no',
  date: 'dates',
  time: 'moments',
  json: 'lists and objects',
}

/**
 * Whether any value of a kind can stand in a column. Text may be a value of any type; what a type of its own limits
 * (`varchar(5)`) is judged by the value.
 * @see https://www.postgresql.org/docs/current/catalog-pg-type.html#CATALOG-TYPCATEGORY-TABLE
 */
function canHold({ type, category }: ExistingColumn, kind: Column['type']): boolean {
  if (kind === 'text' || columnType(type).kind !== 'other') return true
  if ('ACRGI'.includes(category) || type === 'uuid') return false
  return kind !== 'json' || 'SU'.includes(category)
}
