import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWorker } from '../../src/commands/worker.ts'
import { makePostgresPlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { closeCredential, endOf, fileText, idsOf, makeFlow, parseLines } from './moving.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

/** So long, at most, until a killed worker is replaced. */
const replacedMs = 15_000
const leads = 1500
let place: WithClose
const workers: WorkerProcess[] = []
beforeAll(async () => {
  place = await startWithClose({ leads, makePlace: makePostgresPlace, settings: { runsAtOnce: 0 } })
})
afterAll(async () => {
  for (const worker of workers) await worker.end('SIGKILL')
  await place.stop()
})

async function beginWorker(): Promise<WorkerProcess> {
  const worker = await startWorker(place.server.settings)
  workers.push(worker)
  await expect.poll(() => worker.health('ready'), { timeout: 30_000 }).toBe(200)
  return worker
}

it('shares the queue among workers, and replaces one that is killed in the middle of a run', async () => {
  const { sandbox, server, person } = place
  const { client } = person
  const flowId = await makeFlow(
    client,
    {
      connector: 'close',
      credentialId: await closeCredential(client, sandbox),
      config: { object: 'leads' },
    },
    { connector: 'files', credentialId: null, config: { file: 'leads.jsonl' } },
  )
  const { id } = await client.flows.run({ params: { id: flowId } })
  const get = () => client.runs.get({ params: { id } })
  sandbox.control.setLatency(200)
  const first = await beginWorker()
  expect(await first.health('live')).toBe(200)
  expect(await first.health('api/credentials')).toBe(404)
  await expect
    .poll(async () => (await get()).recordsWritten, { timeout: 25_000, interval: 50 })
    .toBeGreaterThan(0)
  // It stays in the middle until it is killed.
  sandbox.control.setLatency(60_000)
  const second = await beginWorker()
  expect(await get()).toMatchObject({ status: 'running', resumes: 0 })
  await first.end('SIGKILL')
  sandbox.control.setLatency(0)
  await expect.poll(async () => (await get()).resumes, { timeout: replacedMs }).toBe(1)
  expect(await endOf(client, id)).toMatchObject({ status: 'succeeded', recordsWritten: leads, resumes: 1 })
  const lines = parseLines(await fileText(person, server.url, 'leads.jsonl'))
  const truth = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
  expect(idsOf(lines)).toEqual(idsOf(truth))
  expect(await second.end('SIGTERM')).toBe(0)
}, 120_000)

it('is refused on SQLite, which serves one process', async () => {
  const { settings } = place.server
  await expect(openWorker({ ...settings, databaseUrl: null }, [])).rejects.toMatchObject({
    code: 'settings_invalid',
    message: expect.stringContaining('SQLite serves one process'),
  })
})

it.each([['--port', '1'], ['--health-port', '0'], ['now']])(
  'refuses what it does not know: %s',
  async (...args) => {
    await expect(openWorker(place.server.settings, args)).rejects.toMatchObject({ code: 'invalid_input' })
  },
)
