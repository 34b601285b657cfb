import { invalid } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { shapeOf } from '../data/changes.ts'
import { type ObjectKind, objectKind } from '../data/object-kinds.ts'
import type { Organization } from '../data/organization.ts'
import { readField } from '../data/shapes.ts'
import { isObject, type Json, type JsonObject, objectsOf, textOf } from '../json.ts'
import { type ConditionContext, compileCondition, momentRange } from './conditions.ts'
import { requireQueryParts } from './parts.ts'
import { isSubjectType, related, type Subject } from './subjects.ts'
import { matchesText, textIn, textMode } from './text-match.ts'

export type Matches = (subject: Subject) => boolean

/** A range of an indexed date field: `fromMs` included, `toMs` not. */
export interface DateWindow {
  readonly field: string
  readonly fromMs: number
  readonly toMs: number
}

/** A query that can be applied to the rows of a table. */
export interface CompiledQuery {
  /** The object type as the query names it. Rows have it as `__object_type`. */
  readonly word: string
  readonly kind: ObjectKind
  /** Date ranges that contain every match. */
  readonly windows: readonly DateWindow[]
  /** The remaining condition for a match; null: none. */
  readonly matches: Matches | null
}

/** The context of a query's compilation. */
export interface QueryContext extends ConditionContext {
  readonly organization: Organization
}

/**
 * Compiles the `query` of a search. An empty one means all leads.
 * @throws ApiError 400 naming the fault
 */
export function compileQuery(query: Json | undefined, context: QueryContext): CompiledQuery {
  if (query !== undefined && query !== null && !isObject(query)) throw problem('A query is an object.')
  const root =
    isObject(query) && Object.keys(query).length > 0 ? query : { type: 'object_type', object_type: 'lead' }
  const nodes = root['type'] === 'and' && root['negate'] !== true ? objectsOf(root, 'queries') : [root]
  for (const node of [root, ...nodes]) requireQueryParts(node)
  const typeNode = nodes.find((node) => node['type'] === 'object_type' && node['negate'] !== true)
  const word = typeNode ? (textOf(typeNode, 'object_type') ?? '') : ''
  const kind = objectKind(word)
  if (!typeNode) throw problem('Start with an `and` query that has an `object_type` query.')
  if (!kind) throw problem(`Unknown object type: ${word}`)
  const windows: DateWindow[] = []
  const tests: Matches[] = []
  for (const node of nodes) {
    if (node === typeNode) continue
    const window = dateWindow(node, word, kind, context)
    if (window) windows.push(window)
    else tests.push(compileNode(node, word, context))
  }
  return {
    word,
    kind,
    windows,
    matches: tests.length === 0 ? null : (subject) => tests.every((test) => test(subject)),
  }
}

/** A date range on an indexed field needs no record: the index answers it. */
function dateWindow(
  node: JsonObject,
  word: string,
  kind: ObjectKind,
  context: QueryContext,
): DateWindow | null {
  const { condition } = node
  if (node['type'] !== 'field_condition' || node['negate'] === true || !isObject(condition)) return null
  if (condition['type'] !== 'moment_range') return null
  const field = fieldName(node['field'], word, context)
  if (!context.organization.tables[kind.table].dateFields.includes(field)) return null
  return { field, ...momentRange(condition, context) }
}

function compileNode(node: JsonObject, word: string, context: QueryContext): Matches {
  requireQueryParts(node)
  const matches = compileKind(node, word, context)
  return node['negate'] === true ? (subject) => !matches(subject) : matches
}

function compileKind(node: JsonObject, word: string, context: QueryContext): Matches {
  switch (node['type']) {
    case 'match_all':
      return () => true
    case 'and': {
      const parts = objectsOf(node, 'queries').map((part) => compileNode(part, word, context))
      return (subject) => parts.every((part) => part(subject))
    }
    case 'or': {
      const parts = objectsOf(node, 'queries').map((part) => compileNode(part, word, context))
      return (subject) => parts.some((part) => part(subject))
    }
    case 'object_type': {
      const same = node['object_type'] === word
      return () => same
    }
    case 'id':
      return ({ record }) => record['id'] === node['value']
    case 'text': {
      const wanted = textOf(node, 'value') ?? ''
      const mode = textMode(node)
      return (subject) => matchesText(searchableText(subject, context), wanted, mode)
    }
    case 'field_condition': {
      const field = fieldName(node['field'], word, context)
      const test = compileCondition(node['condition'], context)
      return (subject) => test(subject.read(field))
    }
    case 'has_related':
      return compileRelated(node, word, context)
    default:
      throw problem(`Unknown type of query: ${String(node['type'])}`)
  }
}

function compileRelated(node: JsonObject, word: string, context: QueryContext): Matches {
  const relatedWord = textOf(node, 'related_object_type') ?? ''
  const inner = node['related_query']
  if (node['this_object_type'] !== word) throw problem(`this_object_type should be ${word} here.`)
  if (!isSubjectType(relatedWord)) throw problem(`Unknown object type: ${relatedWord}`)
  if (!isObject(inner)) throw problem('has_related needs a related_query.')
  const leads = word === 'lead' ? leadsOfFew(inner, relatedWord, context) : null
  if (leads !== null) return ({ record }) => leads.has(textOf(record, 'id'))
  const matches = compileNode(inner, relatedWord, context)
  return (subject) => related(context.organization, subject, relatedWord).some(matches)
}

/** So many children are few. */
const FEW = 10_000

/** The leads whose children of that type lie in a date range, where the index finds few of them; otherwise null. */
function leadsOfFew(
  node: JsonObject,
  word: string,
  context: QueryContext,
): ReadonlySet<string | null> | null {
  const kind = objectKind(word)
  const window = kind && kind.table !== 'lead' ? dateWindow(node, word, kind, context) : null
  if (!kind || !window) return null
  const table = context.organization.tables[kind.table]
  const index = table.inOrder(window.field)
  const [first, end] = [index.positionOf(window.fromMs), index.positionOf(window.toMs)]
  if (end - first > FEW) return null
  const leads = new Set<string | null>()
  for (let at = first; at < end; at += 1) {
    const row = index.at(at)
    if (row === undefined || (kind.kinds !== null && !kind.kinds.includes(table.kindOf(row)))) continue
    leads.add(textOf(table.record(row), 'lead_id'))
  }
  return leads
}

/** The name under which the field is read. Its object type must be the searched one. */
export function fieldName(field: Json | undefined, word: string, { organization }: QueryContext): string {
  if (!isObject(field)) throw problem('A field is an object with a type.')
  if (field['type'] === 'custom_field') {
    const id = textOf(field, 'custom_field_id') ?? ''
    if (!organization.settings.custom_field.get(id)) throw problem(`Unknown custom field: ${id}`)
    return `custom.${id}`
  }
  const name = textOf(field, 'field_name')
  if (field['type'] !== 'regular_field' || name === null) throw problem('A regular_field needs a field_name.')
  if (field['object_type'] !== word) {
    throw problem(`The field ${name} belongs to ${String(field['object_type'])}, but ${word} is searched.`)
  }
  requireField(name, word, organization)
  return name
}

/** So many records are looked at for a field. */
const LOOKED_AT = 1000

/** @throws ApiError 501 for a field that no record has: Close may know it, and would find something */
function requireField(name: string, word: string, organization: Organization): void {
  const kind = objectKind(word)
  if (!kind) return
  const { table } = kind
  const rows = organization.tables[table]
  let looked = 0
  for (const row of rows.rows()) {
    const record = rows.record(row)
    if (readField(shapeOf(table, record), record, organization, name) !== undefined) return
    looked += 1
    if (looked === LOOKED_AT) break
  }
  if (looked > 0) throw notServed(`the field ${name} of ${word} in a search`)
}

/** The words of a record; those of a lead include its contacts'. */
function searchableText(subject: Subject, { organization }: QueryContext): string {
  const contacts = subject.table === 'lead' ? related(organization, subject, 'contact') : []
  return [subject, ...contacts].map(({ record }) => textIn(record)).join(' ')
}

function problem(message: string): Error {
  return invalid({ query: message })
}
