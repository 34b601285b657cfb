import { isPassObject, type PassRules, passPresets } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { searchedType, searchWithin } from '../../src/gateway/rules/lead-limit.ts'
import { leadScopeOf } from '../../src/gateway/rules/lead-scopes.ts'
import { operations } from '../../src/gateway/rules/operations.ts'
import { Policy } from '../../src/gateway/rules/policy.ts'
import { decide } from './deciding.ts'

const smartView = { id: 'save_1', name: 'Customers in Bavaria' }
const everything: PassRules = { objects: passPresets.everything.grants, smartView }
const pathOf = (template: string) => template.replaceAll(/\{\w+\}/g, 'x1')
/** What Latchwork would have to know more of Close for, to limit it to some leads. */
const undecided = [
  ...['/blocked_phone_number/', '/bulk_action/', '/comment/', '/comment_thread/', '/dialer/'],
  ...['/enrich_field/', '/event/', '/export/', '/report/', '/unsubscribe/', '/webhook/'],
]
const single = [
  'GET /email_template/{id}/render/',
  'PUT /task/',
  'PUT /saved_search/{id}/',
  'DELETE /saved_search/{id}/',
]

describe('#44 every operation of the catalogue, with every preset, beside a smart view', () => {
  it.each(Object.entries(passPresets))('%s is allowed no more than without it', (_name, { grants }) => {
    for (const { method, path, looks } of operations) {
      const body = looks === 'search' ? { query: { type: 'object_type', object_type: 'lead' } } : {}
      const before = decide({ objects: grants }, method, pathOf(path), body)
      const beside = decide({ objects: grants, smartView }, method, pathOf(path), body)
      const isUndecided =
        undecided.some((each) => path.startsWith(each)) || single.includes(`${method} ${path}`)
      const isNewLead = method === 'POST' && path === '/lead/'
      if (before !== 'allowed') expect(beside, `${method} ${path}`).toBe(before)
      else if (isUndecided) expect(beside, `${method} ${path}`).toContain('what a smart view can’t limit')
      else if (isNewLead) expect(beside).toBe('new leads, beside the smart view “Customers in Bavaria”')
      else expect(beside, `${method} ${path}`).toBe('allowed')
    }
  })

  it('each that is allowed is held against leads, or has nothing of them', () => {
    const policy = new Policy(everything)
    for (const operation of operations) {
      const { method, path } = operation
      const verdict = policy.decide(method, pathOf(path), new URLSearchParams())
      if (verdict.denial !== null) continue
      const scope = leadScopeOf(operation)
      const { leads, cut, looksAtBody } = verdict
      const isHeld =
        leads !== null &&
        (leads.answers !== null || leads.named.leads.length + leads.named.records.length > 0 || looksAtBody)
      expect(isHeld, `${method} ${path}: ${scope}`).toBe(scope !== 'none')
      if (leads?.answers !== null && leads?.answers !== undefined)
        expect(cut, `${method} ${path}`).not.toBeNull()
      // What reads records of leads is looked through, or is of a lead in its path.
      if (scope !== 'none' && method === 'GET')
        expect(leads?.answers !== null || path === '/lead/{id}/files/', `${method} ${path}`).toBe(true)
    }
  })

  it('what is of no lead is named by hand, and of nothing that belongs to leads', () => {
    const free = operations.filter((operation) => leadScopeOf(operation) === 'none')
    const objects = new Set(free.flatMap(({ needs }) => needs.map(({ object }) => object)))
    for (const object of [
      'lead',
      'contact',
      'opportunity',
      'task',
      'note',
      'email',
      'call',
      'sms',
      'meeting',
      'comment',
      'event',
    ])
      expect(isPassObject(object) && objects.has(object), object).toBe(false)
  })

  it('an endpoint by hand that Latchwork does not know is refused', () => {
    const rules: PassRules = { objects: {}, smartView, paths: [{ method: 'GET', path: '/new_thing/' }] }
    expect(decide(rules, 'GET', '/new_thing/')).toBe(
      'an unknown endpoint, beside the smart view “Customers in Bavaria”',
    )
    const known: PassRules = { objects: {}, smartView, paths: [{ method: 'GET', path: '/webhook/' }] }
    expect(decide(known, 'GET', '/webhook/')).toContain('can’t limit')
  })
})

describe('a search beside a smart view', () => {
  const view = { type: 'field_condition', field: 'x', condition: 'y' }
  const of = (type: string) => ({ type: 'object_type', object_type: type })
  const and = (...queries: object[]) => ({ type: 'and', queries })

  it('is of one kind that says which lead it belongs to', () => {
    expect(searchedType(and(of('lead'), { type: 'text', value: 'a' }))).toBe('lead')
    expect(searchedType(of('activity.call'))).toBe('activity.call')
    expect(searchedType({ type: 'or', queries: [of('lead'), of('lead')] })).toBe('lead')
    for (const query of [
      and(of('lead'), of('contact')),
      of('contact_email'),
      of('address'),
      of('saved_search'),
      { ...of('lead'), negate: true },
      { type: 'match_all' },
      { ...and(of('lead')), negate: true },
      null,
    ])
      expect(searchedType(query), JSON.stringify(query)).toBeNull()
  })

  it('is made among the leads of the view, whatever it says', () => {
    const search = { query: and(of('lead'), { type: 'or', queries: [] }), _limit: 5 }
    expect(searchWithin(search, 'lead', view)).toEqual({
      query: and(of('lead'), { type: 'or', queries: [] }, view),
      _limit: 5,
      _fields: { lead: ['id'] },
    })
    expect(searchWithin({ query: of('contact'), _fields: { contact: ['name'] } }, 'contact', view)).toEqual({
      query: and(of('contact'), {
        ...{ type: 'has_related', this_object_type: 'contact', related_object_type: 'lead' },
        related_query: view,
      }),
      _fields: { contact: ['name', 'id', 'lead_id'] },
    })
    const either = { type: 'or', queries: [of('lead'), and(of('lead'))] }
    expect(searchWithin({ query: either }, 'lead', view)).toMatchObject({ query: and(either, view) })
  })
})
