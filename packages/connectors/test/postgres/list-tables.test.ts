import { describe, expect, it } from 'vitest'
import type { StreamPlan } from '../../src/index.ts'
import { streamsGround } from './streams-ground.ts'

const ground = streamsGround()
const { rows, open, openDestination, openIn } = ground

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
  {
    ...{ name: 'custom.cf_1', label: 'Colours', type: 'json', as: 'colours' },
    items: [{ name: 'value', label: 'Value', type: 'text' }],
  },
  { name: 'other', label: 'Other', type: 'json' },
]
const plan: Partial<StreamPlan> = { columns, lists: 'tables', deletions: 'mark' }

async function write(
  more: Partial<StreamPlan>,
  records: readonly Record<string, unknown>[],
  deleted: readonly string[] = [],
  sweeps = false,
) {
  const writer = await open({ ...plan, ...more })
  try {
    const result = await writer.write({ records: [...records], deleted })
    if (sweeps) await writer.sweep?.(null, () => true)
    return result
  } finally {
    await writer.close()
  }
}

/** Items as `record/position: city floor`, those of deleted records in brackets. */
async function addresses(): Promise<string[]> {
  const found = await rows('SELECT * FROM leads_addresses ORDER BY _parent_id, _position')
  return found.map(({ _parent_id, _position, city, floor, _deleted_at }) => {
    const text = `${_parent_id}/${_position}: ${city} ${floor}`
    return _deleted_at == null ? text : `(${text})`
  })
}

const home = { id: 'a', name: 'Ada', addresses: [{ city: 'Rome', floor: 2 }, { city: 'Bern' }] }
const other = { id: 'b', addresses: [{ city: 'Oslo', floor: 1 }], 'custom.cf_1': ['red', 'blue'] }

describe('lists in tables of their own', () => {
  it('have a row for each item, with typed columns and what else it has, and none in the records', async () => {
    const unusual = { id: 'c', addresses: [{ city: 'Kyiv', zip: '1', at: { x: 1 } }, 'loose'], other: [1] }
    const { refused } = await write({}, [home, other, unusual])
    expect(refused).toEqual([])
    expect(await addresses()).toEqual([
      ...['a/0: Rome 2', 'a/1: Bern null', 'b/0: Oslo 1', 'c/0: Kyiv null', 'c/1: null null'],
    ])
    expect(
      await rows(`SELECT _more FROM leads_addresses WHERE _more IS NOT NULL ORDER BY _position`),
    ).toEqual([{ _more: { zip: '1', at: { x: 1 } } }, { _more: 'loose' }])
    expect(await rows('SELECT _parent_id, _position, value FROM leads_colours ORDER BY 2')).toEqual([
      { _parent_id: 'b', _position: 0, value: 'red' },
      { _parent_id: 'b', _position: 1, value: 'blue' },
    ])
    const made = await rows(
      `SELECT attrelid::regclass::text AS of, attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attnum > 0 AND attrelid IN ('leads'::regclass, 'leads_addresses'::regclass) ORDER BY attrelid, attnum`,
    )
    expect(made.map(({ of, name, type }) => `${of}.${name} ${type}`)).toEqual([
      ...['leads.id text', 'leads.name text', 'leads.other jsonb'],
      ...['leads._synced_at timestamp with time zone', 'leads._deleted_at timestamp with time zone'],
      ...[
        'leads_addresses._parent_id text',
        'leads_addresses._position integer',
        'leads_addresses.city text',
      ],
      ...['leads_addresses.floor numeric', 'leads_addresses._more jsonb'],
      'leads_addresses._synced_at timestamp with time zone',
      'leads_addresses._deleted_at timestamp with time zone',
    ])
    expect(await rows('SELECT FROM leads_addresses WHERE _synced_at IS NULL')).toEqual([])
    expect(await rows('SELECT * FROM leads l JOIN leads_addresses a ON a._parent_id = l.id')).toHaveLength(5)
  })

  it('are replaced with their record, which stays whole when a page is written again', async () => {
    for (const _ of ['first', 'again']) await write({}, [home, other])
    expect(await addresses()).toEqual(['a/0: Rome 2', 'a/1: Bern null', 'b/0: Oslo 1'])
    const moved = { id: 'a', addresses: [{ city: 'Lima', floor: 7 }] }
    // The last of two of one key is the one that stays.
    await write({}, [home, { id: 'b', addresses: [] }, moved])
    expect(await addresses()).toEqual(['a/0: Lima 7'])
  })

  it.each([
    [
      'mark',
      ['(a/0: Rome 2)', '(a/1: Bern null)', 'b/0: Oslo 1'],
      ['(a/0: Rome 2)', '(a/1: Bern null)', '(b/0: Oslo 1)'],
    ],
    ['remove', ['b/0: Oslo 1'], []],
    [
      'leave',
      ['a/0: Rome 2', 'a/1: Bern null', 'b/0: Oslo 1'],
      ['a/0: Rome 2', 'a/1: Bern null', 'b/0: Oslo 1'],
    ],
  ] as const)('go with a deleted record, told or found by a full run: %s', async (deletions, told, swept) => {
    await write({ deletions }, [home, other])
    await write({ deletions, changes: true }, [], ['a'])
    expect(await addresses()).toEqual(told)
    await write({ deletions }, [{ id: 'new' }], [], true)
    expect(await addresses()).toEqual(swept)
    await write({ deletions }, [home, other])
    expect(await addresses()).toEqual(['a/0: Rome 2', 'a/1: Bern null', 'b/0: Oslo 1'])
  })

  it('are written with all of a record or none: an item that is refused refuses its record', async () => {
    await write({}, [home])
    await ground.database.client.query('ALTER TABLE leads_addresses ADD CHECK (floor < 100)')
    const high = {
      id: 'high',
      addresses: [
        { city: 'Ulm', floor: 3 },
        { city: 'Sky', floor: 100 },
      ],
    }
    const result = await write({}, [{ ...home, addresses: [] }, high, other])
    expect(result).toMatchObject({
      written: 2,
      refused: [{ index: 1, message: expect.stringContaining('check') }],
    })
    expect(await addresses()).toEqual(['b/0: Oslo 1'])
    expect(await rows('SELECT id FROM leads ORDER BY id')).toEqual([{ id: 'a' }, { id: 'b' }])
  })

  it.each([
    ['remove', ['b/0: Oslo 1']],
    ['mark', ['(a/0: Rome 2)', '(a/1: Bern null)', 'b/0: Oslo 1']],
  ] as const)(
    'lose what a record had that went while they were in their columns (%s)',
    async (deletions, left) => {
      await write({ deletions }, [home, other])
      const apart = await open({ columns, deletions })
      await apart.write({ records: [other], deleted: ['a'] })
      await apart.close()
      await write({ deletions }, [other], [], true)
      expect(await addresses()).toEqual(left)
    },
  )

  it('get wider columns, and new ones', async () => {
    await write({}, [home])
    const { notices } = await write({}, [{ ...home, addresses: [{ city: 'Rome', floor: 'ground' }] }])
    expect(notices).toMatchObject([{ code: 'column_widened', column: 'floor' }])
    expect(await addresses()).toEqual(['a/0: Rome ground'])
    const [, , list] = columns
    const wider = columns.map((column) =>
      column === list
        ? { ...list, items: [...(list.items ?? []), { name: 'zip', label: 'Zip', type: 'text' } as const] }
        : column,
    )
    await write({ columns: wider }, [{ ...home, addresses: [{ zip: '00184' }] }])
    expect(await rows('SELECT zip, _more FROM leads_addresses')).toEqual([{ zip: '00184', _more: null }])
  })

  it('take the type of their record’s key, and a column that is there already goes on', async () => {
    await ground.database.client.query(
      'CREATE TABLE leads (id integer PRIMARY KEY, addresses jsonb, _synced_at timestamptz)',
    )
    await write({}, [{ id: 7, addresses: [{ city: 'Rome' }] }])
    expect(await rows('SELECT pg_typeof(_parent_id)::text AS type FROM leads_addresses')).toEqual([
      { type: 'integer' },
    ])
    expect(await rows('SELECT addresses FROM leads')).toEqual([{ addresses: [{ city: 'Rome' }] }])
  })

  it('are called otherwise once their column is', async () => {
    await write({}, [other])
    const renamed = columns.map((column) =>
      column.as === 'colours' ? { ...column, as: 'paints', was: ['colours'] } : column,
    )
    await write({ columns: renamed }, [{ id: 'c', 'custom.cf_1': ['green'] }])
    expect(await rows('SELECT _parent_id, value FROM leads_paints ORDER BY 1, 2')).toEqual([
      { _parent_id: 'b', value: 'blue' },
      { _parent_id: 'b', value: 'red' },
      { _parent_id: 'c', value: 'green' },
    ])
    expect(await rows("SELECT to_regclass('leads_colours') AS there")).toEqual([{ there: null }])
  })

  it('of records without a key belong to the row that each of them has', async () => {
    await write({ key: null, ordered: true }, [
      { addresses: [{ city: 'Rome' }] },
      { addresses: [{ city: 'Oslo' }] },
    ])
    const found = await rows(
      'SELECT city FROM leads JOIN leads_addresses a ON a._parent_id = leads._latchwork_row ORDER BY city',
    )
    expect(found).toEqual([{ city: 'Oslo' }, { city: 'Rome' }])
  })
})

describe('the table of a list', () => {
  it('has a name that fits, and that no two lists share', async () => {
    const long = 'x'.repeat(60)
    const many = ['one', 'two'].map((end) => ({
      ...{ name: `${long}${end}`, label: end, type: 'json' as const },
      items: [{ name: 'value', label: 'Value', type: 'text' as const }],
    }))
    await write({ columns: [{ name: 'id', label: 'Id', type: 'text' }, ...many] }, [
      { id: 'a', [`${long}one`]: [1], [`${long}two`]: [2] },
    ])
    const made = await rows(
      `SELECT relname AS name FROM pg_class WHERE relname LIKE 'leads\\_x%' AND relkind = 'r' ORDER BY 1`,
    )
    expect(made).toHaveLength(2)
  })

  it('of another stream, or of somebody else, is refused before anything is written', async () => {
    const destination = await openDestination()
    await expect(
      openIn(destination, {
        ...plan,
        ...{
          stream: 'leads',
          target: null,
          beside: [
            { stream: 'leads_addresses', target: null },
            { stream: 'leads', target: null },
          ],
        },
      }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(
        /list Addresses of leads .*leads_addresses.*which is the table of another stream/,
      ),
    })
    await destination.close()
    await ground.database.client.query('CREATE TABLE leads_colours (id text PRIMARY KEY)')
    await expect(write({}, [home])).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/leads_colours exists, but has no column _parent_id/),
    })
    expect(await rows("SELECT to_regclass('leads') AS there")).toEqual([{ there: null }])
  })
})
