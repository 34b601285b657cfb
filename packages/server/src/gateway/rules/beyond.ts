import { grants, type PassRules } from '@latchwork/contract'
import { readsAll } from './fields.ts'
import { jsonMember } from './json-member.ts'
import type { Operation } from './operations.ts'
import { conditionsFault } from './search.ts'
import { queryInWordsFault } from './words.ts'

/* Requests that reach beyond the record which they name: they read or write what no answer could be cut from. */

/** What such a request would need, as far as its address tells; null: nothing more. */
export function reachFault(rules: PassRules, { looks }: Operation): string | null {
  switch (looks) {
    case 'whole':
      return readsAll(rules, 'leads') ? null : 'all of every lead: read'
    case 'all':
      return readsAll(rules, 'all') ? null : 'everything: read'
    case 'sums':
      // A number tells of each field that it is made of.
      return limited(rules, 'read') ? 'reports, beside limits of fields that may be read' : null
    case 'enriches':
      return limited(rules, 'write') ? 'enrichment, beside limits of fields that may be written' : null
    case 'bulk':
      return limited(rules, 'write') ? 'bulk actions, beside limits of fields that may be written' : null
    default:
      return null
  }
}

/** Whether its body decides as well. */
export function looksBeyond(rules: PassRules, { looks, method, path }: Operation): boolean {
  if (looks === 'bulk') return method === 'POST' && !readsAll(rules, 'leads')
  return makesLead(method, path) && !grants(rules.objects, 'lead', 'create')
}

/** What the body of such a request would need; null: nothing more. */
export function beyondFault(rules: PassRules, operation: Operation, body: unknown): string | null {
  if (!looksBeyond(rules, operation)) return null
  return operation.looks === 'bulk' ? bulkFault(rules, body) : leadFault(body)
}

/** A bulk action finds its leads by a search, and how many it found tells of what was asked. */
function bulkFault(rules: PassRules, body: unknown): string | null {
  const [search, words] = [jsonMember(body, 's_query'), jsonMember(body, 'query')]
  if (typeof words === 'string' && words !== '') {
    const fault = queryInWordsFault(rules, words)
    if (fault !== null) return fault
  } else if (words !== undefined && words !== null && words !== '') return 'a query that we do not understand'
  if (jsonMember(body, 'sort') !== undefined && limited(rules, 'read')) return 'Leads: read all fields'
  return search === undefined || search === null ? null : conditionsFault(rules, search)
}

/** Without a lead Close makes one, silently. */
function leadFault(body: unknown): string | null {
  const bodies: readonly unknown[] = Array.isArray(body) ? body : [body]
  const isOfLead = bodies.every((each) => {
    const lead = jsonMember(each, 'lead_id')
    return typeof lead === 'string' && lead !== ''
  })
  return isOfLead ? null : 'Leads: create (or name a lead by lead_id)'
}

function makesLead(method: string, path: string): boolean {
  return method === 'POST' && (path === '/contact/' || path === '/opportunity/')
}

function limited({ fields = {} }: PassRules, kind: 'read' | 'write'): boolean {
  return Object.values(fields).some((limit) => (limit?.[kind] ?? null) !== null)
}
