import fc from 'fast-check'
import { expect, it } from 'vitest'
import { columnNames } from '../src/index.ts'

const nameOf = (label: string, name = 'custom.cf_1') => columnNames([{ name, label }]).get(name)

it.each([
  ['Number of seats', 'number_of_seats'],
  ['Größe in m²', 'grosse_in_m2'],
  ['Œuvre d’art', 'oeuvre_dart'],
  ['R&D budget', 'r_and_d_budget'],
  ['Discount %', 'discount_percent'],
  ['numberOfSeats', 'number_of_seats'],
  ['Количество мест', 'kolichestvo_mest'],
  ['Αριθμός', 'arithmos'],
  ['2024 revenue', '_2024_revenue'],
  ['User', 'user_'],
  ['_deleted_at', 'deleted_at'],
  ['座席数', 'custom_cf_1'],
  ['', 'custom_cf_1'],
])('“%s” is called %s', (label, expected) => {
  expect(nameOf(label)).toBe(expected)
})

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('User', 'order', 'Seats', 'SEATS', 'seats', 'seats_2', '_synced_at', 'x'.repeat(100), ''),
)
it('leaves a plain name as it is, also where a label asks for it', () => {
  const columns = [
    { name: 'custom.cf_1', label: 'Status' },
    { name: 'custom.cf_2', label: 'status' },
    { name: 'status', label: 'Something else' },
    { name: 'to', label: 'To' },
  ]
  expect([...columnNames(columns).values()].toSorted()).toEqual(['status', 'status_2', 'status_3', 'to_'])
  expect(columnNames(columns).get('status')).toBe('status')
})

it('leaves each header of a file as people wrote it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 30 }), (headers) => {
      const names = columnNames(headers.map((header) => ({ name: header, label: header })))
      expect([...names]).toEqual(headers.map((header) => [header, header]))
    }),
  )
})

it('cuts what is too long, and keeps two of them apart', () => {
  const label = 'How many people work at your company in all of its places together'
  const names = columnNames([
    { name: 'custom.cf_1', label: `${label}, roughly` },
    { name: 'custom.cf_2', label: `${label}, exactly` },
  ])
  expect([...names.values()]).toEqual([
    'how_many_people_work_at_your_company_in_all_of_its_places_toget',
    'how_many_people_work_at_your_company_in_all_of_its_places_tog_2',
  ])
})

const dataset = fc.uniqueArray(
  fc.record({ name: text, label: text }).filter(({ name, label }) => name !== label),
  { selector: ({ name }) => name, maxLength: 30 },
)

it('names each column in a way that PostgreSQL takes without quotes, no two alike', () => {
  fc.assert(
    fc.property(dataset, (columns) => {
      const names = [...columnNames(columns).values()]
      expect(names).toHaveLength(columns.length)
      expect(new Set(names).size).toBe(names.length)
      for (const name of names) {
        expect(name).toMatch(/^[a-z_][a-z0-9_]{0,62}$/)
        expect(name).not.toMatch(/^(user|order|_synced_at|_deleted_at)$/)
      }
    }),
  )
})

it('changes no name that stands, whatever is added or called otherwise meanwhile', () => {
  fc.assert(
    fc.property(dataset, dataset, (before, more) => {
      const held = columnNames(before)
      const later = [...more.filter(({ name }) => !held.has(name)), ...before].map((column) => ({
        ...column,
        label: `${column.label} of today`,
      }))
      const names = columnNames(later, held)
      for (const [name, as] of held) expect(names.get(name)).toBe(as)
      expect(new Set(names.values()).size).toBe(later.length)
    }),
  )
})
