import type { DataRecord } from '@latchwork/contract'
import type { Client } from 'pg'
import type { WriteNotice } from '../interface.ts'
import { type ColumnType, columnType } from './column-types.ts'
import { itemRecords } from './list-tables.ts'
import type { Mark } from './marks.ts'
import { rowsOf, wideningsFor } from './page-rows.ts'
import type { Prepared, PreparedList, PreparedTable } from './table.ts'
import type { Table } from './table-names.ts'
import type { PageItems, RefusedRow, Row } from './upsert.ts'
import { widenColumns } from './widen.ts'

/** A table that is written to, with the types that its columns have by now. */
export interface TableInUse {
  readonly table: Table
  readonly types: Map<string, ColumnType>
  readonly marks: ReadonlySet<Mark>
  /** See `widenColumns`; null: the table itself is changed. */
  readonly copy: Table | null
}

export interface ListInUse extends TableInUse, Pick<PreparedList, 'column' | 'label'> {}

export interface TablesInUse extends TableInUse {
  readonly lists: readonly ListInUse[]
}

export function inUse({ lists, ...records }: Prepared): TablesInUse {
  return {
    ...tableInUse(records),
    lists: lists.map((list) => ({ ...tableInUse(list), column: list.column, label: list.label })),
  }
}

/** @param copy stands in for it in a preview */
export function tableInUse({ table, types, marks }: PreparedTable, copy: Table | null = null): TableInUse {
  return { table, marks, copy, types: new Map([...types].map(([name, sql]) => [name, columnType(sql)])) }
}

/** What of a page can be written, and why the rest can't. */
export interface FittingPage {
  readonly rows: readonly Row[]
  readonly items: readonly PageItems[]
  readonly refused: readonly RefusedRow[]
  readonly notices: readonly WriteNotice[]
}

/** Makes columns wide enough for a page, and gives its rows, and those of its lists. A record is written with all items or not. */
export async function fittingPage(
  client: Client,
  { lists, ...records }: TablesInUse,
  page: readonly DataRecord[],
): Promise<FittingPage> {
  const own = await fittingRows(client, records, page)
  const refused = new Map(own.refused.map(({ index, message }) => [index, message]))
  const notices = [...own.notices]
  const items: PageItems[] = []
  for (const list of lists) {
    const placed = page.flatMap((record, index) =>
      itemRecords(list, record, records.table.key).map((item) => ({ index, item })),
    )
    const placeOf = (at: number) => placed[at]?.index ?? -1
    const found = await fittingRows(
      client,
      list,
      placed.map(({ item }) => item),
    )
    for (const { index, message } of found.refused) {
      const of = placeOf(index)
      if (!refused.has(of)) refused.set(of, `${list.label}: ${message}`)
    }
    notices.push(...found.notices)
    const rows = found.rows.map(({ index, cells }) => ({ index: placeOf(index), cells }))
    items.push({ table: list.copy ?? list.table, marks: list.marks, rows })
  }
  return {
    rows: own.rows.filter(({ index }) => !refused.has(index)),
    items,
    refused: [...refused].map(([index, message]) => ({ index, message })),
    notices,
  }
}

async function fittingRows(
  client: Client,
  { table, types, copy }: TableInUse,
  page: readonly DataRecord[],
): Promise<ReturnType<typeof rowsOf>> {
  const widened = await widenColumns(client, table, wideningsFor(page, table, types), copy)
  for (const [name, type] of widened.types) types.set(name, type)
  const { rows, refused, notices } = rowsOf(page, table, types, widened.refused)
  return { rows, refused, notices: [...widened.notices, ...notices] }
}
