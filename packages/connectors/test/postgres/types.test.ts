import { type Column, type DataRecord, parseExactly } from '@latchwork/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WriteResult } from '../../src/index.ts'
import { openStreamWriter, postgres, testContext } from '../context.ts'
import { createTestDatabase, newTable, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  // As 16-time of the field cases: nothing of a session may change a date or a moment.
  await database.client.query(
    `ALTER DATABASE ${database.name} SET timezone = 'Asia/Tokyo'; ALTER DATABASE ${database.name} SET datestyle = 'German'`,
  )
})
afterAll(() => database.drop())

let table = ''
beforeEach(() => {
  table = newTable('typed')
})

const column = (name: string, type: Column['type'] = 'text', label = name): Column => ({ name, label, type })

async function write(records: readonly DataRecord[], columns: readonly Column[]): Promise<WriteResult> {
  const writer = await openStreamWriter(
    postgres,
    { schema: 'public', table },
    database.credential(),
    testContext(),
    { columns: [column('id'), ...columns] },
  )
  try {
    return await writer.write(records)
  } finally {
    await writer.close()
  }
}

/** Every column as text, in the order of ids. */
async function found(...names: string[]): Promise<(string | null)[][]> {
  const columns = names.map((name) => `"${name}"::text`).join(', ')
  const { rows } = await database.client.query({
    text: `SELECT ${columns} FROM ${table} ORDER BY id`,
    rowMode: 'array',
  })
  return rows as (string | null)[][]
}

async function typeOf(name: string): Promise<string> {
  const { rows } = await database.client.query(
    'SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2',
    [table, name],
  )
  return rows[0]?.type
}

const row = (json: string): DataRecord => parseExactly(json) as DataRecord

describe('numbers', () => {
  it('keep their digits in a table, nested ones too', async () => {
    const record = row(
      '{"id":"1","n":12345678901234567890,"f":0.1000000000000000055,"e":1e400,"p":1.50,"deep":[{"x":12345678901234567890,"y":1e400}]}',
    )
    const columns = [
      column('n', 'number'),
      column('f', 'number'),
      column('e', 'number'),
      column('p', 'number'),
    ]
    expect(await write([record], [...columns, column('deep', 'json')])).toMatchObject({
      written: 1,
      refused: [],
    })
    const [[n, f, e, p, deep] = []] = await found('n', 'f', 'e', 'p', 'deep')
    expect([n, f, e, p]).toEqual([
      '12345678901234567890',
      '0.1000000000000000055',
      `1${'0'.repeat(400)}`,
      '1.50',
    ])
    expect(deep).toBe(`[{"x": 12345678901234567890, "y": 1${'0'.repeat(400)}}]`)
  })

  it.each([
    ['smallint', 70_000, 'bigint', '70000'],
    ['integer', 3_000_000_000, 'bigint', '3000000000'],
    ['bigint', '12345678901234567890', 'numeric', '12345678901234567890'],
    ['integer', 1.5, 'numeric', '1.5'],
    ['double precision', '12345678901234567890', 'numeric', '12345678901234567890'],
    ['numeric', 'n/a', 'text', 'n/a'],
    ['numeric', '1.000', 'text', '1.000'],
    ['integer', '0x1F', 'text', '0x1F'],
    ['numeric', 'Infinity', 'text', 'Infinity'],
    ['boolean', 'perhaps', 'text', 'perhaps'],
    ['boolean', 2, 'text', '2'],
    ['date', '2026-03-29T02:30:00+01:00', 'timestamp with time zone', '2026-03-29 01:30:00+00'],
    ['date', 'soon', 'text', 'soon'],
    ['timestamp with time zone', 'soon', 'text', 'soon'],
  ])('and other values: a column of %s that gets %j becomes %s', async (from, given, to, expected) => {
    const before =
      { date: '2026-02-28', boolean: 'true', 'timestamp with time zone': '2026-02-28T10:00:00Z' }[from] ?? '7'
    await database.client.query(
      `CREATE TABLE ${table} (id text PRIMARY KEY, v ${from}); SET timezone = 'UTC'; SET datestyle = 'ISO'`,
    )
    await database.client.query(`INSERT INTO ${table} VALUES ('0', $1)`, [before])
    const value = /^\d{17,}$/.test(String(given)) ? row(`{"v":${given}}`)['v'] : given
    const result = await write(
      [
        { id: '1', v: value },
        { id: '2', v: null },
      ],
      [column('v')],
    )
    expect(result).toMatchObject({ written: 2, refused: [] })
    expect(result.notices).toEqual([
      {
        code: 'column_widened',
        column: 'v',
        count: 1,
        message: expect.stringContaining(`it was ${from}, which can't hold “${given}”`),
      },
    ])
    expect(await typeOf('v')).toBe(to)
    const [[old] = [], [written] = []] = await found('v')
    expect(written).toBe(expected)
    expect(old?.startsWith(before.slice(0, 10))).toBe(true)
    // It fits now, and is not told again.
    expect((await write([{ id: '1', v: value }], [column('v')])).notices).toBeUndefined()
  })

  it.each([
    ['integer', '12', '12'],
    ['numeric', '-12.50', '-12.50'],
    ['numeric', '', null],
    ['boolean', 'yes', 'true'],
    ['date', '2026-02-28', '2026-02-28'],
    ['date', '', null],
    ['uuid', '00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000000'],
    ['numeric(10,2)', '1.5', '1.50'],
    ['text', 12, '12'],
    ['jsonb', '{"a":1}', '{"a": 1}'],
    ['jsonb', 'no JSON', '"no JSON"'],
  ])('a column of %s takes %j as it is', async (type, value, expected) => {
    await database.client.query(`CREATE TABLE ${table} (id text PRIMARY KEY, v ${type})`)
    const result = await write([{ id: '1', v: value }], [column('v')])
    expect(result).toMatchObject({ written: 1, refused: [] })
    expect(result.notices).toBeUndefined()
    expect(await typeOf('v')).toBe(type)
    expect(await found('v')).toEqual([[expected]])
  })

  it('a column that a view needs stays, and only what does not fit is refused', async () => {
    await database.client.query(
      `CREATE TABLE ${table} (id text PRIMARY KEY, v integer); CREATE VIEW ${table}_view AS SELECT v FROM ${table}`,
    )
    const result = await write(
      [
        { id: '1', v: 1 },
        { id: '2', v: 'many' },
        { id: '3', v: 3 },
      ],
      [column('v', 'text', 'Seats')],
    )
    expect(result.written).toBe(2)
    expect(result.refused).toEqual([
      {
        index: 1,
        code: 'record_refused',
        message: expect.stringMatching(
          /“many” does not fit into the column Seats, which is integer.*used by a view/,
        ),
      },
    ])
    expect(await found('id', 'v')).toEqual([
      ['1', '1'],
      ['3', '3'],
    ])
  })

  it('a key that becomes text stays the key', async () => {
    await database.client.query(
      `CREATE TABLE ${table} (id integer PRIMARY KEY, v text); INSERT INTO ${table} VALUES (7, 'old')`,
    )
    await write(
      [
        { id: '7', v: 'new' },
        { id: 'lead_1', v: 'x' },
      ],
      [column('v')],
    )
    expect(await found('id', 'v')).toEqual([
      ['7', 'new'],
      ['lead_1', 'x'],
    ])
  })
})

describe('text that PostgreSQL does not take', () => {
  it('has a replacement character in its place, nested too, and that is counted', async () => {
    const result = await write(
      [
        { id: '1', name: 'Ac\0me Ltd', deep: null },
        { id: '2', name: 'x\ud800', deep: [{ name: 'A\0B', 'k\0': '\udc00' }] },
        { id: '3', name: 'Fine \\u0000 😀', deep: { text: '\\u0000 \\ud800 😀' } },
      ],
      [column('name', 'text', 'Name'), column('deep', 'json')],
    )
    expect(result).toMatchObject({ written: 3, refused: [] })
    expect(result.notices).toEqual([
      {
        code: 'characters_replaced',
        column: 'name',
        count: 2,
        message: expect.stringContaining('Values of Name held a NUL'),
      },
      { code: 'characters_replaced', column: 'deep', count: 1, message: expect.stringContaining('deep') },
    ])
    expect(await found('name')).toEqual([['Ac\ufffdme Ltd'], ['x\ufffd'], ['Fine \\u0000 😀']])
    const { rows } = await database.client.query(`SELECT deep FROM ${table} ORDER BY id`)
    expect(rows.map(({ deep }) => deep)).toEqual([
      null,
      [{ name: 'A\ufffdB', 'k\ufffd': '\ufffd' }],
      { text: '\\u0000 \\ud800 😀' },
    ])
  })

  it('is taken whatever it is made of', async () => {
    const part = fc.constantFrom('\0', '\ud83d', '\ude00', '\\', 'u0000', '"', '\n', 'd800', 'a')
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (values) => {
        const records = values.map((value, index) => ({
          id: String(index).padStart(3, '0'),
          t: value,
          j: { v: value },
        }))
        const result = await write(records, [column('t'), column('j', 'json')])
        expect(result.refused).toEqual([])
        const expected = values.map((value) => value.replaceAll('\0', '\ufffd').toWellFormed())
        const { rows } = await database.client.query(
          `SELECT t, j FROM ${table} ORDER BY id LIMIT ${values.length}`,
        )
        expect(rows.map(({ t }) => t)).toEqual(expected)
        expect(rows.map(({ j }) => j)).toEqual(expected.map((v) => ({ v })))
      }),
      { numRuns: 20 },
    )
  })

  it('may stand in the name and the label of a column', async () => {
    const names = ['a\0b', 'a\ufffdb', 'x\ud800', '', 'constructor']
    const record = { id: '1', ...Object.fromEntries(names.map((name, index) => [name, String(index)])) }
    const columns = names.map((name) => column(name, 'text', `${name}\0`))
    for (let run = 0; run < 2; run += 1) expect((await write([record], columns)).refused).toEqual([])
    const { rows } = await database.client.query(`SELECT * FROM ${table}`)
    expect(Object.values(rows[0])).toEqual(['1', '0', '1', '2', '3', '4', expect.any(Date)])
  })
})

describe('dates and moments', () => {
  it('are the same whatever the database and the server think about time', async () => {
    const result = await write(
      [
        { id: '1', renewal: '2026-01-01', seen: '2026-01-01T00:00:00Z' },
        { id: '2', renewal: '2026-03-29', seen: '2026-03-29T02:30:00+01:00' },
        { id: '3', renewal: '2024-02-29', seen: '2026-11-01T01:30:00-07:00' },
      ],
      [column('renewal', 'date'), column('seen', 'time')],
    )
    expect(result.refused).toEqual([])
    const { rows } = await database.client.query(
      `SELECT to_char(renewal, 'YYYY-MM-DD') AS day, to_char(seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at
       FROM ${table} ORDER BY id`,
    )
    expect(rows).toEqual([
      { day: '2026-01-01', at: '2026-01-01 00:00' },
      { day: '2026-03-29', at: '2026-03-29 01:30' },
      { day: '2024-02-29', at: '2026-11-01 08:30' },
    ])
  })
})
