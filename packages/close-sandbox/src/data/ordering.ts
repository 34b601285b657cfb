import { parseMoment } from '../clock.ts'
import type { Json } from '../json.ts'
import { shapeOf } from './changes.ts'
import { TableMemo } from './memo.ts'
import type { Organization, TableName } from './organization.ts'
import { readField } from './shapes.ts'

/** One field to sort by. */
export interface Order {
  readonly field: string
  readonly descending: boolean
}

const sortedRows = new TableMemo<readonly number[]>()

/**
 * Every row of a table in that order, empty values last, ties by row. For orders without an index: it reads every
 * record, once for each change of the table.
 */
export function rowsInOrder(
  organization: Organization,
  table: TableName,
  orders: readonly Order[],
): readonly number[] {
  const rows = organization.tables[table]
  const key = orders.map(({ field, descending }) => `${descending ? '-' : ''}${field}`).join()
  return sortedRows.get(rows, key, () => sortRows(organization, table, [...rows.rows()], orders))
}

/** These rows in that order. */
export function sortRows(
  organization: Organization,
  table: TableName,
  rows: readonly number[],
  orders: readonly Order[],
): number[] {
  const keyed = rows.map((row) => ({
    row,
    keys: orders.map(({ field }) => sortKey(organization, table, row, field)),
  }))
  keyed.sort((left, right) => {
    for (const [at, { descending }] of orders.entries()) {
      const difference = compareKeys(left.keys[at] ?? null, right.keys[at] ?? null, descending)
      if (difference !== 0) return difference
    }
    return left.row - right.row
  })
  return keyed.map(({ row }) => row)
}

function sortKey(
  organization: Organization,
  table: TableName,
  row: number,
  field: string,
): string | number | null {
  const rows = organization.tables[table]
  if (rows.dateFields.includes(field)) return rows.dateOf(field, row)
  const record = rows.record(row)
  return comparable(readField(shapeOf(table, record), record, organization, field))
}

/** A value's place in an order: numbers and dates as numbers, text without regard to case. */
function comparable(value: Json | undefined): string | number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string' || value === '') return null
  return parseMoment(value) ?? value.toLowerCase()
}

function compareKeys(
  left: string | number | null,
  right: string | number | null,
  descending: boolean,
): number {
  if (left === right) return 0
  if (left === null) return 1
  if (right === null) return -1
  const ascending = left < right ? -1 : 1
  return descending ? -ascending : ascending
}
