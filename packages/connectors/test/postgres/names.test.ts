import { columnNames } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { PlannedColumn } from '../../src/index.ts'
import { streamsGround } from './streams-ground.ts'

const ground = streamsGround()

const id: PlannedColumn = { name: 'id', label: 'Id', type: 'text' }
const seats = (more: Partial<PlannedColumn> = {}): PlannedColumn => ({
  ...{ name: 'custom.cf_1', label: 'Number of seats', type: 'number', as: 'number_of_seats' },
  ...more,
})

async function write(column: PlannedColumn, value: unknown = 5): Promise<void> {
  const writer = await ground.open({ columns: [id, column] })
  try {
    const { refused } = await writer.write({ records: [{ id: 'lead_1', 'custom.cf_1': value }] })
    expect(refused).toEqual([])
  } finally {
    await writer.close()
  }
}

/** The columns of the records, with their comments. */
async function columns(): Promise<Record<string, string | null>> {
  const found = await ground.rows(
    `SELECT attname AS name, col_description(attrelid, attnum) AS comment FROM pg_attribute
     WHERE attrelid = 'leads'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE '\\_%' ORDER BY attnum`,
  )
  return Object.fromEntries(found.map(({ name, comment }) => [name, comment]))
}

describe('columns of a table that a flow names', () => {
  it('are called so, and say in their comments what the source calls them', async () => {
    await write(seats())
    expect(await columns()).toEqual({ id: 'Id', number_of_seats: 'Number of seats (custom.cf_1)' })
    expect(await ground.rows('SELECT id, number_of_seats::text FROM leads')).toEqual([
      { id: 'lead_1', number_of_seats: '5' },
    ])
    await write(seats({ label: 'Seats in all' }))
    expect(await columns()).toEqual({ id: 'Id', number_of_seats: 'Seats in all (custom.cf_1)' })
  })

  it('keep the names that a table of before has, until the flow takes others', async () => {
    await write({ name: 'custom.cf_1', label: 'Number of seats', type: 'number' }, 4)
    await write(seats(), 5)
    expect(await columns()).toEqual({ id: 'Id', 'custom.cf_1': 'Number of seats' })
    expect(await ground.rows('SELECT "custom.cf_1"::text AS seats FROM leads')).toEqual([{ seats: '5' }])

    await write(seats({ was: ['custom.cf_1'] }), 6)
    expect(await columns()).toEqual({ id: 'Id', number_of_seats: 'Number of seats (custom.cf_1)' })
    await write(seats({ as: 'seats', was: ['custom.cf_1', 'number_of_seats'] }), 7)
    await write(seats({ as: 'seats', was: ['custom.cf_1', 'number_of_seats'] }), 8)
    expect(await columns()).toEqual({ id: 'Id', seats: 'Number of seats (custom.cf_1)' })
    expect(await ground.rows('SELECT seats::text FROM leads')).toEqual([{ seats: '8' }])
  })

  it('leave what was written under another name as it is, where both are kept', async () => {
    await write({ name: 'custom.cf_1', label: 'Seats', type: 'number' }, 4)
    await write(
      seats({ label: 'Seats', type: 'text', as: 'seats_text', left: ['custom.cf_1'] }),
      'four or five',
    )
    expect(await ground.rows('SELECT "custom.cf_1"::text AS before, seats_text FROM leads')).toEqual([
      { before: '4', seats_text: 'four or five' },
    ])
  })

  it('need no quotes: no word that PostgreSQL keeps for itself is among them', async () => {
    const words = await ground.rows(`SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')`)
    expect(words.length).toBeGreaterThan(90)
    const labels = [...words.map(({ word }) => String(word)), 'xmin', 'ctid', 'oid', '2024', '_synced_at']
    const names = columnNames(labels.map((label, at) => ({ name: `custom.cf_${at}`, label })))
    await ground.rows(`CREATE TABLE words (${[...names.values()].map((name) => `${name} text`).join(', ')})`)
    await ground.rows(`SELECT ${[...names.values()].join(', ')} FROM words`)
  })
})
