import { type DataRecord, valueIn } from '@latchwork/contract'
import type { WriteNotice } from '../interface.ts'
import { cellText } from './cell-text.ts'
import { type ColumnType, columnType, widerType, widest } from './column-types.ts'
import type { Table } from './table-names.ts'
import type { RefusedRow, Row } from './upsert.ts'
import type { Widening } from './widen.ts'

type Types = ReadonlyMap<string, ColumnType>

const unknown = columnType('')

/** What a page needs the table's columns to become. */
export function wideningsFor(page: readonly DataRecord[], table: Table, types: Types): Widening[] {
  return table.columns.flatMap((column): Widening[] => {
    const from = types.get(column.name) ?? unknown
    let to: string | null = null
    let example = ''
    for (const record of page) {
      const value = valueIn(record, column.name)
      const wanted = widerType(from, value)
      if (wanted === null) continue
      const before: string | null = to
      to = before === null ? wanted : widest(before, wanted)
      if (to !== before) example = shown(value)
    }
    return to === null ? [] : [{ column, from, to, example }]
  })
}

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length <= 40 ? text : `${text.slice(0, 39).toWellFormed()}…`
}

/**
 * The rows of a page as the table takes them.
 * @param narrow columns that should have become wider and did not, with the reason
 */
export function rowsOf(
  page: readonly DataRecord[],
  table: Table,
  types: Types,
  narrow: ReadonlyMap<string, string>,
): { rows: Row[]; refused: RefusedRow[]; notices: WriteNotice[] } {
  const rows: Row[] = []
  const refused: RefusedRow[] = []
  const replaced = new Map<string, number>()
  const key = table.columns.findIndex(({ name }) => name === table.key)
  page.forEach((record, index) => {
    const misfit = table.columns.find(({ name }) => {
      const type = types.get(name) ?? unknown
      return narrow.has(name) && widerType(type, valueIn(record, name)) !== null
    })
    if (misfit !== undefined) {
      const value = shown(valueIn(record, misfit.name))
      const { sql } = types.get(misfit.name) ?? unknown
      const reason = narrow.get(misfit.name) ?? ''
      refused.push({
        index,
        message: `“${value}” does not fit into the column ${misfit.label}, which is ${sql}. It could not be made wider: ${reason}.`,
      })
      return
    }
    const cells = table.columns.map(({ name, type }) => {
      const { kind } = types.get(name) ?? unknown
      return cellText(valueIn(record, name), kind, type === 'json')
    })
    if (cells[key]?.text == null) {
      refused.push({ index, message: `The record has no ${table.key}, so it can't be told apart.` })
    } else if (cells[key].replaced) {
      // Another character in its place could make it the key of another record.
      const message = `Its ${table.key} holds a NUL or half a character, which PostgreSQL does not take. Give it another one.`
      refused.push({ index, message })
    } else {
      table.columns.forEach(({ name }, at) => {
        if (cells[at]?.replaced === true) replaced.set(name, (replaced.get(name) ?? 0) + 1)
      })
      rows.push({ index, cells: cells.map(({ text }) => text) })
    }
  })
  const notices = [...replaced].map(([column, count]): WriteNotice => {
    const label = table.columns.find(({ name }) => name === column)?.label ?? column
    return {
      code: 'characters_replaced',
      column,
      count,
      message: `Values of ${label} held a NUL or half a character, which PostgreSQL does not take. U+FFFD (�) stands in its place.`,
    }
  })
  return { rows, refused, notices }
}
