import type { Column, DataRecord } from '@latchwork/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CredentialAccess, Dataset, PlannedPreview } from '../../src/index.ts'
import { openStreamWriter, postgres, testContext } from '../context.ts'
import { createTestDatabase, newTable, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let table = ''
beforeEach(() => {
  table = newTable('previewed')
})

const column = (name: string, type: Column['type'] = 'text', label = name): Column => ({ name, label, type })
const make = (columns: string) => database.client.query(`CREATE TABLE ${table} (${columns})`)

async function preview(
  records: readonly DataRecord[],
  columns: readonly Column[],
  parts: Partial<Dataset> = {},
  credential: CredentialAccess = database.credential(),
): Promise<PlannedPreview> {
  const dataset = { columns: [column('id'), ...columns], records, key: 'id', ordered: true, ...parts }
  const found = await postgres.preview?.({ schema: 'public', table }, credential, testContext(), dataset)
  if (found === undefined) throw new Error('the PostgreSQL connector has no preview')
  return found
}

/** What a run refuses: its messages by the index of the record. */
async function refusedByRun(records: readonly DataRecord[], columns: readonly Column[]) {
  const writer = await openStreamWriter(
    postgres,
    { schema: 'public', table },
    database.credential(),
    testContext(),
    { columns: [column('id'), ...columns] },
  )
  const result = await writer.write(records)
  await writer.close()
  return new Map(result.refused.map(({ index, message }) => [index, message]))
}

const refused = ({ rows }: PlannedPreview) =>
  new Map(rows.flatMap(({ action, message }, index) => (action === 'refuse' ? [[index, message]] : [])))

/** Everything that a preview must leave as it was. */
async function catalogue(): Promise<unknown> {
  const { rows } = await database.client.query(
    `SELECT c.relname, c.xmin::text, a.attname, format_type(a.atttypid, a.atttypmod), a.xmin::text AS attribute
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 3`,
  )
  return rows
}

describe('the preview of a table', () => {
  it.each([
    ['longer than the column', 'varchar(5)', 'far too long', /value too long.*\(column Seats\)/],
    ['out of the range of the column', 'numeric(4,2)', '1234.5', /numeric field overflow.*\(column Seats\)/],
    ['no day of the calendar', 'date', '2026-02-30', /out of range: "2026-02-30" \(column Seats\)/],
    [
      'none of an enumeration',
      'mood',
      'angry',
      /invalid input value for enum mood: "angry" \(column Seats\)/,
    ],
    ['empty where nothing may be', 'text NOT NULL', null, /violates not-null constraint \(column Seats\)/],
    ['against a rule of the table', 'integer CHECK (v > 0)', '-1', /violates check constraint/],
    [
      'no number for a column that has a view',
      'integer',
      'many',
      /“many” does not fit .* Seats, which is int/,
    ],
  ])('refuses a value that is %s, in the words of the run', async (_, type, bad, rule) => {
    if (type === 'mood') await database.client.query("CREATE TYPE mood AS ENUM ('calm', 'glad')")
    const good = { date: '2026-02-28', mood: 'glad' }[type] ?? '7'
    await make(`id text PRIMARY KEY, v ${type}`)
    await database.client.query(`CREATE VIEW ${table}_view AS SELECT v FROM ${table}`)
    const columns = [column('v', 'text', 'Seats')]
    const records = [
      { id: '1', v: good },
      { id: '2', v: bad },
      { id: '3', v: good },
    ]
    const before = await catalogue()
    const shown = await preview(records, columns)
    expect(await catalogue()).toEqual(before)
    expect((await database.client.query(`SELECT 1 FROM ${table}`)).rows).toEqual([])
    expect(refused(shown)).toEqual(new Map([[1, expect.stringMatching(rule)]]))
    expect(shown.rows.map(({ after }) => after)).toEqual([records[0], null, records[2]])
    expect(refused(shown)).toEqual(await refusedByRun(records, columns))
  })

  it('refuses a table that wants a column which the source has not, as a run does', async () => {
    await make('id text PRIMARY KEY, owner text NOT NULL')
    const refusal = {
      code: 'invalid_input',
      message: expect.stringMatching(/wants a value in its column owner .* the records have none/),
    }
    await expect(preview([{ id: '1' }], [])).rejects.toMatchObject(refusal)
    await expect(refusedByRun([{ id: '1' }], [])).rejects.toMatchObject(refusal)
  })

  it('says which column becomes wider, and for which value', async () => {
    await make('id text PRIMARY KEY, v integer')
    const records = [
      { id: '1', v: '12' },
      { id: '2', v: 'many' },
    ]
    const { rows } = await preview(records, [column('v', 'text', 'Seats')])
    expect(rows.map(({ action, message }) => [action, message])).toEqual([
      ['write', null],
      ['write', "The column Seats becomes text first: it is integer, which can't hold “many”."],
    ])
    expect(await catalogue()).toContainEqual(
      expect.objectContaining({ attname: 'v', format_type: 'integer' }),
    )
  })

  it('widens no column of a table that belongs to somebody else, as the run', async () => {
    await make('id text PRIMARY KEY, v integer')
    await database.client.query(
      `CREATE ROLE lw_guest LOGIN PASSWORD 'guest-pw'; GRANT SELECT, INSERT, UPDATE ON ${table} TO lw_guest`,
    )
    const guest = database.credential({ user: 'lw_guest', password: 'guest-pw' })
    try {
      const shown = await preview([{ id: '1', v: 'many' }], [column('v')], {}, guest)
      expect(refused(shown).get(0)).toContain('must be owner of table')
      // A column that is missing can't be added either, which ends a run.
      await expect(preview([{ id: '1', w: 'x' }], [column('w')], {}, guest)).rejects.toMatchObject({
        code: 'account_refused',
        message: expect.stringContaining(`must be owner of table ${table}`),
      })
      await database.client.query(`REVOKE UPDATE ON ${table} FROM lw_guest`)
      await expect(preview([{ id: '1', v: '1' }], [column('v')], {}, guest)).rejects.toMatchObject({
        code: 'account_refused',
        message: expect.stringContaining(`permission denied for table ${table}`),
      })
    } finally {
      await database.client.query('DROP OWNED BY lw_guest; DROP ROLE lw_guest')
    }
  })

  it('makes no table where there is none, and refuses what has no key', async () => {
    const records = [{ id: '1', name: 'A' }, { id: null, name: 'B' }, { name: 'C' }]
    const { rows } = await preview(records, [column('name')])
    expect(rows.map(({ action, after }) => [action, after])).toEqual([
      ['write', { id: '1', name: 'A' }],
      ['refuse', null],
      ['refuse', null],
    ])
    expect(rows[1]?.message).toContain('has no id')
    const found = await database.client.query('SELECT to_regclass($1) AS found', [table])
    expect(found.rows).toEqual([{ found: null }])
  })

  it('takes records without a key in an order, and refuses the form where there is none', async () => {
    const records = [{ id: null, name: 'B' }]
    const parts = { key: null, columns: [column('id'), column('name')] }
    expect((await preview(records, [], parts)).rows).toMatchObject([
      { action: 'write', after: { name: 'B' } },
    ])
    await expect(preview(records, [], { ...parts, ordered: false })).rejects.toThrow(
      'could not be told apart',
    )
  })

  it('says what is wrong with the target, as a run does', async () => {
    await make('id text, name text')
    await expect(preview([{ id: '1' }], [])).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('its column id is not unique'),
    })
  })
})

describe('the preview of a table that has rows and references', () => {
  const columns = [column('v', 'text', 'Code'), column('owner', 'text', 'Owner')]
  const records = [
    { id: '1', v: 'free', owner: 'ada' },
    { id: '2', v: 'taken', owner: 'ada' },
    { id: '3', v: 'other', owner: 'nobody' },
    { id: '4', v: 'changed', owner: 'ada' },
  ]
  /** A row that is there has a value which must be unique, and owners are those of another table. */
  const makeReferring = async (reference = '') => {
    await make('name text PRIMARY KEY')
    await database.client.query(`ALTER TABLE ${table} RENAME TO ${table}_owners`)
    await database.client.query(`INSERT INTO ${table}_owners VALUES ('ada')`)
    await make(
      `id text PRIMARY KEY, v text UNIQUE, owner text REFERENCES ${table}_owners (name) ${reference}, n serial`,
    )
    await database.client.query(`INSERT INTO ${table} VALUES ('4', 'old', 'ada'), ('9', 'taken', 'ada')`)
  }
  const rowsThere = async () => (await database.client.query(`SELECT * FROM ${table} ORDER BY id`)).rows

  it.each([
    ['at once', ''],
    ['when a transaction ends', 'DEFERRABLE INITIALLY DEFERRED'],
  ])('refuses what they refuse %s, in the words of the run, and changes nothing', async (_, reference) => {
    await makeReferring(reference)
    const before = [await catalogue(), await rowsThere()]
    const shown = await preview(records, columns)
    expect([await catalogue(), await rowsThere()]).toEqual(before)
    expect(shown.notes).toEqual([])
    expect(refused(shown)).toEqual(
      new Map([
        [1, expect.stringMatching(/duplicate key value violates unique constraint/)],
        [2, expect.stringMatching(/violates foreign key constraint/)],
      ]),
    )
    expect(refused(shown)).toEqual(await refusedByRun(records, columns))
  })

  it('tries them too where a column is to be added, and where values need a wider one', async () => {
    await makeReferring()
    await database.client.query(`ALTER TABLE ${table} ADD COLUMN seats integer`)
    const more = [...columns, column('seats', 'text', 'Seats'), column('extra')]
    const wide = records.map((record, index) => ({
      ...record,
      seats: index === 0 ? 'many' : '7',
      extra: 'x',
    }))
    const shown = await preview(wide, more)
    expect([...refused(shown).keys()]).toEqual([1, 2])
    expect(shown.rows[0]?.message).toContain('The column Seats becomes text first')
  })

  it.each([
    ['triggers', 'The table has triggers'],
    ['rules', 'The table has rules'],
    ['references to itself', 'refer to one another'],
    ['changes that are passed on', 'is passed on to other tables'],
  ])('says that it does not try them where there are %s', async (what, note) => {
    await makeReferring()
    const { client } = database
    if (what === 'triggers') {
      await client.query(
        `CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
         CREATE TRIGGER refusing BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_all()`,
      )
    } else if (what === 'rules') {
      await client.query(`CREATE RULE told AS ON DELETE TO ${table} DO ALSO NOTIFY told`)
    } else if (what === 'references to itself') {
      await client.query(`ALTER TABLE ${table} ADD COLUMN parent text REFERENCES ${table} (id)`)
    } else {
      await client.query(`CREATE TABLE ${table}_on (v text REFERENCES ${table} (v) ON UPDATE CASCADE)`)
    }
    const shown = await preview(records, columns)
    expect(shown.notes).toEqual([expect.stringContaining(note)])
    expect([...refused(shown).keys()]).toEqual([])
  })

  it('does not wait for somebody who changes a row: it says so', async () => {
    await makeReferring()
    await database.client.query('BEGIN')
    try {
      await database.client.query(`UPDATE ${table} SET v = 'mine' WHERE id = '4'`)
      const shown = await preview(records, columns)
      expect(shown.notes).toEqual([expect.stringContaining('Somebody else was changing the table')])
    } finally {
      await database.client.query('ROLLBACK')
    }
  })
})
