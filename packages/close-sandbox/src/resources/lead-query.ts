import { invalid } from '../api/errors.ts'
import { notServed } from '../api/not-served.ts'
import { parseMoment } from '../clock.ts'
import type { Order } from '../data/ordering.ts'
import type { Organization } from '../data/organization.ts'
import { type Json, type JsonObject, objectsOf, textOf } from '../json.ts'
import { hash32 } from '../random.ts'
import { matchesText } from '../search/text-match.ts'
import { customFieldOf } from './custom-values.ts'
import type { Filter } from './filters.ts'

type Test = (lead: JsonObject) => boolean

/** What the old text search of leads asks for. */
export interface LeadQuery {
  readonly order: Order | null
  readonly filters: readonly Filter[]
  readonly conditions: readonly Test[]
}

/** `word`, `"some words"`, `field:value`, `field>="value"`. */
const TERM = /\s*(?:"([^"]*)"|([^\s":<>=]+))(?:(>=|<=|>|<|:|=)(?:"([^"]*)"|(\S+)))?\s*/y

const DATES: Readonly<Record<string, string>> = {
  created: 'date_created',
  date_created: 'date_created',
  updated: 'date_updated',
  date_updated: 'date_updated',
}
const COMPARISONS = { '>=': 'gte', '<=': 'lte', '>': 'gt', '<': 'lt' } as const
const DAY_MS = 86_400_000

/**
 * Reads the `query` of `GET /lead/`, which Close has deprecated and still honours, as far as the official scripts and
 * the Singer tap use it: words of the name, fields of the lead and its contacts, dates, `sort:` and `slice:`.
 *
 * @throws ApiError 501 for anything else in it, 400 for a value that makes no sense
 */
export function readLeadQuery(text: string, organization: Organization): LeadQuery {
  let order: Order | null = null
  const filters: Filter[] = []
  const conditions: Test[] = []
  TERM.lastIndex = 0
  while (TERM.lastIndex < text.length) {
    const at = TERM.lastIndex
    const match = TERM.exec(text)
    if (match === null) throw notServed(`"${text.slice(at)}" in a query of leads`)
    const [, quoted, bare, operator, quotedValue, bareValue] = match
    const name = quoted ?? bare ?? ''
    const value = quotedValue ?? bareValue ?? ''
    if (operator === undefined) conditions.push(named(name, quoted === undefined))
    else if (name === 'sort') order = sortOrder(value)
    else if (Object.hasOwn(DATES, name)) filters.push(...dateFilters(DATES[name] ?? name, operator, value))
    else if (operator !== ':' && operator !== '=') throw notServed(`${name}${operator} in a query of leads`)
    else conditions.push(name === 'slice' ? slice(value) : fieldTest(name, value, organization))
  }
  return { order, filters, conditions }
}

function named(words: string, isBare: boolean): Test {
  if (isBare && /^(and|or|not)$|[()*-]/i.test(words)) throw notServed(`"${words}" in a query of leads`)
  return (lead) => matchesText(textOf(lead, 'name') ?? '', words, isBare ? 'full_words' : 'phrase')
}

function sortOrder(value: string): Order {
  const name = value.replace(/^-/, '')
  const field = DATES[name] ?? (['name', 'display_name'].includes(name) ? 'name' : undefined)
  if (field === undefined) throw notServed(`sort:${name} in a query of leads`)
  return { field, descending: value.startsWith('-') }
}

function dateFilters(field: string, operator: string, value: string): Filter[] {
  const atMs = parseMoment(value)
  if (atMs === null) throw notServed(`the date "${value}" in a query of leads`)
  const bound = (comparison: Filter['comparison'], ms: number): Filter => ({
    field,
    comparison,
    text: new Date(ms).toISOString(),
  })
  if (operator === ':' || operator === '=') return [bound('gte', atMs), bound('lt', atMs + DAY_MS)]
  const comparison = Object.entries(COMPARISONS).find(([sign]) => sign === operator)?.[1] ?? 'gte'
  return [bound(comparison, atMs)]
}

/** One of several parts of all leads, each lead in one of them. */
function slice(value: string): Test {
  const [number = 0, of = 0] = value.split('/').map(Number)
  if (!(number >= 1 && number <= of)) throw invalid({ query: `slice:${value} should be like slice:1/4` })
  return (lead) => hash32(textOf(lead, 'id') ?? '') % of === number - 1
}

function fieldTest(name: string, value: string, organization: Organization): Test {
  const wanted = value.toLowerCase()
  const same = (found: Json | undefined): boolean => String(found ?? '').toLowerCase() === wanted
  const ofContacts = (test: (contact: JsonObject) => boolean): Test => {
    const { contact } = organization.tables
    return (lead) => contact.rowsOfLead(textOf(lead, 'id') ?? '').some((row) => test(contact.record(row)))
  }
  switch (name) {
    case 'company':
    case 'name':
      return (lead) => matchesText(textOf(lead, 'name') ?? '', value, 'phrase')
    case 'description':
      return (lead) => matchesText(textOf(lead, 'description') ?? '', value, 'phrase')
    case 'id':
    case 'lead_id':
      return (lead) => same(lead['id'])
    case 'url':
      return (lead) => same(lead['url'])
    case 'status_id':
    case 'lead_status_id':
      return (lead) => same(lead['status_id'])
    case 'status':
    case 'lead_status':
    case 'status_label': {
      const { lead_status } = organization.settings
      return (lead) => same(lead_status.get(textOf(lead, 'status_id') ?? '')?.['label'])
    }
    case 'email':
    case 'email_address':
      return ofContacts((contact) => objectsOf(contact, 'emails').some((each) => same(each['email'])))
    case 'phone':
    case 'phone_number':
      return ofContacts((contact) => objectsOf(contact, 'phones').some((each) => same(each['phone'])))
    case 'contact':
    case 'contact_name':
      return ofContacts((contact) => matchesText(textOf(contact, 'name') ?? '', value, 'phrase'))
  }
  const field = name.startsWith('custom.') ? customFieldOf(name.slice(7), 'lead', organization) : undefined
  if (field === undefined) throw notServed(`${name}: in a query of leads`)
  return (lead) => {
    const stored = lead[`custom.${textOf(field, 'id')}`]
    return Array.isArray(stored) ? stored.some(same) : same(stored)
  }
}
