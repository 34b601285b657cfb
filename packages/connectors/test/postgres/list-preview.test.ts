import { describe, expect, it } from 'vitest'
import type { Dataset, StreamPlan } from '../../src/index.ts'
import { postgres, testContext } from '../context.ts'
import { streamsGround } from './streams-ground.ts'

const ground = streamsGround()
const { rows, open } = ground

const columns: StreamPlan['columns'] = [
  { name: 'id', label: 'Id', type: 'text' },
  { name: 'name', label: 'Name', type: 'text' },
  {
    ...{ name: 'addresses', label: 'Addresses', type: 'json' },
    items: [
      { name: 'city', label: 'City', type: 'text' },
      { name: 'floor', label: 'Floor', type: 'number' },
    ],
  },
]
const plan: Partial<StreamPlan> = { columns, lists: 'tables', deletions: 'mark' }
const home = { id: 'a', name: 'Ada', addresses: [{ city: 'Rome', floor: 2 }, { city: 'Bern' }] }
const make = (sql: string) => ground.database.client.query(sql)

async function preview(records: Dataset['records']) {
  const dataset = { ...plan, columns, records, key: 'id', ordered: true, stream: 'leads' }
  const place = { schema: ground.schema, table: '' }
  const found = await postgres.preview?.(place, ground.database.credential(), testContext(), dataset)
  if (found === undefined) throw new Error('the PostgreSQL connector has no preview')
  return found
}

const refusedOf = ({ rows: shown }: Awaited<ReturnType<typeof preview>>) =>
  new Map(shown.flatMap(({ action, message }, at) => (action === 'refuse' ? [[at, message]] : [])))

async function refusedByRun(records: Dataset['records']) {
  const writer = await open({ ...plan, stream: 'leads' })
  const { refused } = await writer.write({ records })
  await writer.close()
  return new Map(refused.map(({ index, message }) => [index, message]))
}

describe('the preview of a stream whose lists have tables', () => {
  it('tries its rows, tells what a run makes, and makes nothing', async () => {
    await make('CREATE TABLE leads (id text PRIMARY KEY, name varchar(5))')
    const found = await preview([home, { id: 'b', name: 'too long', addresses: [{ city: 'Bern' }] }])
    expect(found.notes).toEqual([`A run makes the table ${ground.schema}.leads_addresses.`])
    expect(found.rows.map(({ action }) => action)).toEqual(['write', 'refuse'])
    expect(await rows("SELECT to_regclass('leads_addresses') AS there")).toEqual([{ there: null }])
  })

  it.each([
    ['refers to another table', 'REFERENCES cities (name)', 'violates foreign key constraint'],
    [
      'refers to another table at the end of a transaction',
      'REFERENCES cities (name) DEFERRABLE INITIALLY DEFERRED',
      'violates foreign key constraint',
    ],
    ['is found in an item of another record', 'UNIQUE', 'duplicate key value'],
    ['is too long', 'CHECK (length(city) < 7)', 'violates check constraint'],
  ])('refuses a record with an item that %s, in the words of the run', async (_, rule, words) => {
    await make(`CREATE TABLE cities (name text PRIMARY KEY); INSERT INTO cities VALUES ('Rome'), ('Bern'), ('Oslo');
      CREATE TABLE leads (id text PRIMARY KEY, name text);
      CREATE TABLE leads_addresses (_parent_id text, _position integer, city text ${rule}, PRIMARY KEY (_parent_id, _position));
      INSERT INTO leads VALUES ('a'), ('z');
      INSERT INTO leads_addresses VALUES ('a', 0, 'Bern'), ('z', 0, '${rule === 'UNIQUE' ? 'Atlantis' : 'Oslo'}')`)
    const before = await rows('SELECT * FROM leads_addresses ORDER BY 1, 2')
    // Its own items of before are replaced, so they stand in nobody's way.
    const records = [home, { id: 'b', addresses: [{ city: 'Atlantis' }] }, { id: 'c', addresses: [] }]
    const shown = await preview(records)
    expect(await rows('SELECT * FROM leads_addresses ORDER BY 1, 2')).toEqual(before)
    expect(refusedOf(shown)).toEqual(new Map([[1, expect.stringContaining(words)]]))
    expect(shown.notes).toEqual([])
    expect(refusedOf(shown)).toEqual(await refusedByRun(records))
  })

  it('says which column of a list becomes wider, and for which value', async () => {
    await make(`CREATE TABLE leads (id text PRIMARY KEY, name text);
      CREATE TABLE leads_addresses (_parent_id text, _position integer, floor integer)`)
    const shown = await preview([home, { id: 'b', addresses: [{ floor: 1 }, { floor: 'attic' }] }])
    expect(shown.rows.map(({ action, message }) => [action, message])).toEqual([
      ['write', null],
      ['write', "Addresses: The column Floor becomes text first: it is integer, which can't hold “attic”."],
    ])
  })

  it('says that it does not try the items where their table has triggers', async () => {
    await make(`CREATE TABLE leads (id text PRIMARY KEY, name text);
      CREATE TABLE leads_addresses (_parent_id text, _position integer);
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
      CREATE TRIGGER refusing BEFORE INSERT ON leads_addresses FOR EACH ROW EXECUTE FUNCTION refuse()`)
    const shown = await preview([home])
    expect([...refusedOf(shown)]).toEqual([])
    expect(shown.notes).toEqual([expect.stringContaining('The table of the list Addresses has triggers')])
  })

  it('tries the items that other tables hold: a run removes them', async () => {
    await make(`CREATE TABLE leads (id text PRIMARY KEY, name text); INSERT INTO leads VALUES ('a');
      CREATE TABLE leads_addresses (_parent_id text, _position integer, city text UNIQUE);
      INSERT INTO leads_addresses VALUES ('a', 0, 'Oslo');
      CREATE TABLE visits (city text REFERENCES leads_addresses (city)); INSERT INTO visits VALUES ('Oslo')`)
    const shown = await preview([home])
    expect(refusedOf(shown)).toEqual(
      new Map([[0, expect.stringContaining('violates foreign key constraint')]]),
    )
    expect(refusedOf(shown)).toEqual(await refusedByRun([home]))
  })
})
