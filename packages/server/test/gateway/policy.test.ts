import { endpoints } from '@latchwork/close'
import {
  type PassGrants,
  type PassObjectName,
  type PassRules,
  passObject,
  passObjectNames,
  passPresets,
  passVerbs,
  passWords,
  presetOf,
} from '@latchwork/contract'
import { describe, expect, test } from 'vitest'
import { findOperation, operations } from '../../src/gateway/rules/operations.ts'
import { cutOf, decide } from './deciding.ts'

const path = (template: string) => template.replaceAll(/\{\w+\}/g, 'x1')
describe('the catalogue', () => {
  test('every operation of Close belongs to objects and verbs that a pass can be given', () => {
    const count = Object.values(endpoints).flatMap((methods) => Object.keys(methods)).length
    expect(operations.length).toBe(count)
    for (const { needs, looks, path: at, method } of operations) {
      expect(needs.length > 0 || looks === 'activities' || looks === 'search', `${method} ${at}`).toBe(true)
      for (const { object, verb } of needs)
        expect(passObject(object).verbs, `${method} ${at}`).toContain(verb)
    }
  })

  test('every verb of an object is one that Close has an endpoint for', () => {
    for (const name of passObjectNames) {
      for (const verb of passObject(name).verbs) {
        const found = operations.some(({ needs }) =>
          needs.some((each) => each.object === name && each.verb === verb),
        )
        expect(found, `${name}: ${verb}`).toBe(true)
      }
    }
  })

  test('each operation is found at its own address, and a name goes before an id', () => {
    for (const each of operations) expect(findOperation(each.method, path(each.path))).toBe(each)
    expect(findOperation('POST', '/lead/merge/')?.path).toBe('/lead/merge/')
    expect(findOperation('HEAD', '/lead/lead_1/')?.path).toBe('/lead/{id}/')
    expect(findOperation('GET', '/lead/lead_1')?.path).toBe('/lead/{id}/')
    for (const unknown of ['/', '/nothing/', '/lead/a/b/c/', '/Lead/', '/graphql/', '/lead/x/files/y/'])
      expect(findOperation('GET', unknown)).toBeNull()
  })
})

describe('#44 every operation of the catalogue with every preset', () => {
  const presets = Object.entries(passPresets)

  test.each(presets)('%s denies all that it does not give', (_name, { grants }) => {
    const given: PassGrants = grants
    for (const { method, path: at, needs, looks } of operations) {
      if (looks !== 'nothing') continue
      const answer = decide({ objects: given }, method, path(at), {})
      const has = needs.every(({ object, verb }) => given[object]?.includes(verb))
      expect(answer === 'allowed', `${method} ${at}: ${answer}`).toBe(has)
    }
  })

  test('no pass at all may do anything', () => {
    for (const { method, path: at } of operations)
      expect(decide({ objects: {} }, method, path(at), {}), `${method} ${at}`).not.toBe('allowed')
  })

  test('everything may do everything, and without deletes nothing is deleted', () => {
    for (const { method, path: at } of operations) {
      expect(decide({ objects: passPresets.everything.grants }, method, path(at)), `${method} ${at}`).toBe(
        'allowed',
      )
      if (method === 'DELETE' && at !== '/group/{group_id}/member/{user_id}/')
        expect(decide({ objects: passPresets.no_deletes.grants }, method, path(at))).not.toBe('allowed')
    }
  })

  test('read-only changes nothing, whatever the method is called', () => {
    const reading = ['/data/search/', '/report/activity/', '/report/funnel/opportunity/stages/']
    for (const { method, path: at } of operations) {
      const answer = decide({ objects: passPresets.read.grants }, method, path(at))
      const reads =
        method === 'GET' || reading.some((each) => at.startsWith(each)) || at.startsWith('/report/')
      expect(answer === 'allowed', `${method} ${at}: ${answer}`).toBe(reads)
    }
  })

  test('each preset is recognized, and says what it may and may not do', () => {
    for (const [name, { grants }] of presets) {
      expect(presetOf(grants)).toBe(name)
      const { may, mayNot } = passWords({ objects: grants })
      expect(may).toMatch(/^May \S/)
      if (name !== 'everything') expect(mayNot).toMatch(/^May not /)
    }
    expect(passWords({ objects: passPresets.leads.grants })).toEqual({
      may: 'May read leads.',
      mayNot: 'May not create, change or delete anything, nor read anything else.',
    })
    expect(presetOf({ lead: ['read', 'delete'] })).toBeNull()
  })
})

describe('what is in a request decides', () => {
  const only = (...names: PassObjectName[]): PassRules => ({
    objects: Object.fromEntries(names.map((name) => [name, ['read'] as const])),
  })

  test('all activities together need each kind, or the kinds that are asked for', () => {
    expect(decide(only('note'), 'GET', '/activity/')).toMatch(/^Emails: read/)
    expect(decide(only('note'), 'GET', '/activity/?_type=Note')).toBe('allowed')
    expect(decide(only('note'), 'GET', '/activity/?_type=Note&_type=Email')).toBe('Emails: read')
    expect(decide(only('note', 'call'), 'GET', '/activity/?_type__in=Note,Call')).toBe('allowed')
    expect(decide(only('email'), 'GET', '/activity/?_type=EmailThread')).toBe('allowed')
    expect(decide(only('note'), 'GET', '/activity/?_type=Invented')).toMatch(/do not know/)
    expect(cutOf(only('note'), 'GET', '/activity/note/')).toBeNull()
  })

  test('the event log tells only of objects that may be read', () => {
    expect(decide(only('event', 'lead'), 'GET', '/event/')).toMatch(/^everything/)
    expect(decide(only('event', 'note'), 'GET', '/event/?object_type=activity.note')).toBe('allowed')
    expect(decide(only('event', 'task'), 'GET', '/event/?object_type=activity.email')).toBe('Emails: read')
    expect(decide(only('event', 'task'), 'GET', '/event/?object_type=task.lead&object_type=lead')).toMatch(
      /^everything/,
    )
    expect(decide(only('event', 'lead'), 'GET', '/event/?object_type=lead')).toMatch(/^all of Leads/)
    expect(decide(only('event', 'task'), 'GET', '/event/ev_1/')).toBe('everything: read')
  })

  test('a search is held against its object types, and what we do not know is refused', () => {
    const search = (rules: PassRules, query: unknown, more: object = {}) =>
      decide(rules, 'POST', '/data/search/', { query, ...more })
    const leads = { type: 'object_type', object_type: 'lead' }
    const emails = { type: 'object_type', object_type: 'email' }
    const all = (...queries: unknown[]) => ({ type: 'and', queries })
    expect(search(only('lead'), all(leads))).toBe('allowed')
    expect(search(only('lead'), leads, { _fields: { lead: ['id'] }, _limit: 5, cursor: null })).toBe(
      'allowed',
    )
    expect(search(only('lead'), all(leads, emails))).toBe('Emails: read')
    expect(search(only('lead'), { type: 'or', queries: [leads, emails] })).toBe('Emails: read')
    expect(search(only('lead'), all(leads), { _fields: { lead: ['id'], contact: ['emails'] } })).toBe(
      'Contacts: read',
    )
    expect(search(only('lead'), { type: 'match_all' })).toMatch(/does not say which/)
    expect(search(only('lead'), { ...leads, negate: true })).toMatch(/does not say which/)
    expect(search(only('lead'), { type: 'or', queries: [leads, { type: 'match_all' }] })).toMatch(
      /does not say which/,
    )
    expect(search(only('lead'), { type: 'or', queries: [] })).toMatch(/does not say which/)
    expect(search(only('lead'), all(leads, { type: 'saved_search', saved_search_id: 'save_1' }))).toMatch(
      /do not know/,
    )
    expect(search(only('lead'), all(leads, { ...emails, type: 'object_type', hidden: emails }))).toMatch(
      /understand/,
    )
    const related = {
      type: 'has_related',
      this_object_type: 'lead',
      related_object_type: 'email',
      related_query: { type: 'text', value: 'secret' },
    }
    expect(search(only('lead'), all(leads, related))).toBe('Emails: read')
    expect(
      search(only('lead'), all(leads), {
        sort: [
          { direction: 'asc', field: { type: 'regular_field', object_type: 'contact', field_name: 'title' } },
        ],
      }),
    ).toBe('Contacts: read')
    expect(search(only('lead'), all(leads), { include: ['emails'] })).toMatch(/include/)
    expect(decide(only('lead'), 'POST', '/data/search/', undefined)).toMatch(/without a body/)
    expect(decide(only('lead'), 'POST', '/data/search/', [])).toMatch(/without a body/)
    let deep: unknown = leads
    for (let depth = 0; depth < 30; depth++) deep = all(deep)
    expect(search(only('lead'), deep)).toMatch(/understand/)
  })

  test('a new lead brings along only what the pass may create', () => {
    const rules: PassRules = { objects: { lead: ['create', 'read', 'change'] } }
    expect(decide(rules, 'POST', '/lead/', { name: 'A' })).toBe('allowed')
    expect(decide(rules, 'POST', '/lead/', { name: 'A', contacts: [{ name: 'B' }] })).toBe('Contacts: create')
    const more: PassRules = { objects: { lead: ['create'], contact: ['create'] } }
    expect(decide(more, 'POST', '/lead/', { name: 'A', contacts: [{ name: 'B' }] })).toBe('allowed')
    expect(decide(more, 'POST', '/lead/', { name: 'A', tasks: [{}] })).toBe('Tasks: create')
  })

  test('bulk actions, exports, merges and rendered templates need what they do', () => {
    const bulk: PassRules = { objects: { bulk_action: ['create', 'read'], lead: ['read', 'change'] } }
    expect(decide(bulk, 'POST', '/bulk_action/edit/', {})).toBe('allowed')
    expect(decide(bulk, 'POST', '/bulk_action/delete/', {})).toBe('Leads: delete')
    expect(decide(bulk, 'POST', '/bulk_action/email/', {})).toBe('Emails: create')
    expect(decide(only('export', 'lead'), 'GET', '/export/exp_1/')).toMatch(/all of every lead/)
    expect(decide({ objects: { lead: ['read', 'change'] } }, 'POST', '/lead/merge/', {})).toBe(
      'Leads: delete',
    )
    expect(decide(only('template', 'lead'), 'GET', '/email_template/tmpl_1/render/')).toBe('Contacts: read')
  })
})

describe('endpoints by hand', () => {
  test('are allowed as typed, and nothing else', () => {
    const rules: PassRules = {
      objects: {},
      paths: [
        { method: 'GET', path: '/new_thing/{id}/' },
        { method: 'GET', path: '/me/' },
      ],
    }
    expect(decide(rules, 'GET', '/new_thing/a/')).toBe('allowed')
    expect(decide(rules, 'GET', '/me/')).toBe('allowed')
    expect(decide(rules, 'POST', '/new_thing/a/')).toMatch(/unknown endpoint/)
    expect(decide(rules, 'GET', '/new_thing/a/b/')).toMatch(/unknown endpoint/)
    expect(decide(rules, 'GET', '/lead/')).toBe('Leads: read')
  })

  test('of which we know nothing are refused beside limits of fields, since nothing could be cut', () => {
    const rules: PassRules = {
      objects: { lead: ['read'] },
      fields: { lead: { read: ['name'] } },
      paths: [{ method: 'GET', path: '/new_thing/' }],
    }
    expect(decide(rules, 'GET', '/new_thing/')).toMatch(/limits of fields/)
  })
})

test('the table of verbs has no others', () => {
  expect(passVerbs).toEqual(['read', 'create', 'change', 'delete'])
})
