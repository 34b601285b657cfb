import { randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, Run } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { Client as Database } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Place, postgresPlace } from '../../../../tools/test-databases/place.ts'
import { KilledServer } from './killed-server.ts'
import { closeCredential, endOf, fileText, idsOf, makeFlow, parseLines } from './moving.ts'

const serverUrl = process.env['LATCHWORK_TEST_POSTGRES_URL'] ?? ''
/** Servers are started again and again, which takes its time on a busy machine. */
const timeout = 120_000
const databaseName = `latchwork_kill_${randomBytes(6).toString('hex')}`
let sandbox: Sandbox
let maintenance: Database
let database: Database
beforeAll(async () => {
  maintenance = new Database({ connectionString: serverUrl })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${databaseName}`)
  const url = Object.assign(new URL(serverUrl), { pathname: `/${databaseName}` })
  database = new Database({ connectionString: url.href })
  await database.connect()
})
afterAll(async () => {
  await database.end()
  await maintenance.query(`DROP DATABASE ${databaseName} WITH (FORCE)`)
  await maintenance.end()
})

const truth = () => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')

/** Begins a run, kills the server each time some records more are written, and sees the run through. */
async function runThroughKills(
  server: KilledServer,
  client: Client,
  flowId: string,
  kills: number,
): Promise<Run> {
  let current = client
  const { id } = await current.flows.run({ params: { id: flowId } })
  for (let kill = 0, seen = 0; kill < kills; kill += 1) {
    await expect
      .poll(
        async () => {
          const run = await current.runs.get({ params: { id } })
          expect(run.finishedAt).toBeNull()
          const moved = run.recordsWritten > seen
          if (moved) seen = run.recordsWritten
          return moved
        },
        { timeout: 25_000, interval: 50 },
      )
      .toBe(true)
    await server.kill()
    current = await server.start()
  }
  sandbox.control.setLatency(0)
  const run = await endOf(current, id)
  expect(run.resumes).toBe(kills)
  return run
}

/** Close to a file, with the server killed on the way. */
async function moveToFile(server: KilledServer, client: Client, kills: number): Promise<void> {
  sandbox.control.setLatency(60)
  const credentialId = await closeCredential(client, sandbox)
  const flowId = await makeFlow(
    client,
    { connector: 'close', credentialId, config: { object: 'leads' } },
    { connector: 'files', credentialId: null, config: { file: 'leads.jsonl' } },
  )
  const run = await runThroughKills(server, client, flowId, kills)
  expect(run).toMatchObject({ status: 'succeeded', recordsRead: 1500, recordsWritten: 1500 })
  if (server.browser === null) throw new Error('the server was not started')
  const text = await fileText(server.browser, server.url, 'leads.jsonl')
  expect(idsOf(parseLines(text))).toEqual(idsOf(truth()))
  expect(await readdir(join(server.dataDir, 'files'))).toEqual(['leads.jsonl'])
}

describe.each([
  ['SQLite', null, 2],
  ['PostgreSQL', postgresPlace, 1],
] as const)('a run whose server on %s is killed', (name, makePlace, kills) => {
  let place: Place | null = null
  let server: KilledServer
  let client: Client
  beforeAll(async () => {
    sandbox = await startSandbox({ leads: 1500 })
    place = (await makePlace?.()) ?? null
    server = new KilledServer(place?.databaseUrl ?? null, sandbox.apiUrl)
    client = await server.start()
  })
  afterAll(async () => {
    await server?.erase()
    await place?.remove()
    await sandbox?.close()
  })

  it('loses and doubles no record in a file', { timeout }, async () => {
    await moveToFile(server, client, kills)
    client = server.browser?.client ?? client
  })

  it('loses and doubles no record in a PostgreSQL table', { timeout }, async () => {
    sandbox.control.setLatency(60)
    const { items } = await client.credentials.list({ query: { connector: 'close' } })
    const { hostname, port, username, password } = new URL(serverUrl)
    const target = await client.credentials.create({
      body: {
        connector: 'postgres',
        method: 'password',
        name: 'Warehouse',
        values: {
          host: hostname,
          port: port === '' ? '5432' : port,
          database: databaseName,
          user: decodeURIComponent(username),
          password: decodeURIComponent(password) || 'none',
          tls: 'disable',
        },
      },
    })
    const flowId = await makeFlow(
      client,
      { connector: 'close', credentialId: items[0]?.id ?? '', config: { object: 'leads' } },
      { connector: 'postgres', credentialId: target.id, config: { schema: 'public', table: name } },
    )
    const run = await runThroughKills(server, client, flowId, 1)
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: 1500, recordsRefused: 0 })
    const { rows } = await database.query(`SELECT id, name FROM "${name}"`)
    const names = (records: readonly Record<string, unknown>[]) =>
      records.map((record) => `${record['id']} ${record['name']}`).sort()
    expect(names(rows)).toEqual(names(truth()))
    client = server.browser?.client ?? client
  })

  it('loses and doubles no record in Close', { timeout }, async () => {
    const known = new Set(idsOf(truth()))
    const words = Array.from({ length: 560 }, (_, index) => `Killed ${index}`)
    const lines = words.map((name) => JSON.stringify({ name }))
    await writeFile(join(server.dataDir, 'files', 'in.jsonl'), lines.join('\n'))
    sandbox.control.setLatency(10)
    const { items } = await client.credentials.list({ query: { connector: 'close' } })
    const mapping = JSON.stringify([{ from: 'name', to: 'name' }])
    const flowId = await makeFlow(
      client,
      { connector: 'files', credentialId: null, config: { file: 'in.jsonl' } },
      {
        connector: 'close',
        credentialId: items[0]?.id ?? '',
        config: { object: 'leads', mode: 'create', mapping },
      },
    )
    const { id } = await client.flows.run({ params: { id: flowId } })
    const sent = () =>
      sandbox.control
        .requests()
        .filter(({ method, path }) => method === 'POST' && path.startsWith('/api/v1/lead/')).length
    // In the middle of a page, with requests on their way.
    await expect.poll(sent, { timeout: 25_000, interval: 20 }).toBeGreaterThan(40)
    await server.kill()
    await server.start()
    await expect.poll(sent, { timeout: 60_000, interval: 20 }).toBeGreaterThan(520)
    await server.kill()
    sandbox.control.setLatency(0)
    const run = await endOf(await server.start(), id)
    expect(run).toMatchObject({ status: 'succeeded', recordsWritten: 560, recordsRefused: 0, resumes: 2 })
    const made = truth().filter((lead) => !known.has(String(lead['id'])))
    expect(made.map((lead) => lead['name']).sort()).toEqual([...words].sort())
  })
})
