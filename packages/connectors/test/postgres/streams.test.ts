import type { Column } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import type { StreamPlan } from '../../src/index.ts'
import { postgres, testContext, writerOptions } from '../context.ts'
import { streamsGround } from './streams-ground.ts'

const ground = streamsGround()
const { rows, openDestination, open, openIn, run, keys } = ground
const column = (name: string, type: Column['type'] = 'text'): Column => ({ name, label: name, type })

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
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${ground.schema}'`,
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
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${ground.schema}'`,
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
      await rows(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${ground.schema}'`),
    ).toEqual([{ table_name: 'third' }])
  })

  it('have their own names where nobody gives them others, and the form is for an only one', async () => {
    const destination = await openDestination('all')
    await (await openIn(destination, { stream: 'alone', target: null })).close()
    const beside = ['Tasks', 'users'].map((stream) => ({ stream, target: null }))
    for (const plan of beside) await (await openIn(destination, { ...plan, beside })).close()
    const found = await rows(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${ground.schema}'`,
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
    await ground.database.client.query(
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
                  WHERE table_schema = '${ground.schema}' ORDER BY ordinal_position`),
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
    await ground.database.client.query(
      `CREATE TABLE leads (id text PRIMARY KEY, name text, _synced_at timestamptz, _deleted_at timestamptz);
       INSERT INTO leads VALUES ('a', 'o', '${moment}', '${moment}')`,
    )
    await run({}, ['a'])
    expect(await rows('SELECT name, _synced_at, _deleted_at FROM leads')).toEqual([
      { name: 'a', _synced_at: new Date(moment), _deleted_at: new Date(moment) },
    ])
    await ground.database.client.query('ALTER TABLE leads ALTER _synced_at TYPE text')
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
    await ground.database.client.query(
      `CREATE TABLE leads (id text PRIMARY KEY, name text); CREATE ROLE lw_plain LOGIN PASSWORD 'plain-pw';
       GRANT USAGE ON SCHEMA ${ground.schema} TO lw_plain; GRANT SELECT, INSERT, UPDATE ON leads TO lw_plain`,
    )
    try {
      const opening = (plan: Partial<StreamPlan>) =>
        postgres
          .openDestination?.(
            { schema: ground.schema, table: 'leads' },
            ground.database.credential({ user: 'lw_plain', password: 'plain-pw' }),
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
      await ground.database.client.query('ALTER TABLE leads ADD COLUMN _synced_at timestamptz')
      await expect(opening({ deletions: 'remove' })).rejects.toMatchObject({
        code: 'account_refused',
        message: expect.stringContaining('permission denied for table leads'),
      })
    } finally {
      await ground.database.client.query('DROP OWNED BY lw_plain; DROP ROLE lw_plain')
    }
  })
})
