import type { Column, FlowColumn } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import {
  columnsOfPicked,
  columnWords,
  found,
  nameFault,
  pickedOf,
  pickFault,
  usualNames,
  withName,
  withTick,
} from '../src/streams/columns.ts'

const columns: Column[] = [
  { name: 'id', label: 'Id', type: 'text' },
  { name: 'custom.cf_1', label: 'Number of seats', type: 'number' },
  { name: 'custom.cf_2', label: 'Region', type: 'text' },
]

describe('picked columns', () => {
  it.each<FlowColumn[][]>([
    [[]],
    [['id', 'custom.cf_1']],
    [['id', { name: 'custom.cf_1', as: 'seats' }]],
    [['*', { name: 'custom.cf_1', as: 'seats' }]],
  ])('are as the flow has them: %j', (given) => {
    expect(columnsOfPicked(pickedOf(given))).toEqual(given)
  })

  it('are ticked and unticked in the order of the source', () => {
    const without = withTick(pickedOf([]), columns, ['custom.cf_1'], false)
    expect(columnsOfPicked(without)).toEqual(['id', 'custom.cf_2'])
    expect(columnsOfPicked(withTick(without, columns, ['custom.cf_1'], true))).toEqual([
      'id',
      'custom.cf_1',
      'custom.cf_2',
    ])
    expect(pickFault(withTick(without, columns, ['id', 'custom.cf_2'], false))).toBe(
      'Choose at least one column.',
    )
  })

  it('have names that somebody typed, that they have already, or that the rule says', () => {
    const picked = withName(pickedOf([]), 'custom.cf_1', 'seats')
    const names = usualNames(columns, picked, new Map([['custom.cf_2', 'area']]))
    expect([...names.values()].sort()).toEqual(['area', 'id', 'seats'])
    expect(usualNames(columns, pickedOf([])).get('custom.cf_1')).toBe('number_of_seats')
    expect(columnsOfPicked(withName(picked, 'custom.cf_1', ' '))).toEqual([])
  })

  it('can not have one name twice, or one of ours', () => {
    const seats = withName(pickedOf([]), 'custom.cf_1', 'Seats')
    const twice = withName(seats, 'custom.cf_2', 'seats')
    expect([nameFault(twice, 'custom.cf_1'), nameFault(twice, 'custom.cf_2')]).toEqual([
      null,
      'has the name of another column in the destination',
    ])
    expect(pickFault(twice)).toBe('Change the name that is marked.')
    expect(nameFault(withName(seats, 'id', '_synced_at'), 'id')).toMatch('Latchwork adds itself')
  })

  it('are found by label, name and name in the destination, and told in a few words', () => {
    const given = new Map([['custom.cf_2', 'area']])
    expect(found(columns, given, 'seats num').map(({ name }) => name)).toEqual(['custom.cf_1'])
    expect(found(columns, given, 'AREA').map(({ name }) => name)).toEqual(['custom.cf_2'])
    expect([columnWords([]), columnWords(['id']), columnWords(['*', { name: 'id', as: 'key' }])]).toEqual([
      'All columns',
      'One column',
      'All columns, 1 with a name of your own',
    ])
  })
})
