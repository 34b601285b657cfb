import { type ColumnType, columnHolds, columnTypes } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { StreamPlan } from '../../src/index.ts'
import { streamsGround } from './streams-ground.ts'

const ground = streamsGround()
const { rows, open } = ground

/** Values of each type, with what `::text` makes of them in a column of that type. */
const samples = {
  text: ['many', 'many'],
  number: [12.5, '12.5'],
  boolean: [true, 'true'],
  date: ['2026-02-28', '2026-02-28'],
  time: ['2026-02-28T10:00:00Z', '2026-02-28 10:00:00+00'],
  json: [['a', 'b'], '["a", "b"]'],
} as const

/** What a column of the first type holds as it is. Everything else waits for a choice. */
const safe = [
  ...columnTypes.map((type) => `${type} ← ${type}`),
  ...columnTypes.map((type) => `text ← ${type}`),
  'date ← time',
]

async function write(type: ColumnType, id: string, table: string, isNew = false) {
  const columns: StreamPlan['columns'] = [
    { name: 'id', label: 'Id', type: 'text' },
    { name: 'seats', label: 'Seats', type, ...(isNew && { isNew }) },
  ]
  const writer = await open({ columns }, table)
  const result = await writer.write({ records: [{ id, seats: samples[type][0] }] })
  await writer.close()
  return result
}

describe('a column of one type into which another comes', () => {
  it.each(columnTypes)('%s is held by every column that does not hold it', async (type) => {
    for (const has of columnTypes) {
      const cell = `${has} ← ${type}`
      await write(has, 'before', has)
      const first = write(type, 'new', has, true)
      if (safe.includes(cell)) expect(await first, cell).toMatchObject({ written: 1, refused: [] })
      else {
        await expect(first, cell).rejects.toMatchObject({
          code: 'schema_change_held',
          errors: [{ field: 'seats', rule: has }],
          message: expect.stringMatching(
            /^The column seats of the table .+ and “Seats” is .+ Choose on the page/,
          ),
        })
        expect(await rows(`SELECT id FROM "${has}"`), cell).toEqual([{ id: 'before' }])
      }
      expect([cell, columnHolds(has, type)]).toEqual([cell, safe.includes(cell)])
    }
  })

  it.each(columnTypes)('%s goes into the same column of any type where it was chosen so', async (type) => {
    await ground.database.client.query("SET TIME ZONE 'UTC'")
    for (const has of columnTypes) {
      await write(has, 'before', has)
      expect(await write(type, 'new', has), has).toMatchObject({ written: 1, refused: [] })
      const found = await rows(`SELECT id, seats::text AS seats FROM "${has}" ORDER BY id`)
      // What was there says the same as before; a day that became a time is its midnight.
      expect(found, has).toEqual([
        { id: 'before', seats: expect.stringContaining(samples[has][1]) },
        { id: 'new', seats: expect.stringMatching(/./) },
      ])
    }
  })

  it('is judged by the value where the table has a type of its own', async () => {
    await ground.database.client.query('CREATE TABLE leads (id text PRIMARY KEY, seats varchar(6))')
    expect(await write('number', 'a', 'leads', true)).toMatchObject({ written: 1, refused: [] })
  })
})
