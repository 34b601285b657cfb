import { grants, type PassObjectName, type PassRules, passObject, passObjectNames } from '@latchwork/contract'
import { objectOfType } from './object-types.ts'

/* Which fields of a record a pass may read or write. */

/** They say what a record is and what it belongs to; without them an answer could not be used or cut. */
const alwaysRead = [
  'id',
  '_type',
  '__object_type',
  'object_type',
  'lead_id',
  'contact_id',
  'date_created',
  'date_updated',
]
/** They say what a new record belongs to. */
const alwaysWritten = ['lead_id', 'contact_id', 'custom_activity_type_id', 'custom_object_type_id', '_type']

/** Fields of one object that hold records, or words, of another. */
const embedded: Readonly<Partial<Record<PassObjectName, Readonly<Record<string, PassObjectName>>>>> = {
  lead: {
    contacts: 'contact',
    opportunities: 'opportunity',
    tasks: 'task',
    contacts_summary: 'contact',
    primary_email: 'contact',
    primary_phone: 'contact',
    recent_calls: 'call',
    // They tell what was said to the customer.
    summaries: 'email',
    integration_links: 'integration_link',
  },
  contact: {
    integration_links: 'integration_link',
    opportunities: 'opportunity',
    recent_calls: 'call',
    subscriptions: 'sequence',
  },
  opportunity: {
    lead_name: 'lead',
    contact_name: 'contact',
    lead_primary_email: 'contact',
    lead_primary_phone: 'contact',
    comment_summary: 'comment',
    suggested_action: 'email',
    integration_links: 'integration_link',
  },
  task: { lead_name: 'lead', contact_name: 'contact' },
  email: { lead_name: 'lead' },
  meeting: { lead_name: 'lead' },
  sequence: { contact_email: 'contact' },
  organization: {
    memberships: 'user',
    inactive_memberships: 'user',
    lead_statuses: 'status',
    opportunity_statuses: 'status',
    pipelines: 'status',
  },
}
/** Of them, those that a create or a change can bring along. */
const broughtAlong = ['contacts', 'opportunities', 'tasks']

/** The limits of a pass on what it reads. */
export interface ReadLimits {
  /** The names of the fields that are answered; null: all. Nothing but `alwaysRead` of an object that may not be read. */
  fieldsOf(object: PassObjectName): ReadonlySet<string> | null
  /** Fields of an object that hold records of another one; null: which may not be read. */
  nested(object: PassObjectName): Readonly<Record<string, PassObjectName | null>>
  /** Whether an answer with such records has to be cut. */
  cuts(object: PassObjectName): boolean
}

export function readLimits({ objects, fields = {} }: PassRules): ReadLimits {
  const readable = (object: PassObjectName) => grants(objects, object, 'read')
  const sets = new Map<PassObjectName, ReadonlySet<string> | null>()
  for (const object of passObjectNames) {
    const limit = fields[object]?.read
    const shown = readable(object) ? (limit ?? null) : []
    sets.set(object, shown === null ? null : new Set([...alwaysRead, ...shown]))
  }
  const fieldsOf = (object: PassObjectName) => sets.get(object) ?? null
  const nested = (object: PassObjectName) =>
    Object.fromEntries(
      Object.entries(embedded[object] ?? {}).map(([name, other]) => [name, readable(other) ? other : null]),
    )
  const cuts = (object: PassObjectName): boolean =>
    fieldsOf(object) !== null ||
    Object.values(nested(object)).some((other) => other === null || fieldsOf(other) !== null)
  return { fieldsOf, nested, cuts }
}

/**
 * Whether the pass may read all that there is, without a limit.
 * @param of everything, or everything that belongs to leads
 */
export function readsAll({ objects, fields = {} }: PassRules, of: 'all' | 'leads'): boolean {
  return passObjectNames
    .filter((name) => passObject(name).verbs.includes('read'))
    .filter((name) => of === 'all' || passObject(name).ofLeads === true)
    .every((name) => grants(objects, name, 'read') && (fields[name]?.read ?? null) === null)
}

/** A field that a request names; `custom` stands for all custom fields. */
export function isAmong(allowed: ReadonlySet<string>, field: string): boolean {
  return allowed.has(field) || (field.startsWith('custom.') && allowed.has('custom'))
}

/**
 * The first field of a body that the pass may not write; null: none.
 * @returns what is missing, in words
 */
export function writeFault(
  rules: PassRules,
  object: PassObjectName,
  method: string,
  body: unknown,
): string | null {
  if (Array.isArray(body)) return firstOf(body, (each) => writeFault(rules, object, method, each))
  if (typeof body !== 'object' || body === null) return null
  for (const name of broughtAlong) {
    const other = embedded[object]?.[name]
    const inner: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
    if (other === undefined || inner === undefined) continue
    const verbs = method === 'POST' ? (['create'] as const) : (['create', 'change'] as const)
    if (!grants(rules.objects, other, ...verbs)) return `${passObject(other).label}: ${verbs.join(' and ')}`
    const fault = writeFault(rules, other, 'POST', inner)
    if (fault !== null) return fault
  }
  const limit = rules.fields?.[object]?.write ?? null
  if (limit === null) return null
  const allowed = new Set([...limit, ...broughtAlong, ...(method === 'POST' ? alwaysWritten : [])])
  return firstOf(Object.keys(body), (field) =>
    isAmong(allowed, field)
      ? null
      : `${passObject(object).label}: write ${JSON.stringify(field.slice(0, 100))}`,
  )
}

/** Whether a write of this object has to be looked at before it is sent. */
export function looksAtWrites({ objects, fields = {} }: PassRules, object: PassObjectName): boolean {
  if (fields[object]?.write !== undefined && fields[object]?.write !== null) return true
  return broughtAlong.some((name) => {
    const other = embedded[object]?.[name]
    return (
      other !== undefined &&
      (!grants(objects, other, 'create', 'change') || (fields[other]?.write ?? null) !== null)
    )
  })
}

/**
 * The parameter of a query that would tell of a field which may not be read; null: none. A list that is searched, filtered
 * or sorted by a field tells of it.
 */
export function queryFault(allowed: ReadonlySet<string>, query: URLSearchParams): string | null {
  const free = new Set(['_limit', '_skip', '_cursor', '_fields', 'id__in', ...alwaysRead])
  return firstOf([...query.keys()], (name) => {
    const [base = ''] = name.split('__')
    return free.has(name) || free.has(base) || isAmong(allowed, base) ? null : name.slice(0, 100)
  })
}

/** As `fieldsOf`, by the type that a record of an answer says it is of. */
export function fieldsOfType(limits: ReadLimits, type: string): ReadonlySet<string> | null {
  const object = objectOfType(type)
  return object === null ? new Set(alwaysRead) : limits.fieldsOf(object)
}

function firstOf<T>(values: readonly T[], find: (value: T) => string | null): string | null {
  for (const value of values) {
    const found = find(value)
    if (found !== null) return found
  }
  return null
}
