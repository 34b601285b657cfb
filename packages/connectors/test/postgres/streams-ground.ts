import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Destination, StreamPlan, StreamWriter } from '../../src/index.ts'
import { postgres, testContext, type WriterOptions, writerOptions } from '../context.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

/** A PostgreSQL destination for the tests of a file, with a schema of its own for each of them. */
export function streamsGround() {
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
      return sweeps ? (await writer.sweep?.(null, () => true))?.deleted : undefined
    } finally {
      await writer.close()
    }
  }

  /** The rows that are there, those of deleted records in brackets. */
  async function keys(table = 'leads'): Promise<string[]> {
    const found = await rows(
      `SELECT id, to_jsonb(t) ->> '_deleted_at' AS deleted FROM ${table} t ORDER BY id`,
    )
    return found.map(({ id, deleted }) => (deleted === null ? id : `(${id})`))
  }

  return {
    get database() {
      return database
    },
    get schema() {
      return schema
    },
    ...{ rows, openDestination, open, openIn, run, keys },
  }
}
