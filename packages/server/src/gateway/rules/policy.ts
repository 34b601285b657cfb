import {
  grants,
  isPassObject,
  type PassObjectName,
  type PassPath,
  type PassRules,
  type PassSmartView,
  passObject,
  passObjectNames,
} from '@latchwork/contract'
import { beyondFault, looksBeyond, reachFault } from './beyond.ts'
import {
  fieldsOfType,
  looksAtWrites,
  queryFault,
  type ReadLimits,
  readLimits,
  readsAll,
  writeFault,
} from './fields.ts'
import { beside, type LeadCheck, leadCheckOf, namedInBody, searchedType } from './lead-limit.ts'
import type { NamedRecords } from './lead-names.ts'
import { objectOfType } from './object-types.ts'
import { changes, findOperation, type Need, type Operation } from './operations.ts'
import { searchFault } from './search.ts'
import { wordsFault } from './words.ts'

/** Why a pass may not do something. */
export interface Denial {
  readonly code: 'pass_denied' | 'endpoint_unknown'
  /** What it would need, in words: "Emails: read". */
  readonly rule: string
  readonly message: string
}

/** What has to be cut from the records of an answer. */
export interface AnswerCut {
  /** What the records are; null: each says so by itself. */
  readonly object: string | null
  /** The members that stay of such a record; null: all. */
  fieldsOf(object: string): ReadonlySet<string> | null
  /** Members that hold records of another object; null: they are cut. */
  readonly nested: Readonly<Record<string, string | null>>
}

/** A request that the pass may send, as far as its method and address tell. */
export interface Allowed {
  readonly denial: null
  /** Null: an endpoint by hand that the catalogue does not have. */
  readonly operation: Operation | null
  /** Its body decides as well: see `bodyDenial`. */
  readonly looksAtBody: boolean
  /** It changes something in Close. */
  readonly changes: boolean
  readonly cut: AnswerCut | null
  /** Null: the pass sees all leads. */
  readonly leads: LeadCheck | null
}

export type Verdict = Allowed | { readonly denial: Denial }

/** Decides what a pass may send. Everything that no rule allows is refused, and so is what can't be decided. */
export class Policy {
  readonly #rules: PassRules
  readonly #limits: ReadLimits
  readonly #nested: Readonly<Record<string, string | null>>
  readonly #readsAll: boolean
  readonly #hasFieldLimits: boolean
  readonly #byHand: readonly ((method: string, path: string) => boolean)[]
  readonly #view: PassSmartView | null

  constructor(rules: PassRules) {
    this.#rules = rules
    this.#limits = readLimits(rules)
    this.#nested = Object.assign({}, ...passObjectNames.map((name) => this.#limits.nested(name)))
    this.#readsAll = readsAll(rules, 'all')
    this.#hasFieldLimits = Object.values(rules.fields ?? {}).some(
      (limit) => (limit?.read ?? null) !== null || (limit?.write ?? null) !== null,
    )
    this.#byHand = (rules.paths ?? []).map(matcher)
    this.#view = rules.smartView ?? null
  }

  /**
   * @param method after an override
   * @param path below `/api/v1`, as `readTarget` gives it
   */
  decide(method: string, path: string, query: URLSearchParams): Verdict {
    const operation = findOperation(method, path)
    const byHand = this.#byHand.some((matches) => matches(method === 'HEAD' ? 'GET' : method, path))
    if (operation === null) return this.#unknown(method, byHand)
    const missing = byHand ? undefined : operation.needs.find((need) => !this.#has(need))
    if (missing !== undefined) return denied(`${passObject(missing.object).label}: ${missing.verb}`)
    const fault = this.#lookFault(operation, query) ?? this.#queryFault(operation, query)
    if (fault !== null) return denied(fault)
    const leads = this.#view === null ? null : leadCheckOf(this.#view, operation, method, path, query)
    if (typeof leads === 'string') return denied(leads)
    const cut = this.#cutOf(operation, query)
    return {
      denial: null,
      operation,
      changes: changes(operation),
      looksAtBody: (leads !== null && leads.body !== 'nothing') || this.#looksAtBody(operation),
      // What is looked through for leads is understood, or not given out.
      cut: cut ?? (leads?.answers === undefined || leads.answers === null ? null : nothingCut),
      leads,
    }
  }

  /** @param body as JSON says it; undefined: there was none */
  bodyDenial(operation: Operation | null, body: unknown): Denial | null {
    if (operation === null) return null
    if (operation.looks === 'search') {
      const fault = searchFault(this.#rules, body) ?? this.#searchedFault(body)
      return fault === null ? null : denialOf(fault)
    }
    const { answers, method } = operation
    const fault =
      (answers === null ? null : writeFault(this.#rules, answers, method, body)) ??
      beyondFault(this.#rules, operation, body)
    return fault === null ? null : denialOf(fault)
  }

  /** The leads and other records that a body is about, all of which have to be seen. */
  namedIn(operation: Operation | null, body: unknown): NamedRecords | Denial {
    if (this.#view === null || operation === null) return { leads: [], records: [] }
    const named = namedInBody(this.#view, operation, body)
    return typeof named === 'string' ? denialOf(named) : named
  }

  namingDenial(operation: Operation | null, body: unknown): Denial | null {
    const named = this.namedIn(operation, body)
    return 'code' in named ? named : null
  }

  #searchedFault(body: unknown): string | null {
    if (this.#view === null) return null
    const query: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'query') : null
    return searchedType(query) === null
      ? beside(this.#view, 'a search for anything but one kind of leads, or of what belongs to them')
      : null
  }

  #has({ object, verb }: Need): boolean {
    return grants(this.#rules.objects, object, verb)
  }

  #unknown(method: string, byHand: boolean): Verdict {
    if (!byHand) {
      const message =
        'Close has no such endpoint that Latchwork knows of. An owner of the pass can allow it by hand.'
      return { denial: { code: 'endpoint_unknown', rule: `an unknown endpoint, by ${method}`, message } }
    }
    // What it answers could not be cut.
    if (this.#hasFieldLimits) return denied('an unknown endpoint, beside limits of fields')
    if (this.#view !== null) return denied(beside(this.#view, 'an unknown endpoint'))
    const reads = method === 'GET' || method === 'HEAD'
    return { denial: null, operation: null, looksAtBody: false, changes: !reads, cut: null, leads: null }
  }

  #lookFault(operation: Operation, query: URLSearchParams): string | null {
    const { looks } = operation
    if (looks === 'activities') return this.#activitiesFault(query)
    if (looks === 'events') return this.#eventsFault(query)
    return reachFault(this.#rules, operation)
  }

  #activitiesFault(query: URLSearchParams): string | null {
    const asked = [...query.getAll('_type'), ...query.getAll('_type__in').flatMap((each) => each.split(','))]
    const named = asked.map((type) => objectOfType(type.trim()))
    const objects = asked.length === 0 ? activityObjects : named
    for (const object of objects) {
      if (object === null) return 'activities of a kind that we do not know'
      if (this.#has({ object, verb: 'read' })) continue
      const hint = asked.length === 0 ? ' (or ask for some kinds by _type)' : ''
      return `${passObject(object).label}: read${hint}`
    }
    return null
  }

  /** An event holds a whole record, before and after. */
  #eventsFault(query: URLSearchParams): string | null {
    if (this.#readsAll) return null
    const asked = query.getAll('object_type')
    const object = asked.length === 1 ? objectOfType(asked[0] ?? '') : null
    if (object === null) return 'everything: read (or ask for the events of one object_type)'
    if (!this.#has({ object, verb: 'read' })) return `${passObject(object).label}: read`
    return this.#limits.cuts(object) ? `all of ${passObject(object).label}: read` : null
  }

  #queryFault({ answers, looks, method }: Operation, query: URLSearchParams): string | null {
    if (method !== 'GET') return null
    const objects = looks === 'activities' ? activityObjects : answers === null ? [] : [answers]
    for (const object of objects) {
      const allowed = this.#limits.fieldsOf(object)
      if (allowed === null) continue
      const fault = queryFault(allowed, query)
      if (fault !== null) return `${passObject(object).label}: filter or sort by ${JSON.stringify(fault)}`
    }
    return wordsFault(this.#rules, query)
  }

  #looksAtBody(operation: Operation): boolean {
    const { looks, method, answers } = operation
    if (looks === 'search') return !this.#readsAll
    if (looksBeyond(this.#rules, operation)) return true
    return (method === 'POST' || method === 'PUT') && answers !== null && looksAtWrites(this.#rules, answers)
  }

  #cutOf({ answers, looks }: Operation, query: URLSearchParams): AnswerCut | null {
    if (this.#readsAll) return null
    const byRecord = looks === 'search' || looks === 'activities'
    const objects = byRecord ? passObjectNames : answers === null ? [] : [answers]
    const named = looks === 'activities' && query.has('_type')
    if (!named && !objects.some((object) => this.#limits.cuts(object))) return null
    return {
      object: byRecord ? null : answers,
      fieldsOf: (name) =>
        isPassObject(name) ? this.#limits.fieldsOf(name) : fieldsOfType(this.#limits, name),
      nested: this.#nested,
    }
  }
}

const nothingCut: AnswerCut = { object: 'lead', fieldsOf: () => null, nested: {} }

const activityObjects: readonly PassObjectName[] = [
  'note',
  'email',
  'call',
  'sms',
  'whatsapp',
  'meeting',
  'custom_activity',
  'activity',
  'form',
]

function denied(rule: string): Verdict {
  return { denial: denialOf(rule) }
}

function denialOf(rule: string): Denial {
  return {
    code: 'pass_denied',
    rule,
    message: `This pass may not do that. It would need: ${rule}. Ask its owner for it.`,
  }
}

/** Whether a request is the endpoint by hand. `{…}` stands for one part. */
function matcher({ method, path }: PassPath): (method: string, path: string) => boolean {
  const parts = path.split('/').filter((part) => part !== '')
  return (asked, askedPath) => {
    if (asked !== method) return false
    const given = askedPath.split('/').filter((part) => part !== '')
    return (
      given.length === parts.length &&
      parts.every((part, index) => part.startsWith('{') || part === given[index])
    )
  }
}
