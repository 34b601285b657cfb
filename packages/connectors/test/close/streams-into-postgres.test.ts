import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { streamRows } from '../../src/close/streams.ts'
import { openStreamWriter, postgres, testContext } from '../context.ts'
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts'
import { batchesOf, idsOf, openStream } from './stream-reading.ts'

let sandbox: Sandbox
let database: TestDatabase
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 60 })
  const [lead] = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
  const id = String(lead?.['id'])
  sandbox.control.edit({ type: 'lead', id, changes: { description: 'changed' } })
  // Too rare for so few leads.
  const type = 'lead_merge'
  sandbox.control.insert({ type, record: { lead_id: id, source_lead_id: id, merge_status: 'completed' } })
  database = await createTestDatabase()
})
afterAll(async () => {
  await sandbox.close()
  await database.drop()
})

it.each(streamRows.map(({ name }) => name))(
  '%s fits into a PostgreSQL table, each record once',
  async (name) => {
    const reader = await openStream(sandbox, name)
    const { columns, key, ordered } = reader
    const config = { schema: 'public', table: name }
    const options = { stream: name, columns, key, ordered }
    const writer = await openStreamWriter(postgres, config, database.credential(), testContext(), options)
    const records = (await batchesOf(reader)).flatMap((batch) => batch.records)
    // As after a crash: the same again.
    for (const _ of ['first', 'again']) {
      const { refused } = await writer.write(records)
      expect(refused).toEqual([])
    }
    await writer.close()
    const { rows } = await database.client.query(`SELECT id FROM public."${name}"`)
    expect(rows.length).toBeGreaterThan(0)
    expect(idsOf(rows)).toEqual(idsOf(records))
  },
)
