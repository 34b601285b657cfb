import type { Column, DataRecord } from '@latchwork/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Json } from '../../src/index.ts'
import { openStreamWriter, postgres, type RecordWriter, testContext, type WriterOptions } from '../context.ts'
import { createTestDatabase, newTable, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let table = ''
beforeEach(() => {
  table = newTable('leads')
})

async function openWriter(
  options: Partial<WriterOptions> = {},
  config: Record<string, string> = {},
): Promise<RecordWriter> {
  return openStreamWriter(
    postgres,
    { schema: 'public', table, ...config },
    database.credential(),
    testContext(),
    options,
  )
}

async function writeAll(records: readonly DataRecord[], options: Partial<WriterOptions> = {}) {
  const writer = await openWriter(options)
  try {
    return await writer.write(records)
  } finally {
    await writer.close()
  }
}

const rows = async (text: string) => (await database.client.query(text)).rows
const column = (name: string, type: Column['type'], label = name): Column => ({ name, label, type })

describe('a PostgreSQL table as a destination', () => {
  it('is made from the columns, with types and labels', async () => {
    const columns = [
      column('id', 'text'),
      column('custom.cf_1', 'number', 'Seats'),
      column('won', 'boolean'),
      column('day', 'date'),
      column('at', 'time'),
      column('tags', 'json'),
    ]
    const record = {
      id: 'lead_1',
      'custom.cf_1': 12.5,
      won: true,
      day: '2026-02-28',
      at: '2026-02-28T10:00:00.123456',
      tags: ['a', { b: null }],
    }
    expect(await writeAll([record], { columns })).toMatchObject({ written: 1, refused: [] })
    expect(
      await rows(`SELECT id, "custom.cf_1"::text AS seats, won, day::text, tags,
                  to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS at FROM ${table}`),
    ).toEqual([
      {
        id: 'lead_1',
        seats: '12.5',
        won: true,
        day: '2026-02-28',
        tags: ['a', { b: null }],
        at: '2026-02-28 10:00:00.123456',
      },
    ])
    const types = await rows(
      `SELECT column_name AS name, data_type AS type,
              col_description('public.${table}'::regclass, ordinal_position) AS comment
       FROM information_schema.columns WHERE table_name = '${table}' ORDER BY ordinal_position`,
    )
    expect(types.map((row) => row.type)).toEqual([
      'text',
      'numeric',
      'boolean',
      'date',
      'timestamp with time zone',
      'jsonb',
      // When the row was written.
      'timestamp with time zone',
    ])
    expect(types[1]).toMatchObject({ name: 'custom.cf_1', comment: 'Seats' })
  })

  it('updates by key, and a repeated page changes nothing', async () => {
    await writeAll([
      { id: '1', name: 'old' },
      { id: '2', name: 'two' },
    ])
    const page = [
      { id: '1', name: 'first' },
      { id: '3', name: 'three' },
      { id: '1', name: 'new' },
    ]
    await writeAll(page)
    await writeAll(page)
    expect(await rows(`SELECT id, name FROM ${table} ORDER BY id`)).toEqual([
      { id: '1', name: 'new' },
      { id: '2', name: 'two' },
      { id: '3', name: 'three' },
    ])
  })

  it('adds the columns that a later dataset has, and leaves the others', async () => {
    await writeAll([{ id: '1', name: 'one' }])
    await writeAll([{ id: '2', size: 4 }], { columns: [column('id', 'text'), column('size', 'number')] })
    expect(await rows(`SELECT id, name, size::int FROM ${table} ORDER BY id`)).toEqual([
      { id: '1', name: 'one', size: null },
      { id: '2', name: null, size: 4 },
    ])
  })

  it('takes any text as it is, whatever the names', async () => {
    const name = 'na"me; DROP TABLE x; --'
    const text = fc
      .string({ unit: 'binary' })
      .filter((value) => value.isWellFormed() && !value.includes('\0'))
    const writer = await openWriter(
      { columns: [column('id', 'text'), column(name, 'text')] },
      { table: `${table}"; --` },
    )
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { minLength: 1, maxLength: 20 }), async (values) => {
        await writer.write(values.map((value, index) => ({ id: String(index), [name]: value })))
        const found = await database.client.query(
          `SELECT "${name.replaceAll('"', '""')}" AS value FROM "${table}""; --" ORDER BY id::int LIMIT ${values.length}`,
        )
        expect(found.rows.map((row) => row.value)).toEqual(values)
      }),
      { numRuns: 30 },
    )
    await writer.close()
  })

  it('keeps columns apart whose long names begin alike', async () => {
    const long = 'x'.repeat(80)
    const columns = [column('id', 'text'), column(`${long}1`, 'text'), column(`${long}2`, 'text')]
    for (const value of ['a', 'b']) {
      await writeAll([{ id: '1', [`${long}1`]: value, [`${long}2`]: 'other' }], { columns })
    }
    const [row] = await rows(`SELECT * FROM ${table}`)
    expect(Object.values(row)).toEqual(['1', 'b', 'other', expect.any(Date)])
  })

  it("refuses the bad records of a page with PostgreSQL's words and writes the others", async () => {
    const columns = [column('id', 'text'), column('day', 'date')]
    const page: DataRecord[] = Array.from({ length: 50 }, (_, index) => ({
      id: `${index}`,
      day: '2026-02-28',
    }))
    page[7] = { id: '7', day: '2026-02-30' }
    page[31] = { id: '31', day: '2026-13-01' }
    page[40] = { id: null, day: '2026-02-28' }
    const result = await writeAll(page, { columns })
    expect(result.written).toBe(47)
    expect(result.refused.map((refusal) => refusal.index).sort((a, b) => a - b)).toEqual([7, 31, 40])
    const message = (index: number) => result.refused.find((refusal) => refusal.index === index)?.message
    expect(message(7)).toContain('date/time field value out of range: "2026-02-30" (column day)')
    expect(message(40)).toContain('has no id')
    expect(await rows(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 47 }])
  })

  it('numbers records without a key, so that a repeated page adds nothing', async () => {
    const options = { columns: [column('name', 'text')], key: null, ordered: true }
    const first = await writeAll([{ name: 'a' }, { name: 'a' }], options)
    const page = [{ name: 'b' }, { name: 'b' }]
    await writeAll(page, { ...options, resume: first.state })
    await writeAll(page, { ...options, resume: first.state })
    expect(await rows(`SELECT name FROM ${table} ORDER BY _latchwork_row`)).toEqual(
      ['a', 'a', 'b', 'b'].map((name) => ({ name })),
    )
    const other = await writeAll([{ name: 'c' }], { ...options, round: 'flow_0000000000000000000001:2' })
    // Every run that is not the continuation of another adds them, and says so.
    expect(other).toMatchObject({ written: 1, created: 1 })
    expect(await rows(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 5 }])
  })

  it.each<[Json]>([['start'], [{}], [{ records: '5' }], [{ records: -1 }], [[]], [7]])(
    'refuses the state %j, which it never wrote, before it makes a table',
    async (resume) => {
      await expect(openWriter({ resume })).rejects.toMatchObject({ code: 'checkpoint_unreadable' })
      expect(await rows(`SELECT 1 FROM information_schema.tables WHERE table_name = '${table}'`)).toEqual([])
    },
  )

  it('connects again when the connection was cut, and loses nothing', async () => {
    const writer = await openWriter()
    await writer.write([{ id: '1', name: 'one' }])
    await database.client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchwork' AND datname = current_database()",
    )
    await writer.write([{ id: '2', name: 'two' }])
    await writer.close()
    expect(await rows(`SELECT id FROM ${table} ORDER BY id`)).toEqual([{ id: '1' }, { id: '2' }])
  })

  it('lets two runs make and fill the same table at once', async () => {
    const page = Array.from({ length: 200 }, (_, index) => ({ id: `${index}`, name: 'x' }))
    const results = await Promise.all([
      writeAll(page),
      writeAll([...page].reverse(), { runId: 'run_0000000000000000000002' }),
    ])
    expect(results.map((result) => result.written)).toEqual([200, 200])
    expect(await rows(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 200 }])
  })

  it('says what is wrong with the target', async () => {
    await database.client.query(`CREATE TABLE ${table} (id text, name text)`)
    await expect(openWriter()).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('its column id is not unique'),
    })
    await database.client.query(`CREATE VIEW ${table}_view AS SELECT 1 AS id`)
    await expect(openWriter({}, { table: `${table}_view` })).rejects.toMatchObject({
      message: expect.stringContaining('is not a table'),
    })
    for (const config of [{ table: 'x'.repeat(64) }, { schema: 'pg_catalog' }]) {
      await expect(openWriter({}, config)).rejects.toMatchObject({ code: 'invalid_input' })
    }
  })

  it('says which right the user lacks', async () => {
    await database.client.query("CREATE SCHEMA closed; CREATE ROLE lw_limited LOGIN PASSWORD 'limited-pw'")
    const credential = database.credential({ user: 'lw_limited', password: 'limited-pw' })
    const open = (schema: string) => openStreamWriter(postgres, { schema, table }, credential, testContext())
    await expect(open('nowhere')).rejects.toMatchObject({
      ...{ code: 'invalid_input', errors: [{ field: 'schema' }] },
      message: expect.stringContaining(
        'schema nowhere does not exist in the database, and the database user',
      ),
    })
    await expect(open('closed')).rejects.toMatchObject({
      code: 'account_refused',
      message: expect.stringContaining('permission denied for schema closed'),
    })
    await database.client.query('DROP ROLE lw_limited')
  })
})

describe('labels', () => {
  it('are kept fresh in the comments of columns, and a run without the right to is not kept from writing', async () => {
    const labelled = (label: string) => [column('id', 'text'), column('custom.cf_1', 'text', label)]
    const comment = async () => {
      const { rows } = await database.client.query('SELECT col_description($1::regclass, 2) AS comment', [
        table,
      ])
      return rows[0]?.comment
    }
    await writeAll([{ id: '1', 'custom.cf_1': 'x' }], { columns: labelled('Segment') })
    expect(await comment()).toBe('Segment')
    await writeAll([{ id: '1', 'custom.cf_1': 'x' }], { columns: labelled("Customer's segment") })
    expect(await comment()).toBe("Customer's segment")
    await database.client.query(
      `CREATE ROLE lw_writer LOGIN PASSWORD 'writer-pw'; GRANT SELECT, INSERT, UPDATE ON ${table} TO lw_writer`,
    )
    const writer = await openStreamWriter(
      postgres,
      { schema: 'public', table },
      database.credential({ user: 'lw_writer', password: 'writer-pw' }),
      testContext(),
      { columns: labelled('Other') },
    )
    expect(await writer.write([{ id: '2', 'custom.cf_1': 'y' }])).toMatchObject({ written: 1 })
    await writer.close()
    expect(await comment()).toBe("Customer's segment")
    await database.client.query('DROP OWNED BY lw_writer; DROP ROLE lw_writer')
  })
})
