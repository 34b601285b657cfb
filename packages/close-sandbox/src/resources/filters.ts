import { invalid } from '../api/errors.ts'
import { parseMoment } from '../clock.ts'
import type { Json, JsonObject } from '../json.ts'

const SUFFIXES = ['in', 'gte', 'gt', 'lte', 'lt'] as const

type Comparison = 'is' | (typeof SUFFIXES)[number]

/** One documented query parameter that was sent, such as `date_created__gte`. */
export interface Filter {
  readonly field: string
  readonly comparison: Comparison
  readonly text: string
}

/** Reads a field of a record. */
export type ReadField = (record: JsonObject, field: string) => Json | undefined

/** The documented filters among the query's parameters; all other parameters are ignored, as Close does. */
export function readFilters(query: URLSearchParams, documented: readonly string[]): Filter[] {
  const filters: Filter[] = []
  for (const name of documented) {
    const text = query.get(name)
    if (text === null || text === '') continue
    const suffix = SUFFIXES.find((candidate) => name.endsWith(`__${candidate}`))
    const field = suffix ? name.slice(0, -suffix.length - 2) : name
    if (suffix && suffix !== 'in' && /(^date|_at$|date$)/.test(field) && parseMoment(text) === null) {
      throw invalid({ [name]: 'Input should be a valid date or datetime' })
    }
    filters.push({ field, comparison: suffix ?? 'is', text })
  }
  return filters
}

/** The values of an `is` or `in` filter. */
export function valuesOf(filter: Filter): string[] {
  return filter.comparison === 'in' ? filter.text.split(',').map((value) => value.trim()) : [filter.text]
}

/** Whether the record passes the filter. */
export function passes(filter: Filter, record: JsonObject, read: ReadField): boolean {
  const value = read(record, filter.field)
  if (filter.comparison === 'is' || filter.comparison === 'in') {
    return valuesOf(filter).includes(value === undefined || value === null ? '' : String(value))
  }
  return value !== undefined && value !== null && compares(filter, value)
}

function compares(filter: Filter, value: Json): boolean {
  const left = typeof value === 'number' ? value : parseMoment(String(value))
  const right = typeof value === 'number' ? Number(filter.text) : parseMoment(filter.text)
  if (left === null || right === null) return false
  switch (filter.comparison) {
    case 'gt':
      return left > right
    case 'gte':
      return left >= right
    case 'lt':
      return left < right
    default:
      return left <= right
  }
}
