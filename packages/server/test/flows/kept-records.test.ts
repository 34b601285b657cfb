import { newId } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Running, startRunning } from '../running.ts'
import { newEnd, newFlow } from '../stores/samples.ts'

let sandbox: Sandbox
let server: Running
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 0 })
  server = await startRunning(sandbox)
})
afterAll(async () => {
  await server?.stop()
  await sandbox?.close()
})

const dayMs = 86_400_000
const progress = { recordsRead: 1, recordsWritten: 0, recordsRefused: 1, pages: 1, checkpoint: null }
const refused = [{ key: null, record: { name: 'Wren' }, code: 'record_refused', message: 'no' }]

/** A run that ended so long ago, with a refused record and a last one. */
async function ended(daysAgo: number): Promise<string> {
  const { ends, flows, runs, database } = server.app.stores
  const ownerId = newId('user')
  const source = await ends.insert(newEnd({ kind: 'source', ownerId }))
  const destination = await ends.insert(newEnd({ kind: 'destination', ownerId }))
  const flow = await flows.insert(newFlow(source.id, destination.id, { ownerId }))
  const { id } = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
  await runs.start(id, null)
  await runs.saveProgress(id, progress, refused, [{ name: 'Wren' }])
  await runs.finish(id, 'succeeded', null, null)
  const finishedAt = Date.now() - daysAgo * dayMs
  await database.tables.updateTable('runs').set({ finishedAt }).where('id', '=', id).execute()
  return id
}

it('#61 records that were kept to be looked at are erased by the server, thirty days after their run', async () => {
  const { runs } = server.app.stores
  const [old, young] = [await ended(30.1), await ended(29.9)]
  await server.app.tick(new AbortController().signal)
  const kept = async (id: string) => {
    const { total } = await runs.quarantine(id, { query: '', limit: 1 })
    return { refused: total, last: (await runs.lastRecords(id)).records.length }
  }
  expect(await kept(old)).toEqual({ refused: 0, last: 0 })
  expect(await kept(young)).toEqual({ refused: 1, last: 1 })
})
