import { type PassRules, passPresets } from '@latchwork/contract'
import { describe, expect, test } from 'vitest'
import { cutOf, decide } from './deciding.ts'

describe('fields', () => {
  const limited: PassRules = {
    objects: { lead: ['read', 'change', 'create'], note: ['read'] },
    fields: { lead: { read: ['display_name', 'custom.cf_a'], write: ['description'] } },
  }

  test('an answer keeps the chosen fields, and what is embedded of objects that may not be read goes', () => {
    const cut = cutOf(limited, 'GET', '/lead/')
    if (cut === null || cut === 'denied') throw new Error('not cut')
    expect(cut.object).toBe('lead')
    expect([...(cut.fieldsOf('lead') ?? [])]).toEqual(
      expect.arrayContaining(['id', 'display_name', 'custom.cf_a']),
    )
    expect(cut.fieldsOf('lead')?.has('description')).toBe(false)
    expect(cut.nested['contacts']).toBeNull()
    const search = cutOf(limited, 'POST', '/data/search/')
    if (search === null || search === 'denied') throw new Error('not cut')
    expect(search.object).toBeNull()
    expect(search.fieldsOf('contact')?.has('name')).toBe(false)
    expect(search.fieldsOf('invented')?.has('name')).toBe(false)
  })

  test('leads only: what leads hold of contacts, opportunities and tasks is cut', () => {
    const cut = cutOf({ objects: passPresets.leads.grants }, 'GET', '/lead/lead_1/')
    if (cut === null || cut === 'denied') throw new Error('not cut')
    expect(cut.nested).toMatchObject({ contacts: null, opportunities: null, tasks: null })
  })

  test('the answer to a write is no way to read', () => {
    const cut = cutOf({ objects: { lead: ['change'] } }, 'PUT', '/lead/lead_1/')
    if (cut === null || cut === 'denied') throw new Error('not cut')
    expect(cut.fieldsOf('lead')?.has('name')).toBe(false)
    expect(cut.fieldsOf('lead')?.has('id')).toBe(true)
  })

  test('only the chosen fields are written', () => {
    expect(decide(limited, 'PUT', '/lead/lead_1/', { description: 'x' })).toBe('allowed')
    expect(decide(limited, 'PUT', '/lead/lead_1/', { description: 'x', status_id: 's' })).toBe(
      'Leads: write "status_id"',
    )
    expect(decide(limited, 'PUT', '/lead/lead_1/', JSON.parse('{"__proto__": 1}'))).toBe(
      'Leads: write "__proto__"',
    )
    expect(decide(limited, 'POST', '/lead/', { name: 'A' })).toBe('Leads: write "name"')
  })

  test('nothing is searched, filtered or sorted by a field that may not be read', () => {
    expect(decide(limited, 'GET', '/lead/?_limit=5&_skip=0&_fields=id')).toBe('allowed')
    expect(decide(limited, 'GET', '/lead/?query=secret')).toBe('Leads: filter or sort by "query"')
    expect(decide(limited, 'GET', '/lead/?_order_by=phone')).toBe('Leads: filter or sort by "_order_by"')
    const leads = { type: 'object_type', object_type: 'lead' }
    const condition = (field: object) => ({
      type: 'and',
      queries: [leads, { type: 'field_condition', field, condition: {} }],
    })
    const search = (query: unknown, more: object = {}) =>
      decide(limited, 'POST', '/data/search/', { query, ...more })
    expect(
      search(condition({ type: 'regular_field', object_type: 'lead', field_name: 'display_name' })),
    ).toBe('allowed')
    expect(search(condition({ type: 'regular_field', object_type: 'lead', field_name: 'url' }))).toBe(
      'Leads: read "url"',
    )
    expect(search(condition({ type: 'custom_field', custom_field_id: 'cf_a' }))).toBe('allowed')
    expect(search(condition({ type: 'custom_field', custom_field_id: 'cf_b' }))).toBe(
      'Leads: read "custom.cf_b"',
    )
    expect(
      search({ type: 'and', queries: [leads, { type: 'text', value: 'x', mode: 'full_words' }] }),
    ).toMatch(/text/)
    expect(
      search(leads, {
        sort: [
          { direction: 'asc', field: { type: 'regular_field', object_type: 'lead', field_name: 'url' } },
        ],
      }),
    ).toBe('Leads: read "url"')
  })
})
