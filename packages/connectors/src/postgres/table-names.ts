import { maxColumnBytes } from '@latchwork/contract'
import { escapeIdentifier } from 'pg'
import { fittingName } from '../fitting-name.ts'
import type { PlannedColumn } from '../interface.ts'
import { wholeText } from './cell-text.ts'

/** PostgreSQL cuts longer names silently, those of tables as those of columns. */
export const maxIdentifierBytes = maxColumnBytes

/** The key of records that have none of their own: the round of runs and the record's number in each of them. */
export const rowKey = '_latchwork_row'

/** A table to write to, its names safe to stand in a statement. */
export interface Table {
  readonly schema: string
  readonly name: string
  /** Schema and table, quoted. */
  readonly quoted: string
  readonly columns: readonly TableColumn[]
  /** The column that tells rows apart, as the dataset names it. */
  readonly key: string
  /** What the source calls its records, and people; left out where nobody knows. */
  readonly called?: { readonly name: string; readonly label: string }
  /** The list of which it has the items: its key is that of their record, and tells rows apart with the position. */
  readonly list?: string
}

export interface TableColumn extends PlannedColumn {
  /** What it is called in the table, */
  readonly inTable: string
  /** and the same in quotes. */
  readonly quoted: string
  /** Its type as SQL names it, where the table is made; left out: the usual one of its kind. */
  readonly sql?: string
  /** Written only where the table has it already. */
  readonly isOptional?: true
}

/** Names a table and its columns. Names that PostgreSQL does not take, or would cut silently, end in a hash. */
export function tableOf(schema: string, name: string, columns: readonly PlannedColumn[], key: string): Table {
  return {
    schema,
    name,
    quoted: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    columns: columns.map((column) => called(column, columnName(column.as ?? column.name))),
    key,
  }
}

/** A column with its name in a table. */
export function called(column: PlannedColumn, inTable: string): TableColumn {
  return { ...column, inTable, quoted: escapeIdentifier(inTable) }
}

/** The column that tells rows apart, as it is called in the table. */
export function keyIn({ columns, key }: Table): string {
  return columns.find(({ name }) => name === key)?.inTable ?? columnName(key)
}

/** The label of a column by its name in one of the tables. */
export function labelIn(tables: readonly Table[], name: string): string {
  const columns = tables.flatMap((table) => table.columns)
  return columns.find((column) => column.inTable === name)?.label ?? name
}

/** A name as a column of a table can have it. */
export function columnName(name: string): string {
  return fittingName(name, maxIdentifierBytes, wholeText(name))
}
