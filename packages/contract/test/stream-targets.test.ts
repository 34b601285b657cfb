import fc from 'fast-check'
import { expect, it } from 'vitest'
import { streamTargets } from '../src/index.ts'

const id = 'cotype_4XbPqVQ1aC3dEf'
const nothing = new Map<string, string>()
const targetOf = (label: string) => streamTargets([{ name: id, label }], nothing).get(id)

it.each([
  ['Onboarding call', 'onboarding_call'],
  ['Größe & Preis', 'grosse_and_preis'],
  ['Order', 'records_order'],
  ['2026 plans', 'records_2026_plans'],
  ['pg_stat', 'records_pg_stat'],
  ['_synced_at', 'synced_at'],
  ['合同', 'cotype_4_xb_pq_vq1a_c3d_ef'],
  ['🚀', 'cotype_4_xb_pq_vq1a_c3d_ef'],
  ['x'.repeat(80), 'x'.repeat(63)],
])('a type of the name “%s” is written to %s', (label, expected) => {
  expect(targetOf(label)).toBe(expected)
})

it('leaves the streams of every account their names, also where a type has the name of one', () => {
  const offered = [
    { name: 'actitype_1A', label: 'Leads' },
    { name: 'cotype_2B', label: 'leads' },
    { name: 'leads', label: 'All leads' },
  ]
  expect(Object.fromEntries(streamTargets(offered, nothing))).toEqual({
    leads: 'leads',
    actitype_1A: 'leads_2',
    cotype_2B: 'leads_3',
  })
})

it('leaves what stands, and gives its name to no other', () => {
  const known = new Map([
    ['cotype_Old', 'deal'],
    ['cotype_Before', 'cotype_Before'],
  ])
  const offered = [
    { name: 'cotype_Old', label: 'Called otherwise now' },
    { name: 'cotype_Before', label: 'Contract' },
    { name: 'cotype_New', label: 'Deal' },
  ]
  expect(Object.fromEntries(streamTargets(offered, known))).toEqual({
    cotype_Old: 'deal',
    cotype_Before: 'cotype_Before',
    cotype_New: 'deal_2',
  })
})

it('leaves the tables of lists their names', () => {
  const offered = [
    { name: 'contacts', label: 'Contacts' },
    { name: 'cotype_1A', label: 'Contacts emails' },
    { name: 'cotype_2A', label: 'Deal' },
    { name: 'cotype_3A', label: 'Deal rooms' },
  ]
  const apart = streamTargets(offered, nothing, { lists: 'tables' })
  expect(Object.fromEntries(apart)).toEqual({
    contacts: 'contacts',
    cotype_1A: 'records_contacts_emails',
    cotype_2A: 'deal',
    cotype_3A: 'records_deal_rooms',
  })
})

it('gives each stream a name of its own that needs no quotes, whatever the labels', () => {
  const label = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('User', 'deal', 'Deal', '1', 'x'.repeat(99)),
  )
  fc.assert(
    fc.property(fc.array(label, { maxLength: 12 }), fc.boolean(), (labels, apart) => {
      const offered = labels.map((each, at) => ({ name: `cotype_${at}X`, label: each }))
      const names = [...streamTargets(offered, nothing, apart ? { lists: 'tables' } : {}).values()]
      expect(new Set(names).size).toBe(labels.length)
      for (const name of names) expect(name).toMatch(/^(?!pg_)[a-z][a-z0-9_]{0,61}[a-z0-9]$|^[a-z]$/)
    }),
  )
})
