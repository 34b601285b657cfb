import type { Column } from '@latchwork/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Destination, StreamPlan, StreamWriter } from '../../src/index.ts'
import { postgres, testContext, type WriterOptions, writerOptions } from '../context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let schema = ''
let counter = 0
beforeEach(async () => {
  counter += 1
  schema = `streams_${counter}`
  await database.client.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`)
})

const rows = async (text: string) => (await database.client.query(text)).rows
const column = (name: string, type: Column['type'] = 'text'): Column => ({ name, label: name, type })

async function openDestination(table = ''): Promise<Destination> {
  const opening = postgres.openDestination?.(
    { schema, table },
    database.credential(),
    testContext(),
    writerOptions(),
  )
  if (opening === undefined) throw new Error('the PostgreSQL connector has no destination')
  return opening
}

async function open(plan: Partial<StreamPlan> = {}, table = 'leads'): Promise<StreamWriter> {
  const destination = await openDestination(table)
  return destination.open(writerOptions(plan), new AbortController().signal)
}

const openIn = (destination: Destination, plan: Partial<WriterOptions>) =>
  destination.open(writerOptions(plan), new AbortController().signal)

/** A run of one stream: what it writes, and what its end makes of the rest. */
async function run(
  plan: Partial<StreamPlan>,
  records: readonly string[],
  deleted: readonly string[] = [],
  sweeps = false,
): Promise<number | undefined> {
  const writer = await open(plan)
  try {
    await writer.write({ records: records.map((id) => ({ id, name: id })), deleted })
    return sweeps ? (await writer.sweep?.(null))?.deleted : undefined
  } finally {
    await writer.close()
  }
}

/** The rows that are there, those of deleted records in brackets. */
async function keys(table = 'leads'): Promise<string[]> {
  const found = await rows(`SELECT id, to_jsonb(t) ->> '_deleted_at' AS deleted FROM ${table} t ORDER BY id`)
  return found.map(({ id, deleted }) => (deleted === null ? id : `(${id})`))
}

describe('the streams of a run', () => {
  it('have a table each, named as people would write it, and are written side by side', async () => {
    const destination = await openDestination()
    const names = ['leads', 'Custom activity: Onboarding Call', 'LeadStatuses', 'select', 'Müller & Söhne']
    const writers = await Promise.all(
      names.map((name) => openIn(destination, { stream: name, target: name === 'leads' ? null : name })),
    )
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let batch = 0; batch < 3; batch += 1) {
          await writer.write({ records: [{ id: `${index}-${batch}`, name: 'x' }] })
        }
        await writer.finish()
        await writer.close()
      }),
    )
    await destination.close()
    const tables = ['leads', 'custom_activity_onboarding_call', 'lead_statuses', 'select', 'müller_söhne']
    const found = await rows(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${schema}'`,
    )
    expect(found.map(({ name }) => name).sort()).toEqual([...tables].sort())
    for (const [index, table] of tables.entries()) {
      expect(await keys(`"${table}"`)).toEqual([`${index}-0`, `${index}-1`, `${index}-2`])
    }
  })

  it('keep long names apart that begin alike', async () => {
    const destination = await openDestination()
    const long = 'a name that is far too long for a table of PostgreSQL, since it goes on and on '
    for (const target of [`${long}one`, `${long}two`]) {
      await (await openIn(destination, { stream: target, target })).close()
    }
    const found = await rows(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${schema}'`,
    )
    expect(found).toHaveLength(2)
    for (const { name } of found) expect(name).toMatch(/^a_name_that_is_far_too_long_[a-z_]*_[\da-f]{8}$/)
  })

  it('are refused where two of them would have one table', async () => {
    const destination = await openDestination()
    const beside = [
      { stream: 'one', target: 'Leads' },
      { stream: 'other', target: 'leads' },
      { stream: 'third', target: null },
    ]
    for (const plan of beside.slice(0, 2)) {
      await expect(openIn(destination, { ...plan, beside })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('would both be written to leads'),
      })
    }
    await (await openIn(destination, { stream: 'third', target: null, beside })).close()
    expect(
      await rows(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${schema}'`),
    ).toEqual([{ table_name: 'third' }])
  })

  it('have their own names where nobody gives them others, and the form is for an only one', async () => {
    const destination = await openDestination('all')
    await (await openIn(destination, { stream: 'alone', target: null })).close()
    const beside = ['Tasks', 'users'].map((stream) => ({ stream, target: null }))
    for (const plan of beside) await (await openIn(destination, { ...plan, beside })).close()
    const found = await rows(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${schema}'`,
    )
    expect(found.map(({ name }) => name).sort()).toEqual(['all', 'tasks', 'users'])
    // Also where it does not know of the other.
    await expect(openIn(destination, { stream: 'another', target: null })).rejects.toMatchObject({
      message: expect.stringContaining('would both be written to all'),
    })
  })

  it.each([
    ['pg_class', "is one of PostgreSQL's own"],
    ['PG Stats', "is one of PostgreSQL's own"],
    ['???', 'has no letter and no digit'],
  ])('are refused where one is called %s', async (target, reason) => {
    await expect(open({ target })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(reason),
    })
  })
})

describe('when a row was written', () => {
  it('stands in _synced_at, and nothing else is new to a flow of before', async () => {
    await database.client.query(
      `CREATE TABLE leads (id text PRIMARY KEY, name text); INSERT INTO leads VALUES ('old', 'o')`,
    )
    await run({}, ['a', 'b'])
    const [before] = await rows(`SELECT _synced_at AS at FROM leads WHERE id = 'a'`)
    await run({}, ['a'])
    expect(
      await rows(`SELECT id, _synced_at > '${before.at.toISOString()}' AS later, _synced_at IS NULL AS never
                  FROM leads ORDER BY id`),
    ).toEqual([
      { id: 'a', later: true, never: false },
      { id: 'b', later: expect.any(Boolean), never: false },
      { id: 'old', later: null, never: true },
    ])
    expect(
      await rows(`SELECT column_name AS name, data_type AS type FROM information_schema.columns
                  WHERE table_schema = '${schema}' ORDER BY ordinal_position`),
    ).toEqual([
      { name: 'id', type: 'text' },
      { name: 'name', type: 'text' },
      { name: '_synced_at', type: 'timestamp with time zone' },
    ])
    // Nobody asked for deletions.
    expect(await run({}, [], ['a'], true)).toBeUndefined()
    expect(await keys()).toEqual(['a', 'b', 'old'])
  })

  it('is not told where the table has a column of that name that somebody else has made', async () => {
    const moment = '2020-01-01T00:00:00.000Z'
    await database.client.query(
      `CREATE TABLE leads (id text PRIMARY KEY, name text, _synced_at timestamptz, _deleted_at timestamptz);
       INSERT INTO leads VALUES ('a', 'o', '${moment}', '${moment}')`,
    )
    await run({}, ['a'])
    expect(await rows('SELECT name, _synced_at, _deleted_at FROM leads')).toEqual([
      { name: 'a', _synced_at: new Date(moment), _deleted_at: new Date(moment) },
    ])
    await database.client.query('ALTER TABLE leads ALTER _synced_at TYPE text')
    await run({}, ['a'])
    for (const deletions of ['mark', 'remove'] as const) {
      await expect(open({ deletions })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringMatching(
          /column _synced_at of streams_\d+\.leads, but the table has .* is text/,
        ),
      })
    }
  })

  it('is not told where the records have a column of that name', async () => {
    const columns = [column('id'), column('name'), column('_deleted_at')]
    const writer = await open({ columns })
    await writer.write({ records: [{ id: 'a', name: 'a', _deleted_at: 'their own' }] })
    await writer.close()
    expect(await rows('SELECT _deleted_at FROM leads')).toEqual([{ _deleted_at: 'their own' }])
    await expect(open({ columns, deletions: 'mark' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('the records have a column of that name'),
    })
  })

  it('is not told in a table to which no column may be added, unless deletions are followed', async () => {
    await database.client.query(
      `CREATE TABLE leads (id text PRIMARY KEY, name text); CREATE ROLE lw_plain LOGIN PASSWORD 'plain-pw';
       GRANT USAGE ON SCHEMA ${schema} TO lw_plain; GRANT SELECT, INSERT, UPDATE ON leads TO lw_plain`,
    )
    try {
      const opening = (plan: Partial<StreamPlan>) =>
        postgres
          .openDestination?.(
            { schema, table: 'leads' },
            database.credential({ user: 'lw_plain', password: 'plain-pw' }),
            testContext(),
            writerOptions(),
          )
          .then((destination) => openIn(destination, plan))
      const writer = await opening({})
      expect(await writer?.write({ records: [{ id: 'a', name: 'a' }] })).toMatchObject({ written: 1 })
      await writer?.close()
      await expect(opening({ deletions: 'mark' })).rejects.toMatchObject({
        code: 'account_refused',
        message: expect.stringContaining('must be owner of table leads'),
      })
      await database.client.query('ALTER TABLE leads ADD COLUMN _synced_at timestamptz')
      await expect(opening({ deletions: 'remove' })).rejects.toMatchObject({
        code: 'account_refused',
        message: expect.stringContaining('permission denied for table leads'),
      })
    } finally {
      await database.client.query('DROP OWNED BY lw_plain; DROP ROLE lw_plain')
    }
  })
})

describe('deleted records', () => {
  it('are marked, and are there again when they come again', async () => {
    await run({ deletions: 'mark' }, ['a', 'b', 'c'])
    await run({ deletions: 'mark' }, ['d'], ['a', 'c', 'unknown'])
    expect(await keys()).toEqual(['(a)', 'b', '(c)', 'd'])
    const marked = () => rows(`SELECT _deleted_at AS at FROM leads WHERE id = 'c'`)
    const first = await marked()
    await run({ deletions: 'mark' }, ['a'], ['c'])
    expect(await keys()).toEqual(['a', 'b', '(c)', 'd'])
    expect(await marked()).toEqual(first)
    // Also for a flow that leaves them by now.
    await run({ deletions: 'leave' }, ['c'], ['b'])
    expect(await keys()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are removed', async () => {
    await run({ deletions: 'remove' }, ['a', 'b', 'c'])
    await run({ deletions: 'remove' }, ['d'], ['a', 'c', 'unknown', 'n\0ul'])
    expect(await keys()).toEqual(['b', 'd'])
  })

  it('are found whatever type their key has in the table', async () => {
    await database.client.query('CREATE TABLE leads (id integer PRIMARY KEY, name text)')
    await run({ deletions: 'mark' }, ['1', '2'])
    await run({ deletions: 'mark' }, [], ['2', 'no number'])
    expect(await keys()).toEqual([1, '(2)'])
  })

  it('are counted as written, with the records of their batch', async () => {
    const writer = await open({ deletions: 'mark' })
    expect(await writer.write({ records: [{ id: 'a' }, { name: 'no id' }], deleted: ['b'] })).toMatchObject({
      written: 2,
      refused: [{ index: 1 }],
    })
    await writer.close()
  })
})

describe('what a full run has not seen', () => {
  it.each([
    ['mark', ['a', '(b)', '(c)'], 2],
    ['remove', ['a'], 2],
  ] as const)('is gone: %s', async (deletions, left, count) => {
    await run({ deletions }, ['a', 'b', 'c'])
    expect(await run({ deletions }, ['a'], [], true)).toBe(count)
    expect(await keys()).toEqual(left)
    expect(await run({ deletions }, ['a'], [], true)).toBe(0)
    expect(await run({ deletions }, ['a', 'b', 'c'], [], true)).toBe(0)
    expect(await keys()).toEqual(['a', 'b', 'c'])
  })

  it('is told from what the same run wrote before it was taken up again', async () => {
    await run({ deletions: 'remove' }, ['gone', 'a', 'b'])
    const first = await open({ deletions: 'remove' })
    const { state } = await first.write({ records: [{ id: 'a', name: 'new' }] })
    await first.close()
    const second = await open({ deletions: 'remove', resume: state })
    expect(second.state).toBeUndefined()
    await second.write({ records: [{ id: 'b', name: 'new' }] })
    expect(await second.sweep?.(null)).toMatchObject({ deleted: 1, state: { records: 2 } })
    await second.close()
    expect(await keys()).toEqual(['a', 'b'])
  })

  it('is told before anything is written, so that the beginning is not forgotten', async () => {
    const writer = await open({ deletions: 'mark' })
    expect(writer.state).toEqual({
      records: 0,
      empty: true,
      begun: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{6}Z$/),
    })
    await writer.close()
    const left = await open()
    expect(left.state).toBeUndefined()
    await left.close()
  })

  it('is nothing of what this run has written, though the clock was set back meanwhile', async () => {
    await run({ deletions: 'remove' }, ['gone'])
    const writer = await open({
      deletions: 'remove',
      resume: { records: 0, begun: '2999-01-01T00:00:00.000000Z' },
    })
    await writer.write({ records: [{ id: 'a' }] })
    expect(await writer.sweep?.(null)).toMatchObject({ deleted: 1 })
    await writer.close()
    expect(await keys()).toEqual(['a'])
  })

  it('is marked, but never removed, where nobody knows when it was written', async () => {
    const make = `CREATE TABLE leads (id text PRIMARY KEY, name text); INSERT INTO leads VALUES ('old', 'o')`
    await database.client.query(make)
    expect(await run({ deletions: 'remove' }, ['a'], [], true)).toBe(0)
    expect(await keys()).toEqual(['a', 'old'])
    expect(await run({ deletions: 'mark' }, ['a'], [], true)).toBe(1)
    expect(await keys()).toEqual(['a', '(old)'])
  })

  it('is what is not among the keys that there are', async () => {
    async function* existing(...all: readonly string[][]): AsyncGenerator<string[]> {
      yield* all
    }
    await run({ deletions: 'mark' }, ['a', 'b', 'c', 'd'])
    const writer = await open({ deletions: 'mark' })
    await writer.write({ records: [{ id: 'new' }], deleted: ['d'] })
    expect(await writer.sweep?.(existing(['x', 'b'], ['b', 'd']))).toMatchObject({
      deleted: 2,
      state: { records: 1, begun: expect.any(String) },
    })
    expect(await keys()).toEqual(['(a)', 'b', '(c)', '(d)', 'new'])
    async function* failing(): AsyncGenerator<string[]> {
      yield ['a']
      throw new Error('Close is away')
    }
    await expect(writer.sweep?.(failing())).rejects.toThrow('Close is away')
    expect(await keys()).toEqual(['(a)', 'b', '(c)', '(d)', 'new'])
    await writer.close()
  })

  it('is nothing in a table that was empty, for which nobody is asked', async () => {
    const writer = await open({ deletions: 'mark' })
    await writer.write({ records: [{ id: 'a' }] })
    async function* unasked(): AsyncGenerator<string[]> {
      yield []
      throw new Error('asked')
    }
    expect(await writer.sweep?.(unasked())).toMatchObject({ deleted: 0 })
    await writer.close()
  })

  it('is changed some rows at a time, however many there are', async () => {
    await run({ deletions: 'mark' }, ['a'])
    await database.client.query(
      `INSERT INTO leads (id, _synced_at) SELECT 'x' || n, '2020-01-01' FROM generate_series(1, 12001) n`,
    )
    const transactions = async () =>
      (await rows(`SELECT count(DISTINCT xmin::text)::int AS n FROM leads WHERE _deleted_at IS NOT NULL`))[0]
        .n
    expect(await run({ deletions: 'mark' }, ['a'], [], true)).toBe(12_001)
    expect(await transactions()).toBe(3)
    expect(await run({ deletions: 'remove' }, ['a', 'b'], [], true)).toBe(12_001)
    expect(await keys()).toEqual(['a', 'b'])
  })

  it('is not looked for among records without a key', async () => {
    const writer = await open({ key: null, deletions: 'remove' })
    expect(writer.sweep).toBeUndefined()
    await writer.close()
  })

  it('stays where another process has taken the run up', async () => {
    await run({ deletions: 'remove' }, ['gone'])
    const hold = () => Promise.reject(new Error('taken up by another'))
    const writer = await openIn(await openDestination('leads'), { deletions: 'remove', hold })
    await expect(writer.sweep?.(null)).rejects.toThrow('taken up by another')
    await writer.close()
    expect(await keys()).toEqual(['gone'])
  })
})
