import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StreamPlan } from '../../src/index.ts'
import { postgres, testContext, writerOptions } from '../context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { startTransactionPooler, type TransactionPooler } from './transaction-pooler.ts'

let database: TestDatabase
let pooler: TransactionPooler
beforeAll(async () => {
  database = await createTestDatabase()
  pooler = await startTransactionPooler(database.url)
})
afterAll(async () => {
  await pooler.stop()
  await database.drop()
})

const credential = () => database.credential({ host: '127.0.0.1', port: String(pooler.port) })

describe('through a transaction pooler', () => {
  it('a session keeps nothing from one transaction to the next', async () => {
    const url = new URL(database.url)
    url.hostname = '127.0.0.1'
    url.port = String(pooler.port)
    const client = new Client({ connectionString: url.href })
    await client.connect()
    await client.query("SET latchwork.note = 'here'; CREATE TEMPORARY TABLE kept (id text)")
    const found = await client.query(
      "SELECT current_setting('latchwork.note', true) AS note, to_regclass('kept') AS kept",
    )
    expect(found.rows).toEqual([{ note: null, kept: null }])
    await client.end()
  })

  it('a run writes, widens, marks, compares and previews as without', async () => {
    const destination = await postgres.openDestination?.(
      // Made by the run.
      { schema: 'pooled', table: '' },
      credential(),
      testContext(),
      writerOptions(),
    )
    if (destination === undefined) throw new Error('the PostgreSQL connector has no destination')
    const columns: StreamPlan['columns'] = [
      { name: 'id', label: 'Id', type: 'text' },
      { name: 'n', label: 'Number', type: 'number' },
      { name: 'day', label: 'Day', type: 'date' },
      {
        ...{ name: 'tags', label: 'Tags', type: 'json' },
        items: [{ name: 'value', label: 'Value', type: 'number' }],
      },
    ]
    const run = async (stream: string, ids: readonly number[]) => {
      const plan = writerOptions({ stream, target: stream, columns, deletions: 'mark', lists: 'tables' })
      const writer = await destination.open(plan, new AbortController().signal)
      for (const id of ids) {
        const record = { id: `${id}`, n: id === 3 ? 'three' : id, day: '2026-02-28', tags: [id, `no. ${id}`] }
        const bad = { id: 'bad', n: 1, day: '2026-02-30' }
        expect(await writer.write({ records: [bad, record], deleted: [`${id - 1}`] })).toMatchObject({
          ...{ written: 1, deleted: expect.any(Number) },
          refused: [{ index: 0 }],
        })
      }
      const swept = await writer.sweep?.(null, () => true)
      await writer.close()
      return swept?.deleted
    }
    expect(await Promise.all(['one', 'other'].map((stream) => run(stream, [1, 2, 3])))).toEqual([0, 0])
    expect(await run('one', [9])).toBe(1)
    await destination.close()
    const { rows } = await database.client.query(
      'SELECT id, n, day::text, _deleted_at IS NULL AS there FROM pooled.one ORDER BY id',
    )
    const day = '2026-02-28'
    expect(rows).toEqual([
      { id: '1', n: '1', day, there: false },
      { id: '2', n: '2', day, there: false },
      { id: '3', n: 'three', day, there: false },
      { id: '9', n: '9', day, there: true },
    ])
    const items = await database.client.query(
      `SELECT string_agg(value, ', ' ORDER BY _parent_id, _position) AS all,
              bool_and((_deleted_at IS NULL) = (_parent_id = '9')) AS marked FROM pooled.one_tags`,
    )
    expect(items.rows).toEqual([{ all: '1, no. 1, 2, no. 2, 3, no. 3, 9, no. 9', marked: true }])
    const records = [{ id: '1', n: 1, day: '2026-02-30' }]
    const dataset = { columns, records, key: 'id', ordered: true }
    const preview = await postgres.preview?.(
      { schema: 'pooled', table: 'one' },
      credential(),
      testContext(),
      dataset,
    )
    expect(preview?.rows).toMatchObject([{ action: 'refuse' }])
    expect(pooler.switches()).toBeGreaterThan(20)
  })
})
