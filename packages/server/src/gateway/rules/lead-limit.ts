import { isPassObject, type PassSmartView } from '@latchwork/contract'
import { jsonMember } from './json-member.ts'
import { isPlainId, LeadNames, type NamedRecords } from './lead-names.ts'
import { leadScopeOf, leadsAskedFor, tellingFilter } from './lead-scopes.ts'
import { objectOfType } from './object-types.ts'
import { changes, type Operation } from './operations.ts'

/** What has to be asked of Close before a request is sent, and of its answer, because its pass sees only some leads. */
export interface LeadCheck {
  readonly view: PassSmartView
  /** These have to be seen. */
  readonly named: NamedRecords
  /** The member that says which lead a record of the answer is, or belongs to; null: nothing more has to be seen. */
  readonly answers: 'id' | 'lead_id' | null
  /** What the body holds: nothing to look at, names of records, or a search, to which the view is added. */
  readonly body: 'nothing' | 'names' | 'search'
}

const mergeSides = ['source', 'destination']
const nothingNamed: NamedRecords = { leads: [], records: [] }

/**
 * How a request stands to the only leads that a pass sees, as far as its method and address tell.
 * @param path below `/api/v1`
 * @returns what may not be, in words, if it may not be sent
 */
export function leadCheckOf(
  view: PassSmartView,
  operation: Operation,
  method: string,
  path: string,
  query: URLSearchParams,
): LeadCheck | string {
  const scope = leadScopeOf(operation)
  const isWrite = method === 'POST' || method === 'PUT'
  const check = { view, named: nothingNamed, answers: null, body: isWrite ? 'names' : 'nothing' } as const
  if (scope === 'none') return { ...check, body: 'nothing' }
  if (scope === 'search') return { ...check, answers: 'id', body: 'search' }
  if (scope === 'undecided') return beside(view, 'what a smart view can’t limit')
  const ofId = operation.path.includes('{id}')
  const id = path.split('/')[operation.path.split('/').indexOf('{id}')] ?? ''
  if (ofId && !isPlainId(id)) return beside(view, 'an id that we do not understand')
  const answers = scope === 'lead' ? 'id' : 'lead_id'
  if (ofId && scope === 'lead') {
    const named = { leads: [id], records: [] }
    // A file is of the lead in its path.
    if (operation.path !== '/lead/{id}/') return { ...check, named, body: 'nothing' }
    return { ...check, named, answers: method === 'GET' ? answers : null }
  }
  if (ofId) {
    // Without a record in the answer, the record itself says which lead it is of.
    if (method === 'GET') return { ...check, answers }
    const record = `${operation.path.slice(0, operation.path.indexOf('{id}'))}${id}/`
    return { ...check, named: { leads: [], records: [record] } }
  }
  if (operation.path === '/lead/' && isWrite && view.newLeads !== true) return beside(view, 'new leads')
  if (changes(operation)) return check
  const leads = leadsAskedFor(query)
  const odd = leads?.find((each) => !isPlainId(each))
  if (odd !== undefined) return beside(view, 'a lead that we do not understand')
  const telling = leads === null ? tellingFilter(query) : null
  if (telling !== null)
    return beside(
      view,
      `filter all leads by ${JSON.stringify(telling.slice(0, 100))} (or search, or give lead_id)`,
    )
  return { ...check, named: { leads: leads ?? [], records: [] }, answers }
}

/**
 * What the body of a request names, all of which has to be seen.
 * @returns what may not be, in words
 */
export function namedInBody(view: PassSmartView, operation: Operation, body: unknown): NamedRecords | string {
  const scope = leadScopeOf(operation)
  if (scope === 'none' || scope === 'search') return nothingNamed
  const { method, path } = operation
  const isNew = method === 'POST' && !path.includes('{')
  const fault = isNew ? ownerFault(view, path, body) : movesAway(body) ? 'a record without its lead' : null
  if (fault !== null) return beside(view, fault)
  const names = new LeadNames(path === '/lead/merge/' ? mergeSides : [])
  const excess = names.take(body)
  return excess === null ? names.found() : beside(view, excess)
}

/** What a new record belongs to must be said, since otherwise it makes a lead of its own, or belongs to none. */
function ownerFault({ newLeads }: PassSmartView, path: string, body: unknown): string | null {
  if (path === '/lead/merge/') {
    const sides = mergeSides.map((side) => jsonMember(body, side))
    return sides.every((side) => typeof side === 'string' && side !== '') ? null : 'a merge without two leads'
  }
  const owner = jsonMember(body, path === '/sequence_subscription/' ? 'contact_id' : 'lead_id')
  if (path !== '/lead/' && typeof owner === 'string' && owner !== '') return null
  const makesLead = path === '/lead/' || path === '/contact/' || path === '/opportunity/'
  if (makesLead && newLeads === true) return null
  return makesLead ? 'new leads' : 'a record without its lead'
}

function movesAway(body: unknown): boolean {
  const lead = jsonMember(body, 'lead_id')
  return lead !== undefined && (typeof lead !== 'string' || lead === '')
}

/**
 * The kind of object that a search finds, where its records say which lead they belong to.
 * @returns null for several kinds, and for any other
 */
export function searchedType(query: unknown): string | null {
  const found = typesOf(query)
  const [type] = found
  if (type === undefined || found.size !== 1) return null
  const object = objectOfType(type)
  if (object === null || !isPassObject(object)) return null
  // An address is no lead, and a telephone number no contact.
  const isPart = (object === 'lead' || object === 'contact') && type !== object
  return !isPart && searchable.has(object) ? type : null
}

const searchable: ReadonlySet<string> = new Set([
  ...['lead', 'contact', 'opportunity', 'task', 'custom_object'],
  ...['note', 'call', 'email', 'sms', 'whatsapp', 'meeting', 'custom_activity', 'activity', 'form'],
])

/** The kinds that a query is bound to; of an `and`, each part may bind it. */
function typesOf(node: unknown): ReadonlySet<string> {
  const type = jsonMember(node, 'object_type')
  const inner = jsonMember(node, 'queries')
  if (jsonMember(node, 'negate') === true) return new Set()
  if (jsonMember(node, 'type') === 'object_type') return new Set(typeof type === 'string' ? [type] : [])
  const kind = jsonMember(node, 'type')
  if ((kind !== 'and' && kind !== 'or') || !Array.isArray(inner)) return new Set()
  return new Set(inner.flatMap((each: unknown) => [...typesOf(each)]))
}

/**
 * A search among the leads of a view alone. So neither its pages nor its end tell of other leads.
 * @param body one for which `searchedType` gives the type
 * @param viewQuery as Close has it
 */
export function searchWithin(body: object, type: string, viewQuery: object): object {
  const query: unknown = Reflect.get(body, 'query')
  const limit =
    type === 'lead'
      ? viewQuery
      : { type: 'has_related', this_object_type: type, related_object_type: 'lead', related_query: viewQuery }
  const queries = jsonMember(query, 'queries')
  const isAnd =
    jsonMember(query, 'type') === 'and' && jsonMember(query, 'negate') !== true && Array.isArray(queries)
  const within = isAnd
    ? { type: 'and', queries: [...queries, limit] }
    : { type: 'and', queries: [query, limit] }
  const fields = jsonMember(body, '_fields')
  const asked = jsonMember(fields, type)
  const names = new Set([
    ...(Array.isArray(asked) ? asked : []),
    'id',
    ...(type === 'lead' ? [] : ['lead_id']),
  ])
  return { ...body, query: within, _fields: { ...(fields as object | undefined), [type]: [...names] } }
}

export function beside({ id, name = id }: PassSmartView, what: string): string {
  return `${what}, beside the smart view “${name}”`
}
