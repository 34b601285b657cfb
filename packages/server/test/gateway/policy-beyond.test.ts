import type { PassObjectName, PassRules } from '@latchwork/contract'
import { passPresets } from '@latchwork/contract'
import { describe, expect, test } from 'vitest'
import { cutOf, decide } from './deciding.ts'

const reading = (...names: PassObjectName[]): PassRules => ({
  objects: Object.fromEntries(names.map((name) => [name, ['read'] as const])),
})
const asked = (path: string, words: string) => `${path}?query=${encodeURIComponent(words)}`
const readsEverything = passPresets.read.grants

describe('#44 a request that reaches beyond the records that it names', () => {
  test('a query in words asks nothing of what may not be read', () => {
    for (const words of ['hollow oak', 'name:"Hollow: Oak" sort:-created', 'custom.Tier:gold', '']) {
      expect(decide(reading('lead'), 'GET', asked('/lead/', words)), words).toBe('allowed')
    }
    for (const words of [
      'email_body:"secret"',
      'name:x or contact_name : ann',
      'calls > 3',
      '"email":x',
      'in:"Other view"',
      'name:"open',
      'oak sort:-num_emails',
      String.raw`name:"a\" email:"b"`,
    ]) {
      expect(decide(reading('lead'), 'GET', asked('/lead/', words)), words).toMatch(/^all of every lead/)
      expect(decide({ objects: readsEverything }, 'GET', asked('/lead/', words)), words).toBe('allowed')
    }
  })

  test('a list is not asked about the leads of its records, nor by a smart view', () => {
    const deals = reading('opportunity')
    expect(decide(deals, 'GET', '/opportunity/?status_type=won')).toBe('allowed')
    expect(decide(deals, 'GET', '/opportunity/?lead_query=email:ann')).toBe('Leads: read')
    expect(decide(deals, 'GET', '/opportunity/?query=oak')).toBe('Leads: read')
    for (const by of ['lead_saved_search_id', 'saved_search_id'])
      expect(decide(reading('opportunity', 'lead'), 'GET', `/opportunity/?${by}=save_1`)).toMatch(
        /^all of every/,
      )
    const limited: PassRules = { ...reading('opportunity', 'lead'), fields: { lead: { read: ['name'] } } }
    expect(decide(limited, 'GET', '/opportunity/?lead_query=x')).toBe('Leads: read all fields')
    expect(decide(reading('report'), 'GET', '/report/statuses/lead/orga_1/?smart_view_id=save_1')).toMatch(
      /^all of every lead/,
    )
  })

  test('a lead keeps no words of contacts, calls and emails that may not be read', () => {
    const cut = cutOf(reading('lead'), 'GET', '/lead/')
    if (cut === null || cut === 'denied') throw new Error('not cut')
    const told = ['primary_email', 'primary_phone', 'contacts_summary', 'recent_calls', 'summaries']
    for (const name of told) expect(cut.nested[name], name).toBeNull()
    const more = cutOf(reading('lead', 'contact', 'call'), 'GET', '/lead/')
    expect(more).toMatchObject({
      nested: { primary_email: 'contact', recent_calls: 'call', summaries: null },
    })
    expect(cutOf(reading('opportunity'), 'GET', '/opportunity/')).toMatchObject({
      nested: { lead_primary_email: null, comment_summary: null },
    })
    expect(cutOf(reading('contact'), 'GET', '/contact/')).toMatchObject({ nested: { subscriptions: null } })
    expect(cutOf(reading('organization'), 'GET', '/organization/orga_1/')).toMatchObject({
      nested: { memberships: null, inactive_memberships: null },
    })
  })

  test('a bulk action finds its leads by what may be read, and writes past no limit', () => {
    const rules: PassRules = { objects: { bulk_action: ['create'], lead: ['read', 'change'] } }
    const edit = (body: unknown, more: Partial<PassRules> = {}) =>
      decide({ ...rules, ...more }, 'POST', '/bulk_action/edit/', body)
    const emails = { type: 'object_type', object_type: 'email' }
    const related = {
      type: 'has_related',
      this_object_type: 'lead',
      related_object_type: 'email',
      related_query: { type: 'match_all' },
    }
    const status = { type: 'set_lead_status', lead_status_id: 'stat_1' }
    expect(edit(status)).toBe('allowed')
    expect(edit({ ...status, query: 'oak', s_query: { query: { type: 'match_all' } } })).toBe('allowed')
    expect(edit({ ...status, s_query: { query: emails } })).toBe('Emails: read')
    expect(edit({ ...status, s_query: { query: related, results_limit: 5 } })).toBe('Emails: read')
    expect(edit({ ...status, s_query: { query: { type: 'match_all' }, hidden: 1 } })).toMatch(/hidden/)
    expect(edit({ ...status, query: 'email:ann' })).toMatch(/^all of every lead/)
    expect(edit({ ...status, query: {} })).toMatch(/understand/)
    const write = { fields: { lead: { write: ['name'] } } }
    expect(edit(status, write)).toMatch(/^bulk actions, beside limits/)
    const enriches: PassRules = {
      objects: { enrichment: ['create'], lead: ['read', 'change'], contact: ['change'] },
    }
    expect(decide(enriches, 'POST', '/enrich_field/', {})).toBe('allowed')
    expect(decide({ ...enriches, ...write }, 'POST', '/enrich_field/', {})).toMatch(/^enrichment, beside/)
  })

  test('a webhook sends records past the gateway, so it is for who may read everything', () => {
    const rules: PassRules = {
      objects: { ...reading('lead').objects, webhook: ['read', 'create', 'change'] },
    }
    const body = { url: 'https://elsewhere.example/', events: [{ object_type: 'lead', action: 'updated' }] }
    expect(decide(rules, 'POST', '/webhook/', body)).toBe('everything: read')
    expect(decide(rules, 'PUT', '/webhook/whsub_1/', body)).toBe('everything: read')
    expect(decide(rules, 'GET', '/webhook/')).toBe('allowed')
    const all = { objects: passPresets.no_deletes.grants }
    expect(decide(all, 'POST', '/webhook/', body)).toBe('allowed')
    expect(decide({ ...all, fields: { lead: { read: ['name'] } } }, 'POST', '/webhook/', body)).toBe(
      'everything: read',
    )
  })

  test('a report tells of the fields that it sums up', () => {
    const report = '/report/custom/orga_1/?y=lead.custom.cf_secret'
    expect(decide(reading('report', 'lead'), 'GET', report)).toBe('allowed')
    const limited: PassRules = { ...reading('report', 'lead'), fields: { lead: { read: ['name'] } } }
    expect(decide(limited, 'GET', report)).toMatch(/^reports, beside limits/)
    expect(decide(limited, 'POST', '/report/activity/', {})).toMatch(/^reports, beside limits/)
  })

  test('a contact or an opportunity without a lead makes one', () => {
    const rules: PassRules = { objects: { contact: ['create'], opportunity: ['create'] } }
    for (const path of ['/contact/', '/opportunity/']) {
      expect(decide(rules, 'POST', path, { lead_id: 'lead_1' })).toBe('allowed')
      for (const body of [{ name: 'Ann' }, { lead_id: null }, { lead_id: '' }, undefined, [{}]])
        expect(decide(rules, 'POST', path, body)).toMatch(/^Leads: create/)
      const more: PassRules = { objects: { ...rules.objects, lead: ['create'] } }
      expect(decide(more, 'POST', path, { name: 'Ann' })).toBe('allowed')
    }
    const withContact: PassRules = { objects: { lead: ['create'], contact: ['create'] } }
    expect(decide(withContact, 'POST', '/lead/', { name: 'A', contacts: [{ name: 'B' }] })).toBe('allowed')
  })

  test('custom activities are asked for by their word, and by one of their types', () => {
    for (const type of ['Custom', 'CustomActivity', 'actitype_1aB'])
      expect(decide(reading('custom_activity'), 'GET', `/activity/?_type=${type}`), type).toBe('allowed')
    expect(decide(reading('note'), 'GET', '/activity/?_type=actitype_1aB')).toBe('Custom activities: read')
  })
})
