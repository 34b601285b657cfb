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

/** The values that some fields have: another one is a mistake, and finds not nothing. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  is_complete: ['true', 'false'],
  is_stalled: ['true', 'false'],
  is_archived: ['true', 'false'],
  status_type: ['active', 'won', 'lost'],
  value_period: ['one_time', 'monthly', 'annual'],
}

/** Reads a field of a record. */
export type ReadField = (record: JsonObject, field: string) => Json | undefined

/** @throws ApiError 400 for a value that is none of the choices */
export function requireChoice(name: string, values: readonly string[], choices: readonly string[]): void {
  if (values.every((value) => choices.includes(value))) return
  throw invalid({ [name]: `Input should be one of: ${choices.join(', ')}` })
}

/** The documented filters among the query's parameters. */
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
    const filter: Filter = { field, comparison: suffix ?? 'is', text }
    const choices = CHOICES[field]
    if (choices !== undefined) requireChoice(name, valuesOf(filter), choices)
    filters.push(filter)
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
