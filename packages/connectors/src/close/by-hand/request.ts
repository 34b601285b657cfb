import { isHeaderValue, isOwnHeader } from '@latchwork/close'
import type { FieldValues } from '@latchwork/contract'
import { z } from 'zod'
import { macroFault } from './macros.ts'

/** What a search by hand asks for. */
const searchSchema = z.strictObject({
  query: z.looseObject({ type: z.string() }),
  _fields: z.record(z.string(), z.array(z.string().min(1).max(200)).min(1).max(500)),
})
export type SearchByHand = z.infer<typeof searchSchema>

// Plain segments only: nothing in them can be read in two ways.
const path = /^(\/([A-Za-z0-9_-]+|\{organization\}))+\/?$/
const memberPath = /^[^.\s]{1,200}([.][^.\s]{1,200}){0,9}$/
const parameterName = /^[A-Za-z0-9_.-]{1,100}$/

/** Faults in the fields of a stream by hand beyond what their definitions say: field name to the rest of a sentence. */
export function byHandFaults(values: FieldValues): Record<string, string> {
  const found = Object.entries(rules).flatMap(([name, rule]): [string, string][] => {
    const value = values[name]
    const fault = value === undefined ? null : rule(value, values)
    return fault === null ? [] : [[name, fault]]
  })
  return Object.fromEntries(found)
}

const rules: Readonly<Record<string, (value: string, values: FieldValues) => string | null>> = {
  path: (value) => {
    if (/^\/api(\/|$)/i.test(value)) return 'begins after /api/v1, for example /lead/'
    if (/^\/api_key(\/|$)/i.test(value)) return 'can’t be that of API keys: they are secrets'
    return path.test(value)
      ? null
      : 'must be a path such as /lead/, of letters, digits, "_" and "-" between slashes'
  },
  query: (value, { pagination, cursor_parameter: cursor }) => {
    const pairs = linesOf(value, '=')
    if (pairs === null || pairs.some(([name]) => !parameterName.test(name))) {
      return 'must have name=value on each line'
    }
    const own = pagination === 'offset' ? ['_skip', '_limit'] : pagination === 'cursor' ? [cursor] : []
    const taken = pairs.find(([name]) => own.includes(name))
    if (taken !== undefined) return `can’t have ${taken[0]}: it is set for each page`
    return pairs.map(([, each]) => macroFault(each)).find((fault) => fault !== null) ?? null
  },
  headers: (value) => {
    const pairs = linesOf(value, ':')
    if (pairs === null) return 'must have name: value on each line'
    const own = pairs.find(([name]) => isOwnHeader(name))
    if (own !== undefined) {
      return 'can’t have one that says who asks, where it goes or how it is sent: leave Authorization, Cookie, Host and their like out'
    }
    return pairs.every(([, each]) => isHeaderValue(each)) ? null : 'must have plain text for values'
  },
  records: (value) =>
    value === '.' || memberPath.test(value)
      ? null
      : 'must be the name of a member, with dots where it lies deeper',
  cursor_path: (value) =>
    memberPath.test(value) ? null : 'must be the name of a member, with dots where it lies deeper',
  cursor_parameter: (value) => (parameterName.test(value) ? null : 'must be the name of a parameter'),
  body: (value) => {
    const search = readSearch(value)
    if (search === null) {
      return 'must be JSON with query and _fields only: how many, in which order and from which cursor is for Latchwork to say'
    }
    if (objectTypeOf(search) === null) {
      return 'must begin with an "and" query that has one "object_type", whose fields stand under _fields'
    }
    return macroFault(value)
  },
}

/** The pairs on the lines of a text; null where a line has none, or a name stands twice. */
export function linesOf(text: string, mark: '=' | ':'): [name: string, value: string][] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf(mark)
    return at < 1 ? ['', ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
  })
  const names = new Set(pairs.map(([name]) => name.toLowerCase()))
  return names.size === pairs.length && !names.has('') ? pairs : null
}

/** The search of a body; null where it is none. */
export function readSearch(text: string): SearchByHand | null {
  try {
    return searchSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** What is searched for, whose fields are asked for; null where that is not said. */
export function objectTypeOf({ query, _fields: fields }: SearchByHand): string | null {
  const parts: unknown = query['queries']
  if (query.type !== 'and' || query['negate'] === true || !Array.isArray(parts)) return null
  const types = parts.flatMap((part: unknown): string[] => {
    const isType =
      typeof part === 'object' &&
      part !== null &&
      'object_type' in part &&
      'type' in part &&
      part.type === 'object_type'
    return isType && typeof part.object_type === 'string' ? [part.object_type] : []
  })
  const [type, ...others] = types
  return type !== undefined && others.length === 0 && Object.keys(fields).join() === type ? type : null
}
