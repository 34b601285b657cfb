import { expect, it } from 'vitest'
import { previewPostgres } from '../../src/postgres/preview.ts'

const columns = (['id', 'name'] as const).map((name) => ({ name, label: name, type: 'text' as const }))
const config = { schema: 'public', table: 'leads' }

it('refuses in the preview of a table what a run refuses', () => {
  const records = [{ id: '1', name: 'A' }, { id: null, name: 'B' }, { name: 'C' }]
  const { rows } = previewPostgres(config, { columns, records, key: 'id', ordered: true })
  expect(rows.map(({ action, after }) => [action, after])).toEqual([
    ['write', { id: '1', name: 'A' }],
    ['refuse', null],
    ['refuse', null],
  ])
  expect(rows[1]?.message).toContain('has no id')
})

it('takes records without a key in an order, and refuses the form where there is none', () => {
  const dataset = { columns, records: [{ id: null, name: 'B' }], key: null, ordered: true }
  expect(previewPostgres(config, dataset).rows).toMatchObject([{ action: 'write', after: { name: 'B' } }])
  expect(() => previewPostgres(config, { ...dataset, ordered: false })).toThrow('could not be told apart')
})
