import { randomBytes } from 'node:crypto'
import { awayOf, type DataRecord } from '@latchwork/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStreamWriter, postgres, testContext, type WriterOptions } from '../context.ts'
import { createTestDatabase, newTable, type TestDatabase } from './database.ts'

/* What becomes of a table while a flow writes to it. */

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let table = ''
beforeEach(() => {
  table = newTable('troubled')
})

const openWriter = (options: Partial<WriterOptions> = {}) =>
  openStreamWriter(postgres, { schema: 'public', table }, database.credential(), testContext(), options)

async function writeAll(records: readonly DataRecord[], options: Partial<WriterOptions> = {}) {
  const writer = await openWriter(options)
  try {
    return await writer.write(records)
  } finally {
    await writer.close()
  }
}

const rows = async (text: string) => (await database.client.query(text)).rows

describe('a table that was written to', () => {
  it.each<[string, Partial<WriterOptions>, string]>([
    ['in the middle of a run', { resume: { records: 2 } }, 'This run has written records to it'],
    ['between two runs of which the second reads changes', { changes: true }, 'only what has changed'],
  ])('is not made again without the records of before where it was removed %s', async (_, options, why) => {
    await writeAll([{ id: '1' }, { id: '2' }])
    await writeAll([{ id: '3' }], options)
    await database.client.query(`DROP TABLE ${table}`)
    await expect(writeAll([{ id: '4' }], options)).rejects.toMatchObject({
      code: 'destination_gone',
      message: expect.stringContaining(why),
    })
    expect(await rows(`SELECT to_regclass('${table}') AS found`)).toEqual([{ found: null }])
  })

  it('is not made again where it was removed together with the connection', async () => {
    const writer = await openWriter()
    await writer.write([{ id: '1' }])
    await database.client.query(`DROP TABLE ${table}`)
    await database.client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchwork' AND datname = current_database()",
    )
    await expect(writer.write([{ id: '2' }])).rejects.toMatchObject({ code: 'destination_gone' })
    await writer.close()
  })

  it('refuses alone what a trigger refuses, and what is too long for an index', async () => {
    // Too long also where it is compressed.
    const long = randomBytes(9_000).toString('base64')
    await writeAll([{ id: '1', name: 'one' }])
    await database.client.query(
      `CREATE INDEX ON ${table} (name);
       CREATE FUNCTION no_fours() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.id = '4' THEN RAISE EXCEPTION 'four is not allowed here'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER no_fours BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION no_fours()`,
    )
    const page = ['2', '3', '4', '5'].map((id) => ({
      id,
      name: id === '3' ? long : 'fits',
    }))
    expect(await writeAll(page)).toMatchObject({
      written: 2,
      refused: [
        { index: 1, message: expect.stringMatching(/^index row (requires|size)/) },
        { index: 2, message: 'four is not allowed here' },
      ],
    })
    expect(await rows(`SELECT id FROM ${table} ORDER BY id`)).toEqual([{ id: '1' }, { id: '2' }, { id: '5' }])
  })

  it.each([
    ['only reads, after a failover or with a full disk', 'default_transaction_read_only = on'],
    ['waits too long for a lock', "lock_timeout = '200ms'"],
  ])('is waited for while the server %s', { timeout: 30_000 }, async (_, setting) => {
    await writeAll([{ id: '1', name: 'one' }])
    const writer = await openWriter({ resume: { records: 1 } })
    await database.client.query(
      `ALTER DATABASE ${database.name} SET ${setting};
       SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchwork' AND datname = current_database()`,
    )
    await database.client.query(`BEGIN; LOCK TABLE ${table} IN EXCLUSIVE MODE`)
    try {
      const error = await writer.write([{ id: '2', name: 'two' }]).catch((each: unknown) => each)
      expect(awayOf(error), String(error)).not.toBeNull()
    } finally {
      await database.client.query('ROLLBACK')
      await database.client.query(`ALTER DATABASE ${database.name} RESET ALL`)
    }
    await writer.close()
    expect(await writeAll([{ id: '2', name: 'two' }], { resume: { records: 1 } })).toMatchObject({
      written: 1,
    })
  })
})
