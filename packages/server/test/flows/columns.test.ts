import type { Column, ColumnType } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { StoredColumn } from '../../src/database/stream-tables.ts'
import { type ColumnRules, decided, met, nextColumns, withNewNames } from '../../src/flows/columns.ts'

const rules: ColumnRules = { naming: 'label', chosen: [], given: new Map(), typed: true }
const id: Column = { name: 'id', label: 'Id', type: 'text' }
const seats = (label = 'Seats', type: ColumnType = 'number'): Column => ({ name: 'custom.cf_1', label, type })
const isNew = true
const before = met(nextColumns([], [id, seats()], rules).stored, [])
const find = (columns: readonly StoredColumn[], name = 'custom.cf_1') =>
  columns.find((column) => column.name === name)

describe('the columns of a stream', () => {
  it('are named by their labels at first, without a word about it', () => {
    const { columns, notices, held } = nextColumns([], [id, seats()], rules)
    expect(columns).toEqual([
      { ...id, isNew },
      { ...seats(), isNew, as: 'seats' },
    ])
    expect([notices, held]).toEqual([[], null])
  })

  it('keep their names when a field is called otherwise, and when others come', () => {
    const other: Column = { name: 'custom.cf_2', label: 'Seats', type: 'text' }
    const { columns, notices } = nextColumns(before, [id, other, seats('Number of seats')], rules)
    expect(columns.map(({ as }) => as)).toEqual([undefined, 'seats_2', 'seats'])
    expect(notices.map(({ code, message }) => [code, message])).toEqual([
      ['schema_changed', '“Seats” is read from now on. Its column is seats_2.'],
      ['schema_changed', '“Seats” is called “Number of seats” now. Its column is seats.'],
    ])
  })

  it('take the new names where somebody asks for it, and say what they were called', () => {
    const { stored } = nextColumns(before, [id, seats('Number of seats')], rules)
    const renamed = withNewNames(stored, new Map())
    expect(find(renamed)).toMatchObject({ as: 'number_of_seats', was: ['seats'] })
    expect(nextColumns(renamed, [id, seats('Number of seats')], rules)).toMatchObject({
      columns: [{ name: 'id' }, { as: 'number_of_seats', was: ['seats'] }],
      notices: [],
    })
  })

  it('of a flow of before keep the names of the source', () => {
    const source: ColumnRules = { ...rules, naming: 'source' }
    const { columns, stored } = nextColumns([], [id, seats()], source)
    expect(columns).toEqual([
      { ...id, isNew },
      { ...seats(), isNew },
    ])
    expect(find(withNewNames(stored, new Map()))).toMatchObject({ as: 'seats', was: ['custom.cf_1'] })
  })

  it('are called as people have said, and what had that name makes room', () => {
    const given: ColumnRules = { ...rules, given: new Map([['id', 'seats']]) }
    const { columns } = nextColumns(before, [id, seats()], given)
    expect(columns).toMatchObject([
      { as: 'seats', was: ['id'] },
      { as: 'seats_2', was: ['seats'] },
    ])
  })

  it('that are gone are told once, and keep their names for when they come again', () => {
    const first = nextColumns(before, [id], rules)
    expect(first.notices.map(({ message }) => message)).toEqual([
      '“Seats” is not read any more. What seats has stays there.',
    ])
    const second = nextColumns(
      first.stored,
      [id, { name: 'custom.cf_2', label: 'Seats', type: 'text' }],
      rules,
    )
    expect(second.columns.map(({ as }) => as)).toEqual([undefined, 'seats_2'])
    expect(second.notices).toHaveLength(1)
    const third = nextColumns(second.stored, [id, seats()], rules)
    expect(find(third.stored)).toMatchObject({ as: 'seats', gone: false })
  })
})

describe('a column whose type changes', () => {
  it.each([
    ['date', 'time'],
    ['text', 'number'],
  ] as const)('from %s to %s goes on, and is told', (from, to) => {
    const { stored } = nextColumns([], [id, seats('Start', from)], rules)
    const { held, notices } = nextColumns(stored, [id, seats('Start', to)], rules)
    expect(held).toBeNull()
    expect(notices.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^“Start” was .+ and is .+ now\. Its column holds both\.$/),
    ])
  })

  it('is held where its column can not hold both, until it is what it was', () => {
    const { held, stored } = nextColumns(before, [id, seats('Seats', 'text')], rules)
    expect(held).toMatchObject({
      code: 'schema_change_held',
      message: expect.stringMatching(
        /^“Seats” was a number and is text now\. Choose on the page of the flow/,
      ),
    })
    expect(find(stored)).toMatchObject({ type: 'number', changedTo: 'text' })
    const back = nextColumns(stored, [id, seats()], rules)
    expect([back.held, find(back.stored)?.changedTo]).toEqual([null, null])
  })

  it('is not held by a column of text, whatever came into it meanwhile', () => {
    const run = (stored: readonly StoredColumn[], type: ColumnType) =>
      nextColumns(stored, [id, seats('Seats', type)], rules)
    let next = run([], 'text')
    for (const type of ['number', 'text', 'date', 'json', 'text'] as const) {
      next = run(next.stored, type)
      expect([type, next.held]).toEqual([type, null])
      expect(next.columns[1]).toMatchObject({ as: 'seats', type: 'text' })
    }
    // So it is once somebody has chosen one column for both.
    const chosen = decided(run(before, 'text').stored, { column: 'custom.cf_1', choice: 'same_column' })
    expect(run(run(chosen, 'text').stored, 'number').held).toBeNull()
    expect(run(run(run(chosen, 'text').stored, 'number').stored, 'text').held).toBeNull()
  })

  it('waits for a choice where a table that is there has another type', () => {
    const first = nextColumns([], [id, seats('Seats', 'text')], rules)
    const held = met(first.stored, [{ field: 'custom.cf_1', rule: 'number', message: '' }])
    expect(find(held)).toMatchObject({ type: 'number', changedTo: 'text' })
    const next = nextColumns(held, [id, seats('Seats', 'text')], rules)
    expect(next.held).toMatchObject({ code: 'schema_change_held' })
    const chosen = decided(held, { column: 'custom.cf_1', choice: 'same_column' })
    expect(nextColumns(chosen, [id, seats('Seats', 'text')], rules)).toMatchObject({
      held: null,
      columns: [id, { as: 'seats', type: 'text' }],
    })
  })

  it('is not held where columns have no types', () => {
    const { held } = nextColumns(before, [id, seats('Seats', 'text')], { ...rules, typed: false })
    expect(held).toBeNull()
  })

  it('goes on in the same column, or in a new one beside it', () => {
    const now = [id, seats('Seats', 'text')]
    const { stored } = nextColumns(before, now, rules)
    const choose = (choice: 'same_column' | 'new_column') =>
      nextColumns(decided(stored, { column: 'custom.cf_1', choice }), now, rules)
    expect(choose('same_column')).toMatchObject({ held: null, columns: [id, { as: 'seats', type: 'text' }] })
    expect(choose('new_column')).toMatchObject({
      held: null,
      columns: [id, { as: 'seats_text', type: 'text', left: ['seats'] }],
    })
    // What was left to the values of before is nobody's any more.
    const another: Column = { name: 'custom.cf_2', label: 'Seats', type: 'text' }
    const later = nextColumns(choose('new_column').stored, [...now, another], rules)
    expect(later.columns.at(-1)?.as).toBe('seats_2')
    expect(() => decided(before, { column: 'custom.cf_1', choice: 'same_column' })).toThrow(
      expect.objectContaining({ code: 'column_unchanged' }),
    )
  })
})
