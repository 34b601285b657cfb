import { invalid } from '../api/errors.ts'
import type { Json, JsonObject } from '../json.ts'

type Kind = 'text' | 'texts' | 'number' | 'boolean' | 'any'

const isKind: Readonly<Record<Kind, (value: Json) => boolean>> = {
  text: (value) => typeof value === 'string',
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  any: () => true,
}

type Parts = Readonly<Record<string, Kind>>

const QUERIES: Readonly<Record<string, Parts>> = {
  match_all: {},
  and: { queries: 'any' },
  or: { queries: 'any' },
  object_type: { object_type: 'text' },
  id: { value: 'text' },
  text: { value: 'text', mode: 'text' },
  field_condition: { field: 'any', condition: 'any' },
  has_related: { this_object_type: 'text', related_object_type: 'text', related_query: 'any' },
}

const CONDITIONS: Readonly<Record<string, Parts>> = {
  boolean: { value: 'boolean' },
  exists: {},
  current_user: {},
  term: { values: 'any' },
  reference: { reference_type: 'text', object_ids: 'texts' },
  text: { value: 'text', mode: 'text' },
  number_range: { gt: 'number', gte: 'number', lt: 'number', lte: 'number' },
  moment_range: { on_or_after: 'any', before: 'any' },
}

/** @throws ApiError 400 for a part that a query of its type has not, or that is of another kind */
export function requireQueryParts(node: JsonObject): void {
  requireParts(node, { negate: 'boolean', ...QUERIES[String(node['type'])] }, QUERIES)
}

/** @throws ApiError 400 for a part that a condition of its type has not, or that is of another kind; for a range without bounds */
export function requireConditionParts(condition: JsonObject): void {
  const type = String(condition['type'])
  requireParts(condition, CONDITIONS[type] ?? {}, CONDITIONS)
  if (!type.endsWith('_range')) return
  const bounds = Object.entries(condition).filter(([name, value]) => name !== 'type' && value !== null)
  if (bounds.length === 0) throw invalid({ query: `A ${type} needs a bound.` })
}

function requireParts(node: JsonObject, parts: Parts, known: Readonly<Record<string, Parts>>): void {
  const type = String(node['type'])
  // An unknown type is refused where the node is compiled.
  if (!Object.hasOwn(known, type)) return
  for (const [name, value] of Object.entries(node)) {
    if (name === 'type') continue
    const kind = Object.hasOwn(parts, name) ? parts[name] : undefined
    if (kind === undefined) throw invalid({ query: `A ${type} has no ${name}.` })
    if (value !== null && !isKind[kind](value)) {
      throw invalid({ query: `${name} of a ${type} should be a valid ${kind}.` })
    }
  }
}
