import type { Column } from '@latchwork/contract'
import { escapeIdentifier } from 'pg'
import { fittingName } from '../fitting-name.ts'
import { wholeText } from './cell-text.ts'

/** PostgreSQL cuts longer names silently. */
export const maxIdentifierBytes = 63

/** A table to write to, its names safe to stand in a statement. */
export interface Table {
  readonly schema: string
  readonly name: string
  /** Schema and table, quoted. */
  readonly quoted: string
  readonly columns: readonly TableColumn[]
  /** Name of the column that tells rows apart. */
  readonly key: string
}

export interface TableColumn extends Column {
  /** The column's name in the table, quoted. */
  readonly quoted: string
}

/** Names a table and its columns. Names that PostgreSQL does not take, or would cut silently, end in a hash. */
export function tableOf(schema: string, name: string, columns: readonly Column[], key: string): Table {
  return {
    schema,
    name,
    quoted: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    columns: columns.map((column) => ({ ...column, quoted: escapeIdentifier(columnName(column.name)) })),
    key,
  }
}

/** The label of a column by its name in the table. */
export function labelIn(table: Table, name: string): string {
  return table.columns.find((column) => column.quoted === escapeIdentifier(name))?.label ?? name
}

/** What a column of the dataset is called in a table. */
export function columnName(name: string): string {
  return fittingName(name, maxIdentifierBytes, wholeText(name))
}
