import { type Column, columnNames, type DataRecord, isRecord, valueIn } from '@latchwork/contract'
import { fittingName } from '../fitting-name.ts'
import type { PlannedColumn } from '../interface.ts'
import { wholeText } from './cell-text.ts'
import { columnName, maxIdentifierBytes, type Table, tableOf } from './table-names.ts'

/* The tables of lists: a row for each item, with the key of its record and its position, from 0 on. */

/** A list of a stream's records that has a table of its own. */
export interface ListTable {
  /** As the source names it. */
  readonly column: string
  readonly label: string
  readonly table: Table
  /** What the table was called before. */
  readonly was: readonly string[]
}

const parent = '_parent_id'
const position = '_position'
/** What an item has besides its columns, also where it is no object. */
const rest = '_more'
const ours = [parent, position, rest]
/** So many of the first columns tell items apart: the record's key and the position. */
export const listKeyColumns = 2

/** Whether a column's items are written into a table of their own, where that is chosen. */
export function isList(column: Column): column is Column & { readonly items: readonly Column[] } {
  return column.items !== undefined
}

/** @param of the table of the records */
export function listTable(of: Table, column: PlannedColumn): ListTable {
  const { items = [], as = column.name, was = [] } = column
  const named = (called: string) => fitting(`${of.name}_${columnName(called)}`)
  const names = columnNames(items, new Map(), ours)
  const columns: PlannedColumn[] = [
    { name: parent, label: parent, type: 'text' },
    { name: position, label: position, type: 'number' },
    ...items.map((item) => ({ ...item, as: names.get(item.name) ?? item.name })),
    { name: rest, label: rest, type: 'json' },
  ]
  return {
    column: column.name,
    label: column.label,
    table: { ...tableOf(of.schema, named(as), columns, parent), list: column.label },
    was: was.map(named),
  }
}

function fitting(name: string): string {
  return fittingName(name, maxIdentifierBytes, wholeText(name))
}

/** The table with the types of the columns that are ours. @param records the table of the records, with its types */
export function withKeyType(
  table: Table,
  records: { readonly table: Table; readonly types: ReadonlyMap<string, string> },
): Table {
  const types = new Map([
    [parent, records.types.get(records.table.key)],
    [position, 'integer'],
  ])
  const columns = table.columns.map((column) => {
    const sql = types.get(column.name)
    return sql === undefined ? column : { ...column, sql }
  })
  return { ...table, columns }
}

/** The items of a record's list as records of the list's table. What is no list is its only item, and nothing is none. */
export function itemRecords(
  { column, table }: Pick<ListTable, 'column' | 'table'>,
  record: DataRecord,
  key: string,
): DataRecord[] {
  const list = valueIn(record, column)
  if (list === null || list === undefined || list === '') return []
  const names = new Set(table.columns.map(({ name }) => name).filter((name) => !ours.includes(name)))
  const items: readonly unknown[] = Array.isArray(list) ? list : [list]
  return items.map((item, at) => ({
    ...partsOf(item, names),
    [parent]: valueIn(record, key),
    [position]: at,
  }))
}

function partsOf(item: unknown, names: ReadonlySet<string>): DataRecord {
  if (!isRecord(item)) return names.has('value') && !Array.isArray(item) ? { value: item } : { [rest]: item }
  const [known, more]: [[string, unknown][], [string, unknown][]] = [[], []]
  for (const entry of Object.entries(item)) (names.has(entry[0]) ? known : more).push(entry)
  const parts = Object.fromEntries(known)
  return more.length === 0 ? parts : { ...parts, [rest]: Object.fromEntries(more) }
}
