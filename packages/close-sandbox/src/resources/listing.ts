import { parseMoment } from '../clock.ts'
import { shapeOf } from '../data/changes.ts'
import { TableMemo } from '../data/memo.ts'
import { type Order, rowsInOrder, sortRows } from '../data/ordering.ts'
import type { Organization, TableName } from '../data/organization.ts'
import { readField } from '../data/shapes.ts'
import type { SortedRows } from '../data/sorted-rows.ts'
import type { JsonObject } from '../json.ts'
import { type Filter, passes, valuesOf } from './filters.ts'
import type { PageRequest } from './paging.ts'

/** A question to one table. */
export interface ListQuery {
  readonly table: TableName
  /** Only these `_type`s; null: all. */
  readonly kinds: readonly string[] | null
  readonly filters: readonly Filter[]
  readonly order: Order
  /** Further conditions on the record. */
  readonly conditions: readonly ((record: JsonObject) => boolean)[]
}

const matchingRows = new TableMemo<readonly number[]>()

/** The rows of one page, and whether there are more after it. */
export function listPage(
  organization: Organization,
  query: ListQuery,
  { limit, skip }: PageRequest,
): { rows: number[]; hasMore: boolean } {
  const { candidates, isMatch } = plan(organization, query)
  if (isMatch === null) {
    const rows = candidates.slice(skip, skip + limit)
    return { rows, hasMore: candidates.length > skip + limit }
  }
  const rows: number[] = []
  let matches = 0
  for (let at = 0; at < candidates.length && matches <= skip + limit; at += 1) {
    const row = candidates.at(at)
    if (row === undefined || !isMatch(row)) continue
    if (matches >= skip && rows.length < limit) rows.push(row)
    matches += 1
  }
  return { rows, hasMore: matches > skip + limit }
}

/** Every matching row; remembered under `key` until the table changes. */
export function listAll(organization: Organization, query: ListQuery, key: string): readonly number[] {
  return matchingRows.get(organization.tables[query.table], key, () => {
    const { candidates, isMatch } = plan(organization, query)
    const rows = candidates.slice(0, candidates.length)
    return isMatch === null ? rows : rows.filter(isMatch)
  })
}

interface Candidates {
  readonly length: number
  at(position: number): number | undefined
  slice(start: number, end: number): number[]
}

interface Plan {
  readonly candidates: Candidates
  /** The remaining test; null if the candidates are the answer. */
  readonly isMatch: ((row: number) => boolean) | null
}

/** Narrows the rows by lead, by id or by a date index before any record is made. */
function plan(organization: Organization, query: ListQuery): Plan {
  const rows = organization.tables[query.table]
  const byLead = query.filters.find(
    ({ field, comparison }) => field === 'lead_id' && (comparison === 'is' || comparison === 'in'),
  )
  const byId = query.filters.find(
    ({ field, comparison }) => field === 'id' && (comparison === 'is' || comparison === 'in'),
  )
  let rest = query.filters
  let candidates: Candidates
  if (byLead || byId) {
    const narrowing = byLead ?? byId
    rest = rest.filter((filter) => filter !== narrowing)
    const found = byLead
      ? new Set(valuesOf(byLead).flatMap((leadId) => rows.rowsOfLead(leadId)))
      : new Set(
          valuesOf(byId ?? { field: 'id', comparison: 'is', text: '' }).flatMap((id) => rows.rowOf(id) ?? []),
        )
    candidates = sortRows(organization, query.table, [...found], [query.order])
  } else if (rows.dateFields.includes(query.order.field)) {
    const ranges = rest.filter(
      ({ field, comparison }) => field === query.order.field && comparison !== 'is' && comparison !== 'in',
    )
    rest = rest.filter((filter) => !ranges.includes(filter))
    candidates = window(rows.inOrder(query.order.field), ranges, query.order.descending)
  } else {
    candidates = [...rowsInOrder(organization, query.table, [query.order])]
  }
  const { kinds, conditions } = query
  if (rest.length === 0 && kinds === null && conditions.length === 0) return { candidates, isMatch: null }
  const isMatch = (row: number): boolean => {
    if (kinds !== null && !kinds.includes(rows.kindOf(row))) return false
    if (rest.length === 0 && conditions.length === 0) return true
    const record = rows.record(row)
    const read = (of: JsonObject, field: string) =>
      readField(shapeOf(query.table, of), of, organization, field)
    return rest.every((filter) => passes(filter, record, read)) && conditions.every((test) => test(record))
  }
  return { candidates, isMatch }
}

/** The part of an index between date bounds, in either direction, without copying it. */
function window(index: SortedRows, ranges: readonly Filter[], descending: boolean): Candidates {
  let from = 0
  let to = index.length
  for (const { comparison, text } of ranges) {
    const moment = parseMoment(text) ?? 0
    if (comparison === 'gte') from = Math.max(from, index.positionOf(moment))
    if (comparison === 'gt') from = Math.max(from, index.positionOf(moment + 1))
    if (comparison === 'lt') to = Math.min(to, index.positionOf(moment))
    if (comparison === 'lte') to = Math.min(to, index.positionOf(moment + 1))
  }
  const length = Math.max(0, to - from)
  const at = (position: number): number | undefined =>
    position < length ? index.at(descending ? to - 1 - position : from + position) : undefined
  return {
    length,
    at,
    slice: (start, end) => {
      const rows: number[] = []
      for (let position = start; position < Math.min(end, length); position += 1) {
        const row = at(position)
        if (row !== undefined) rows.push(row)
      }
      return rows
    },
  }
}
