import { type Client, escapeIdentifier } from 'pg'
import type { Existing } from './existing-table.ts'
import { called, columnName, type Table, type TableColumn } from './table-names.ts'

/** A column that a table calls otherwise than it is to be called. */
interface Renaming {
  readonly from: string
  readonly to: string
}

/** A table's columns as they are called there. */
export interface FoundColumns {
  readonly table: Table
  /** As it stands once the columns have their names. */
  readonly existing: Existing
  readonly renamings: readonly Renaming[]
}

/**
 * Looks for the columns in a table that is there. One that it has under a former name gets its present one; one that it has
 * under the source's own name, as tables of before do, keeps that.
 */
export function findColumns(table: Table, existing: Existing): FoundColumns {
  if (existing === null) return { table: withoutOptional(table), existing, renamings: [] }
  const there = new Map(existing)
  const wanted = new Set(table.columns.map(({ inTable }) => inTable))
  const renamings: Renaming[] = []
  const find = (column: TableColumn): TableColumn => {
    const { name, inTable, was = [], left = [] } = column
    if (existing.has(inTable)) return column
    const isUnnamed = (each: string) => existing.has(each) && !wanted.has(each) && !left.includes(each)
    const former = was.map(columnName).findLast(isUnnamed)
    const found = former === undefined ? undefined : there.get(former)
    if (former !== undefined && found !== undefined) {
      renamings.push({ from: former, to: inTable })
      there.delete(former)
      there.set(inTable, { ...found, name: inTable })
      return column
    }
    const own = columnName(name)
    return isUnnamed(own) ? called(column, own) : column
  }
  const found = { ...table, columns: table.columns.map(find) }
  return { table: withoutOptional(found, there), existing: there, renamings }
}

function withoutOptional(table: Table, there: Existing = null): Table {
  const columns = table.columns.filter(
    ({ isOptional, inTable }) => isOptional !== true || there?.has(inTable) === true,
  )
  return { ...table, columns }
}

/** Gives columns their names, in the transaction that is open. */
export async function renameColumns(
  client: Client,
  table: Table,
  renamings: readonly Renaming[],
): Promise<void> {
  for (const { from, to } of renamings) {
    await client.query(
      `ALTER TABLE ${table.quoted} RENAME COLUMN ${escapeIdentifier(from)} TO ${escapeIdentifier(to)}`,
    )
  }
}
