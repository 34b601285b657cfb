import { grants, type PassObjectName, type PassRules, passObject } from '@latchwork/contract'
import { isAmong, readLimits } from './fields.ts'
import { objectOfType } from './object-types.ts'

/** Deeper queries are refused. */
const maxDepth = 20

/**
 * Holds the body of `POST /data/search/` against a pass. It is a read, but a query also tells of what it only asks for: a
 * search for leads with an email that has a word tells of emails. So everything that the body names must be readable,
 * and what we do not know is refused.
 * @returns what may not be, in words; null: the search may be sent
 * @see https://developer.close.com/api/resources/advanced-filtering
 */
export function searchFault(rules: PassRules, body: unknown): string | null {
  if (!isRecord(body)) return 'a search without a body'
  const search = new SearchRules(rules)
  const { query, _fields: fields, sort, ...rest } = body
  const unknown = Object.keys(rest).find((name) => !plainMembers.has(name))
  if (unknown !== undefined) return `a search with ${JSON.stringify(unknown.slice(0, 50))}`
  return (
    search.nodeFault(query, 0) ??
    (search.isBounded(query) ? null : 'a search that does not say which objects it is for') ??
    search.fieldsFault(fields) ??
    search.sortFault(sort)
  )
}

/**
 * The same of a search that says by itself which objects it is for, as that of a bulk action does.
 * @param search `{"query": ..., "sort": ...}`
 */
export function conditionsFault(rules: PassRules, search: unknown): string | null {
  if (!isRecord(search)) return 'a search that we do not understand'
  const held = new SearchRules(rules)
  const { query, sort, ...rest } = search
  const unknown = Object.keys(rest).find((name) => !plainMembers.has(name))
  if (unknown !== undefined) return `a search with ${JSON.stringify(unknown.slice(0, 50))}`
  return held.nodeFault(query, 0) ?? held.sortFault(sort)
}

const plainMembers = new Set(['_limit', 'cursor', 'results_limit', 'include_counts'])

class SearchRules {
  readonly #rules: PassRules
  readonly #limits: ReturnType<typeof readLimits>

  constructor(rules: PassRules) {
    this.#rules = rules
    this.#limits = readLimits(rules)
  }

  nodeFault(node: unknown, depth: number): string | null {
    if (!isRecord(node) || depth > maxDepth) return 'a query that we do not understand'
    const { type, negate, ...members } = node
    if (negate !== undefined && typeof negate !== 'boolean') return 'a query that we do not understand'
    switch (type) {
      case 'and':
      case 'or':
        return this.#all(members, ['queries'], () => {
          if (!Array.isArray(members['queries']) || members['queries'].length > 1000)
            return 'a query that we do not understand'
          for (const inner of members['queries']) {
            const fault = this.nodeFault(inner, depth + 1)
            if (fault !== null) return fault
          }
          return null
        })
      case 'match_all':
        return this.#all(members, [], () => null)
      case 'id':
        return this.#all(members, ['value'], () =>
          typeof members['value'] === 'string' ? null : 'a query that we do not understand',
        )
      case 'text':
        // It looks into every field.
        return this.#all(members, ['value', 'mode'], () =>
          this.#hasFieldLimits() ? 'a search for text, which looks into fields that may not be read' : null,
        )
      case 'object_type':
        return this.#all(members, ['object_type'], () => this.#typeFault(members['object_type']))
      case 'has_related':
        return this.#all(
          members,
          ['this_object_type', 'related_object_type', 'related_query'],
          () =>
            this.#typeFault(members['this_object_type']) ??
            this.#typeFault(members['related_object_type']) ??
            this.nodeFault(members['related_query'], depth + 1),
        )
      case 'field_condition':
        // What a condition holds, values and their kinds, names no further object.
        return this.#all(members, ['field', 'condition'], () => this.#fieldFault(members['field']))
      default:
        return 'a kind of query that we do not know'
    }
  }

  /** Whether what a query finds can only be of object types that it names. */
  isBounded(node: unknown): boolean {
    if (!isRecord(node) || node['negate'] === true) return false
    const queries = Array.isArray(node['queries']) ? node['queries'] : []
    if (node['type'] === 'and') return queries.some((inner) => this.isBounded(inner))
    if (node['type'] === 'or') return queries.length > 0 && queries.every((inner) => this.isBounded(inner))
    return node['type'] === 'object_type'
  }

  /** `{ lead: ['id', 'display_name'] }` */
  fieldsFault(fields: unknown): string | null {
    if (fields === undefined) return null
    if (!isRecord(fields)) return 'fields that we do not understand'
    for (const [type, names] of Object.entries(fields)) {
      const fault = this.#typeFault(type)
      if (fault !== null) return fault
      if (!Array.isArray(names) || names.some((name) => typeof name !== 'string'))
        return 'fields that we do not understand'
    }
    return null
  }

  sortFault(sort: unknown): string | null {
    if (sort === undefined || sort === null) return null
    if (!Array.isArray(sort)) return 'an order that we do not understand'
    for (const each of sort) {
      if (!isRecord(each)) return 'an order that we do not understand'
      const fault = this.#fieldFault(each['field'])
      if (fault !== null) return fault
    }
    return null
  }

  #all(
    members: Record<string, unknown>,
    known: readonly string[],
    judge: () => string | null,
  ): string | null {
    const unknown = Object.keys(members).some((name) => !known.includes(name))
    return unknown ? 'a query that we do not understand' : judge()
  }

  #typeFault(type: unknown): string | null {
    const object = typeof type === 'string' ? objectOfType(type) : null
    if (object === null) return 'a search for objects that we do not know'
    return grants(this.#rules.objects, object, 'read') ? null : `${passObject(object).label}: read`
  }

  #fieldFault(field: unknown): string | null {
    if (!isRecord(field)) return 'a field that we do not understand'
    const { type, object_type: objectType, field_name: name, custom_field_id: id } = field
    if (type === 'custom_field' && typeof id === 'string') return this.#customFault(id)
    if (type !== 'regular_field' || typeof name !== 'string') return 'a field that we do not understand'
    const fault = this.#typeFault(objectType)
    if (fault !== null) return fault
    const object = objectOfType(String(objectType))
    const allowed = object === null ? null : this.#limits.fieldsOf(object)
    return allowed === null || isAmong(allowed, name)
      ? null
      : `${object === null ? '' : passObject(object).label}: read ${JSON.stringify(name.slice(0, 100))}`
  }

  /** A custom field does not say whose it is. */
  #customFault(id: string): string | null {
    for (const object of this.#limited()) {
      const allowed = this.#limits.fieldsOf(object)
      if (allowed !== null && !isAmong(allowed, `custom.${id}`))
        return `${passObject(object).label}: read ${JSON.stringify(`custom.${id.slice(0, 100)}`)}`
    }
    return null
  }

  #hasFieldLimits(): boolean {
    return this.#limited().length > 0
  }

  #limited(): PassObjectName[] {
    const { fields = {}, objects } = this.#rules
    const names = Object.keys(fields) as PassObjectName[] // keys of the rules' fields
    return names.filter((name) => grants(objects, name, 'read') && (fields[name]?.read ?? null) !== null)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
